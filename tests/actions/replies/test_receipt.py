"""Own words reach a person; each reply is taken in once, and answered seldom and in time."""

from datetime import timedelta

import pytest

from clinic.models import Actor, AuditEntry, Site
from pathways.actions import replies
from pathways.models import Reminder, Reply
from pathways.queries import worklist
from pathways.rules.replies import Handling, Intent, ReplyEffect
from pathways.rules.worklist import LineGroup
from patients.models import Patient, Suppression
from tests.factories import patients
from tests.factories.patients import NOW
from tests.factories.replies import (
    MINUTE,
    PHONE,
    answers,
    asked_to_call,
    for_a_person,
    gone,
    reminded,
    somebody,
    stands_with_a_person,
    wrote,
)

pytestmark = pytest.mark.django_db


# Another time, and their own words


def test_who_asks_for_another_time_keeps_theirs_until_a_person_moves_it(person: Patient, site: Site, by: Actor) -> None:
    place = reminded(person, by)
    row = wrote("can't come")
    place.refresh_from_db()
    assert (row.intent, row.effect) == (Intent.RESCHEDULE, ReplyEffect.RESCHEDULE_ASKED)
    assert (place.status, place.confirmed_at) == ("booked", None)
    assert for_a_person(site, by) == ["can't come"]
    assert answers() == ["reply.passed_on"]


@pytest.mark.parametrize("polite", ["ok thank you", "ok", "👍"])
def test_a_polite_word_after_a_wish_does_not_confirm_what_they_cannot_keep(
    person: Patient, site: Site, by: Actor, polite: str
) -> None:
    place = reminded(person, by)
    wrote("I cant come, can we find another time?")
    row = wrote(polite, now=NOW + 2 * MINUTE)
    place.refresh_from_db()
    assert (row.effect, place.confirmed_at) == (ReplyEffect.PASSED_ON, None)
    assert polite in for_a_person(site, by)


def test_a_yes_confirms_again_once_somebody_has_seen_to_the_wish(person: Patient, by: Actor) -> None:
    place = reminded(person, by)
    wish = wrote("can't come")
    replies.handle(by=by, now=NOW + MINUTE, reply_id=wish.public_id, handling=Handling.CALLED)
    assert wrote("yes", now=NOW + 10 * MINUTE).effect == ReplyEffect.CONFIRMED
    place.refresh_from_db()
    assert place.confirmed_at == NOW + 10 * MINUTE


def test_who_cannot_come_after_all_is_not_counted_on_any_more(person: Patient, by: Actor) -> None:
    place = reminded(person, by)
    wrote("yes")
    wrote("sorry I cannot make it", now=NOW + 20 * MINUTE)
    place.refresh_from_db()
    assert (place.status, place.confirmed_at, place.confirmed_by) == ("booked", None, None)


def test_own_words_about_a_contact_end_the_silence_too(person: Patient, site: Site, by: Actor) -> None:
    contact = asked_to_call(person, by)
    wrote("I am at work, could you ring tomorrow?")
    contact.refresh_from_db()
    assert stands_with_a_person(contact)
    assert for_a_person(site, by) == ["I am at work, could you ring tomorrow?"]


def test_thanks_are_kept_and_bother_nobody(person: Patient, site: Site, by: Actor) -> None:
    assert wrote("Thanks!").effect == ReplyEffect.COURTESY
    assert (for_a_person(site, by), answers()) == ([], [])


def test_help_is_answered_with_how_to_reach_the_clinic(person: Patient, site: Site, by: Actor) -> None:
    assert wrote("HELP").effect == ReplyEffect.HELPED
    assert (for_a_person(site, by), answers()) == ([], ["reply.help"])


def test_who_says_more_than_help_is_read_by_a_person(person: Patient, site: Site, by: Actor) -> None:
    wrote("help me")
    assert for_a_person(site, by) == ["help me"]


