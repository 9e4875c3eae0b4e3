"""A person sees to what somebody wrote: whose it is, and what was done about it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import replies
from pathways.models import Reminder, Reply
from pathways.queries import threads
from pathways.queries.replies import waiting
from pathways.rules.replies import Handling, ReplyEffect
from patients.models import ContactConsent, Suppression
from tests.factories import clinic, patients
from tests.factories.patients import NOW
from tests.factories.replies import MINUTE, OTHER_PHONE, PHONE, asked_to_call, gone, reminded, somebody, two, wrote

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.FRONT_DESK], sites=[site])


@pytest.fixture
def books(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])


def refused(**given: object) -> str:
    with pytest.raises(Refused) as no:
        replies.handle(now=NOW, **({"handling": Handling.CALLED} | given))  # type: ignore[arg-type]
    return no.value.code


def test_what_was_done_is_kept_with_who_and_when(site: Site, by: Actor, books: Actor) -> None:
    somebody(site, books)
    row = wrote("Call me please")
    done = replies.handle(
        by=by, now=NOW, reply_id=row.public_id, handling=Handling.CALLED, note="They come\non Friday."
    )
    assert (done.handling, done.handling_note, done.handled_by, done.handled_at) == (
        "called",
        "They come on Friday.",
        by,
        NOW,
    )
    assert list(waiting(site, by)) == []
    entry = AuditEntry.objects.get(action="reply.handle")
    assert (entry.actor, entry.details) == (by, {"handling": "called"})


def test_what_somebody_has_seen_to_is_not_seen_to_again(site: Site, by: Actor, books: Actor) -> None:
    somebody(site, books)
    row = wrote("Call me please")
    assert refused(by=by, reply_id=row.public_id, expected_version=row.version + 1) == "stale"
    replies.handle(by=by, now=NOW, reply_id=row.public_id, handling=Handling.CALLED, expected_version=row.version)
    assert refused(by=by, reply_id=row.public_id) == "reply_handled"


def test_what_waits_for_nobody_cannot_be_seen_to(site: Site, by: Actor, books: Actor) -> None:
    somebody(site, books)
    assert refused(by=by, reply_id=wrote("STOP").public_id) == "reply_handled"


@pytest.mark.parametrize("given", [{"handling": Handling.ASKED_TO_CALL}, {"note": "x" * 301}, {"note": "a\x00"}])
def test_what_cannot_be_kept_is_refused(site: Site, by: Actor, books: Actor, given: dict[str, object]) -> None:
    somebody(site, books)
    assert refused(by=by, reply_id=wrote("Call me").public_id, **given) == "bad_input"


def test_another_sites_replies_are_not_there(site: Site, books: Actor) -> None:
    somebody(site, books)
    known, unknown = wrote("Call me"), wrote("Call me", address=OTHER_PHONE)
    stranger = clinic.actor(roles=[Role.SUPERVISOR], sites=[clinic.site()])
    for row in (known, unknown):
        assert refused(by=stranger, reply_id=row.public_id) == "not_found"
        with pytest.raises(Refused, match="not_found"):
            replies.assign(by=stranger, now=NOW, reply_id=row.public_id, patient_id=uuid4())
    assert list(waiting(site, stranger)) == []


def test_who_may_only_read_does_not_see_to_it(site: Site, books: Actor) -> None:
    somebody(site, books)
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])
    assert refused(by=manager, reply_id=wrote("Call me").public_id) == "forbidden"


# Whose it is


def test_a_yes_confirms_for_the_one_a_person_says_wrote_it(site: Site, by: Actor, books: Actor) -> None:
    first, second = two(site, books)
    places = {each.pk: reminded(each, books) for each in (first, second)}
    row = wrote("Yes")
    kept = replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=second.public_id)
    for place in places.values():
        place.refresh_from_db()
    assert (kept.patient, kept.effect, kept.needs_person) == (second, ReplyEffect.CONFIRMED, False)
    assert (places[first.pk].confirmed_at, places[second.pk].confirmed_by) == (None, row.received_by)
    assert list(waiting(site, by)) == []


def test_a_yes_to_a_contact_answers_it_once_it_is_known_whose_it_is(site: Site, by: Actor, books: Actor) -> None:
    first, second = two(site, books)
    contact = asked_to_call(first, books)
    asked_to_call(second, books)
    row = wrote("Yes")
    before = contact.act_at
    replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=first.public_id)
    contact.refresh_from_db()
    assert (contact.act_at < before, contact.outcome) == (True, "")


def test_start_begins_again_for_the_one_alone(site: Site, by: Actor, books: Actor) -> None:
    first, second = two(site, books)
    wrote("STOP")
    row = wrote("START")
    replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=first.public_id)
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()
    newest = {each.patient_id: each.given for each in ContactConsent.objects.order_by("effective_at", "pk")}
    assert newest == {first.pk: True, second.pk: False}


def test_a_stop_from_a_shared_number_closes_the_channel_for_the_one_who_wrote(
    site: Site, by: Actor, books: Actor
) -> None:
    first, _ = two(site, books)
    row = wrote("STOP")
    replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=first.public_id)
    closed = set(Suppression.objects.filter(lifted_at__isnull=True).values_list("address", "patient"))
    assert closed == {(PHONE, None), ("", first.pk)}


def test_own_words_wait_on_once_it_is_known_whose_they_are(site: Site, by: Actor, books: Actor) -> None:
    first, _ = two(site, books)
    row = wrote("When do I come?")
    kept = replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=first.public_id)
    assert (kept.patient, kept.contact_point, kept.needs_person) == (first, first.contact_points.get(), True)
    assert list(waiting(site, by)) == [kept]


def test_somebody_without_the_address_can_have_written_too(site: Site, by: Actor, books: Actor) -> None:
    person = somebody(site, books)
    row = wrote("This is my new number", address=OTHER_PHONE)
    kept = replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=person.public_id)
    assert (kept.patient, kept.contact_point) == (person, None)


def test_it_is_said_once_whose_it_is(site: Site, by: Actor, books: Actor) -> None:
    person = somebody(site, books)
    row = wrote("Call me")
    with pytest.raises(Refused) as no:
        replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=person.public_id)
    assert no.value.code == "reply_has_its_person"


def test_nothing_is_given_to_somebody_out_of_sight(site: Site, by: Actor, books: Actor) -> None:
    elsewhere = patients.patient(clinic.site(), contact_points=[patients.phone()])
    row = wrote("Call me", address=OTHER_PHONE)
    with pytest.raises(Refused, match="not_found"):
        replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=elsewhere.public_id)


# The thread


def test_a_thread_tells_what_went_and_what_came_in_order(site: Site, by: Actor, books: Actor) -> None:
    person = somebody(site, books)
    reminded(person, books)
    row = wrote("Where is it?")
    said = threads.of(by, row)
    assert [bool(each.came) for each in said] == [False, True]
    assert said[0].went is not None
    assert said[0].went.reminder.attendance is not None


def test_the_thread_of_an_address_shows_only_people_one_may_see(site: Site, by: Actor, books: Actor) -> None:
    here, there = somebody(site, books), clinic.site()
    other = clinic.actor(roles=[Role.SUPERVISOR], sites=[there])
    elsewhere = patients.patient(there, by=other, contact_points=[patients.phone()])
    reminded(here, books)
    reminded(elsewhere, other)
    row = wrote("Yes?")
    row.refresh_from_db()
    seen = by if row.site == site else clinic.actor(sites=[there])
    people = {each.went.reminder.patient for each in threads.at_address(seen, "sms", PHONE) if each.went is not None}
    assert len(people) == 1
    assert [each.patient for each in threads.who_it_may_be(by, row)] == [here]


def test_no_second_answer_goes_when_a_person_says_whose_it_is(site: Site, by: Actor, books: Actor) -> None:
    first, second = two(site, books)
    reminded(first, books)
    reminded(second, books)
    row = wrote("Yes")
    replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=second.public_id)
    assert [each.template for each in Reminder.objects.filter(reply=row)] == ["reply.passed_on"]


# Asked to call


def asked(by: Actor, row: Reply, **given: object) -> Reply:
    return replies.ask_to_call(by=by, now=NOW, reply_id=row.public_id, **given)  # type: ignore[arg-type]


def test_a_person_asks_them_to_call_after_the_house_has_acknowledged(site: Site, by: Actor, books: Actor) -> None:
    somebody(site, books)
    row = wrote("Could somebody help me with a form?")
    done = asked(by, row, note="The form for work.", expected_version=row.version)
    assert (done.handling, done.handling_note, done.handled_by) == ("asked_to_call", "The form for work.", by)
    assert list(waiting(site, by)) == []
    answers = Reminder.objects.filter(reply=row).order_by("rung")
    assert [(each.rung, each.template) for each in answers] == [(0, "reply.passed_on"), (1, "reply.please_call")]
    assert sorted(gone(NOW)) == ["reply.passed_on", "reply.please_call"]
    assert AuditEntry.objects.get(action="reply.handle").details == {"handling": "asked_to_call"}


def test_two_replies_about_one_contact_are_both_answered(site: Site, by: Actor, books: Actor) -> None:
    person = somebody(site, books)
    contact = asked_to_call(person, books)
    first, second = wrote("I am at work"), wrote("Still at work", now=NOW + 10 * MINUTE)
    assert (first.follow_up, second.follow_up) == (contact, contact)
    for row in (first, second):
        asked(by, row)
    assert Reminder.objects.filter(reply__follow_up=contact, template="reply.please_call").count() == 2


def test_they_are_asked_once_for_each_reply(site: Site, by: Actor, books: Actor) -> None:
    somebody(site, books)
    row = wrote("Call me")
    kept = Reminder.objects.get(reply=row)
    asked(by, row)
    with pytest.raises(Refused) as no:
        asked(by, row)
    assert no.value.code == "reply_handled"
    for rung, name in ((1, "reminder_answers_in_turn"), (2, "reminder_answer_turn")):
        kept.pk, kept.public_id, kept.rung = None, uuid4(), rung
        with pytest.raises(IntegrityError, match=name), allow_direct_writes(), transaction.atomic():
            kept.save(force_insert=True)


def test_whoever_asked_is_whose_message_it_is(site: Site, by: Actor, books: Actor) -> None:
    somebody(site, books)
    row = wrote("Call me")
    asked(by, row)
    assert Reminder.objects.get(reply=row, rung=1).holder == by


def test_the_asking_waits_for_their_hours_and_interrupts_nobody(site: Site, by: Actor, books: Actor) -> None:
    """They wrote at four in the morning and once more since; the acknowledgement went, the asking goes at nine."""
    somebody(site, books)
    night = (NOW + DAY).replace(hour=8, minute=0)
    row = wrote("Call me", now=night)
    wrote("Please", now=night + MINUTE)
    replies.ask_to_call(by=by, now=night + 2 * MINUTE, reply_id=row.public_id)
    assert gone(night + 3 * MINUTE) == ["reply.passed_on"]
    asking = Reminder.objects.get(template="reply.please_call")
    assert (asking.status, asking.next_at) == ("planned", night.replace(hour=13))
    assert gone(asking.next_at) == ["reply.please_call"]


def test_nobody_is_asked_by_message_who_wants_none(site: Site, by: Actor, books: Actor) -> None:
    somebody(site, books)
    wrote("STOP")
    row = wrote("Why do you keep asking me?", now=NOW + 10 * MINUTE)
    with pytest.raises(Refused) as no:
        asked(by, row)
    assert no.value.code == "reply_may_not_be_answered"
    assert list(waiting(site, by)) == [row]
    assert not Reminder.objects.filter(reply=row).exists()


def test_nobody_is_asked_before_it_is_known_who_wrote(site: Site, by: Actor, books: Actor) -> None:
    two(site, books)
    with pytest.raises(Refused) as no:
        asked(by, wrote("Hello?"))
    assert no.value.code == "reply_cannot_be_answered"