def test_an_answer_goes_in_the_language_that_was_written(person: Patient, by: Actor) -> None:
    wrote("AYUDA")
    assert Reminder.objects.get(reply__isnull=False).language == "es"


# Once, and in order


def test_the_same_message_twice_changes_nothing(person: Patient, by: Actor) -> None:
    reminded(person, by)
    first = wrote("C", provider_id="SM1")
    audited = AuditEntry.objects.count()
    again = wrote("STOP", provider_id="SM1", now=NOW + MINUTE)
    assert again == first
    assert (Reply.objects.count(), Reminder.objects.filter(reply__isnull=False).count()) == (1, 1)
    assert AuditEntry.objects.count() == audited
    assert not Suppression.objects.exists()


def test_at_most_one_answer_in_five_minutes_goes_to_one_number(person: Patient, site: Site, by: Actor) -> None:
    for minute in range(5):
        wrote("Hello?", now=NOW + minute * MINUTE)
    assert answers() == ["reply.passed_on"]
    wrote("Hello?", now=NOW + 6 * MINUTE)
    assert answers() == ["reply.passed_on"] * 2
    assert len(for_a_person(site, by)) == 6


def test_what_a_machine_wrote_is_kept_and_never_answered(site: Site, by: Actor) -> None:
    somebody(site, by, patients.email())
    row = wrote("I am away until July. STOP", address="person@example.org", channel="email", automatic=True)
    assert (row.effect, row.needs_person, answers()) == (ReplyEffect.AUTOMATIC, False, [])
    assert not Suppression.objects.exists()


def test_what_is_told_late_is_done_and_no_longer_answered(person: Patient) -> None:
    row = wrote("STOP", received_at=NOW - 6 * MINUTE)
    assert (row.effect, row.received_at, answers()) == (ReplyEffect.STOPPED, NOW - 6 * MINUTE, [])


def test_a_reply_from_the_future_came_now(person: Patient) -> None:
    assert wrote("STOP", received_at=NOW + timedelta(days=1)).received_at == NOW


def test_an_answer_is_too_late_after_five_minutes(person: Patient) -> None:
    wrote("HELP")
    assert gone(NOW + 6 * MINUTE) == []


def test_an_answer_keeps_no_hours_and_counts_as_no_message(person: Patient, by: Actor) -> None:
    """They have just written, at four in the morning."""
    night = NOW.replace(hour=8)
    wrote("HELP", now=night)
    assert gone(night) == ["reply.help"]


def test_nobody_learns_what_was_written_from_the_record(person: Patient) -> None:
    wrote("I used again last night")
    told = str(list(AuditEntry.objects.values_list("details", "reason", "action")))
    assert "used" not in told
    assert PHONE not in told
    assert AuditEntry.objects.filter(action="reply.receive").get().patient_ids == [person.public_id]


def test_words_of_danger_stand_first_on_today_until_somebody_has_seen_to_them(
    person: Patient, site: Site, by: Actor
) -> None:
    wrote("see you then?", now=NOW - 30 * MINUTE)
    row = wrote("I want to die")
    found = worklist.owed(by, site, now=NOW + MINUTE)
    first = found.lines[0]
    assert (first.item.public_id, first.group) == (row.public_id, LineGroup.SAFETY)
    assert (row.urgent, row.needs_person, row.effect) == (True, True, ReplyEffect.PASSED_ON)
    replies.handle(by=by, now=NOW + 2 * MINUTE, reply_id=row.public_id, handling=Handling.CALLED, note="")
    rest = worklist.owed(by, site, now=NOW + 3 * MINUTE).lines
    assert row.public_id not in {each.item.public_id for each in rest}


def test_danger_stop_start_and_help_are_answered_whatever_was_answered_a_moment_ago(
    person: Patient, site: Site, by: Actor
) -> None:
    for text in ("STOP", "START", "HELP", "I want to die", "HELP", "quiero morir"):
        wrote(text)
    assert answers() == ["reply.stopped", "reply.started", "reply.help", "reply.danger"]
