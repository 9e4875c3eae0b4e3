"""What people write back does something, once: to the appointment, the contact, their consent, or a person's list."""

from datetime import timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import replies, sessions
from pathways.actions.follow_ups.steps import ladder_of
from pathways.actions.reminders import claim_due, open_window
from pathways.models import Attendance, FollowUp, Reminder, Reply
from pathways.queries.replies import waiting
from pathways.rules.programs import MESSAGE_RUNGS
from pathways.rules.replies import Handling, Intent, ReplyEffect
from pathways.rules.sessions import CancelledBy
from patients.actions import consents, contacts, opt_outs
from patients.models import ContactConsent, Patient, Suppression
from tests.factories import clinic, pathways, patients
from tests.factories import replies as make
from tests.factories import sessions as make_session
from tests.factories.patients import NOW
from tests.factories.replies import PHONE, wrote

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
OTHER_PHONE = "+14155550199"


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    return somebody(site, by)


def somebody(site: Site, by: Actor, *points: contacts.NewContactPoint, **fields: object) -> Patient:
    return patients.patient(site, by=by, contact_points=points or [patients.phone()], **fields)


def reminded(person: Patient, by: Actor, *, hours: int = 24) -> Attendance:
    """Somebody's appointment, of which they were reminded an hour ago."""
    row = make_session.individual(
        person, by=by, at=NOW + timedelta(hours=hours), leader=clinic.actor(sites=by.sites.all())
    )
    place = make_session.place_of(row, person)
    make.went(place)
    return place


def asked_to_call(person: Patient, by: Actor) -> FollowUp:
    """A contact of somebody under way, with a message an hour ago that asked them to call."""
    row = pathways.enrolled(person, by=by).follow_ups.filter(climbs_at__isnull=False).earliest("due_at")
    make.went(row)
    return row


def stands_with_a_person(contact: FollowUp) -> bool:
    return ladder_of(contact).rungs[contact.rung].kind not in MESSAGE_RUNGS


def answers() -> list[str]:
    """The kinds of message that are to go back."""
    return list(Reminder.objects.filter(reply__isnull=False, rung=0).order_by("pk").values_list("template", flat=True))


def for_a_person(site: Site, by: Actor) -> list[str]:
    return [each.text for each in waiting(site, by)]


def reasons_in_force(**of: object) -> set[str]:
    return set(Suppression.objects.filter(lifted_at__isnull=True, **of).values_list("reason", flat=True))


# A yes


def test_a_yes_confirms_the_appointment_it_answers(person: Patient, site: Site, by: Actor) -> None:
    place = reminded(person, by)
    row = wrote("C")
    place.refresh_from_db()
    assert (place.confirmed_at, place.confirmed_by) == (NOW, row.received_by)
    assert (row.intent, row.effect, row.patient, row.attendance) == (
        Intent.CONFIRM,
        ReplyEffect.CONFIRMED,
        person,
        place,
    )
    assert row.attempt_reference == Reminder.objects.get(attendance=place).attempts.get().public_id
    assert answers() == ["reply.confirmed"]
    assert for_a_person(site, by) == []


def test_a_yes_to_a_contact_ends_the_silence_and_leaves_it_to_its_owner(person: Patient, by: Actor) -> None:
    contact = asked_to_call(person, by)
    row = wrote("yes")
    contact.refresh_from_db()
    assert (row.effect, row.follow_up) == (ReplyEffect.ANSWERED, contact)
    assert (contact.outcome, stands_with_a_person(contact), contact.act_at <= NOW) == ("", True, True)
    assert answers() == ["reply.confirmed"]


def test_a_yes_to_nothing_is_for_a_person(person: Patient, site: Site, by: Actor) -> None:
    assert wrote("yes").effect == ReplyEffect.PASSED_ON
    assert for_a_person(site, by) == ["yes"]


def test_a_yes_does_not_confirm_a_time_the_message_did_not_name(person: Patient, site: Site, by: Actor) -> None:
    place = reminded(person, by)
    later = NOW + timedelta(hours=30)
    sessions.move(by=by, now=NOW, session_id=place.session.public_id, to=sessions.Move(starts_at=later))
    wrote("C")
    place.refresh_from_db()
    assert place.confirmed_at is None
    assert for_a_person(site, by) == ["C"]


@pytest.mark.parametrize("hours", [0, -1])
def test_a_yes_does_not_confirm_what_has_begun(person: Patient, by: Actor, hours: int) -> None:
    place = reminded(person, by, hours=1)
    wrote("C", now=place.starts_at - timedelta(hours=hours))
    place.refresh_from_db()
    assert place.confirmed_at is None


def test_a_yes_does_not_confirm_what_was_called_off(person: Patient, by: Actor) -> None:
    place = reminded(person, by)
    sessions.cancel(by=by, now=NOW, session_id=place.session.public_id, wish=CancelledBy.CLINIC)
    assert wrote("C").effect == ReplyEffect.PASSED_ON


def test_of_two_messages_the_newest_is_answered(person: Patient, by: Actor) -> None:
    contact = asked_to_call(person, by)
    place = reminded(person, by)
    row = wrote("yes")
    assert (row.attendance, row.follow_up) == (place, None)
    contact.refresh_from_db()
    assert not stands_with_a_person(contact)


def test_an_answer_that_names_its_message_answers_that_one(by: Actor, site: Site) -> None:
    person = somebody(site, by, patients.email("person@example.org"))
    contact = pathways.enrolled(person, by=by).follow_ups.filter(climbs_at__isnull=False).earliest("due_at")
    older = make.went(contact, at=NOW - timedelta(days=2), channel="email")
    row = make_session.individual(person, by=by, leader=clinic.actor(sites=[site]))
    make.went(make_session.place_of(row, person), channel="email")
    answer = wrote("Yes", address="Person@example.org", channel="email", answers=older.public_id)
    assert (answer.follow_up, answer.effect) == (contact, ReplyEffect.ANSWERED)


def test_a_message_of_last_month_is_not_answered_any_more(person: Patient, by: Actor) -> None:
    place = reminded(person, by)
    assert wrote("C", now=NOW + timedelta(days=8)).effect == ReplyEffect.PASSED_ON
    place.refresh_from_db()
    assert place.confirmed_at is None


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


# Stop and start


def test_a_stop_closes_number_and_channel_with_its_evidence(person: Patient, site: Site, by: Actor) -> None:
    place = reminded(person, by)
    row = wrote("STOP PLEASE")
    closed = set(
        Suppression.objects.filter(lifted_at__isnull=True).values_list("channel", "address", "patient", "reason")
    )
    assert closed == {("sms", PHONE, None, "stop_reply"), ("sms", "", person.pk, "stop_reply")}
    newest = ContactConsent.objects.order_by("-effective_at", "-pk")[0]
    assert (newest.given, newest.method, newest.effective_at, newest.contact_point) == (
        False,
        "reply",
        NOW,
        row.contact_point,
    )
    sent = Reminder.objects.get(attendance=place).attempts.get()
    for part in ("STOP PLEASE", "2026-06-16 13:30 UTC", "text message", str(row.public_id), str(sent.public_id)):
        assert part in newest.evidence
    assert (row.effect, row.needs_person, answers()) == (ReplyEffect.STOPPED, False, ["reply.stopped"])


def test_after_a_stop_nothing_goes_but_the_one_answer(person: Patient, by: Actor) -> None:
    pathways.enrolled(person, by=by)
    planned = Reminder.objects.filter(patient=person, status="planned").earliest("due_at")
    wrote("stop")
    assert gone(NOW) == ["reply.stopped"]
    assert gone(planned.due_at) == []
    planned.refresh_from_db()
    assert planned.status_code == "reminder.suppressed.person"


def test_a_stop_that_says_more_is_seen_by_a_person(person: Patient, site: Site, by: Actor) -> None:
    assert wrote("stop. I want to die").effect == ReplyEffect.STOPPED
    assert for_a_person(site, by) == ["stop. I want to die"]


def test_a_second_stop_changes_nothing_and_is_not_answered(person: Patient) -> None:
    wrote("STOP")
    counts = ContactConsent.objects.count(), Suppression.objects.count()
    assert wrote("STOP", now=NOW + 10 * MINUTE).effect == ReplyEffect.STOPPED_BEFORE
    assert (ContactConsent.objects.count(), Suppression.objects.count()) == counts
    assert answers() == ["reply.stopped"]


@pytest.mark.parametrize("text", ["yes", "What time is it?", "can't come", "hello"])
def test_after_a_stop_a_person_answers_and_no_machine(person: Patient, site: Site, by: Actor, text: str) -> None:
    place = reminded(person, by)
    wrote("STOP")
    row = wrote(text, now=NOW + 10 * MINUTE)
    place.refresh_from_db()
    assert (row.effect, place.confirmed_at) == (ReplyEffect.AFTER_A_STOP, None)
    assert for_a_person(site, by) == [text]
    assert answers() == ["reply.stopped"]


def test_after_a_stop_help_is_still_answered(person: Patient) -> None:
    wrote("STOP")
    wrote("HELP", now=NOW + 10 * MINUTE)
    assert answers() == ["reply.stopped", "reply.help"]


def test_start_opens_what_the_stop_had_closed_with_its_evidence(person: Patient) -> None:
    wrote("STOP")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert row.effect == ReplyEffect.STARTED
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()
    newest = ContactConsent.objects.order_by("-effective_at", "-pk")[0]
    assert (newest.given, newest.method) == (True, "reply")
    assert "START" in newest.evidence
    assert answers() == ["reply.stopped", "reply.started"]


def test_start_opens_nothing_that_somebody_else_has_closed(person: Patient, site: Site, by: Actor) -> None:
    contacts.suppress(patient=person, reason="safety", channel="sms", by=by, now=NOW)
    wrote("STOP")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert (row.effect, row.needs_person) == (ReplyEffect.PASSED_ON, True)
    assert reasons_in_force(patient=person) == {"safety", "stop_reply"}
    assert not ContactConsent.objects.order_by("-effective_at", "-pk")[0].given


def test_start_gives_consent_back_that_was_withdrawn_otherwise(person: Patient, by: Actor) -> None:
    point = person.contact_points.get()
    consents.record(contact_point=point, given=False, method="phone", by=by, now=NOW)
    wrote("START", now=NOW + MINUTE)
    assert ContactConsent.objects.order_by("-effective_at", "-pk")[0].given


def test_a_stop_by_mail_closes_mail_and_leaves_texts(site: Site, by: Actor) -> None:
    person = somebody(site, by, patients.phone(), patients.email())
    wrote("Please unsubscribe me", address="person@example.org", channel="email")
    closed = set(Suppression.objects.values_list("channel", "address", "patient"))
    assert closed == {("email", "person@example.org", None), ("email", "", person.pk)}


# Somebody else


def test_a_wrong_person_closes_the_number_and_its_confirmation(person: Patient, site: Site, by: Actor) -> None:
    row = wrote("wrong number")
    point = person.contact_points.get()
    assert (point.verified_at, point.verified_by) == (None, None)
    assert Suppression.objects.get().reason == "wrong_person"
    assert (row.effect, answers()) == (ReplyEffect.SUSPENDED, ["reply.wrong_person"])
    assert for_a_person(site, by) == ["wrong number"]


def test_a_start_from_a_wrong_person_starts_nothing(person: Patient, site: Site, by: Actor) -> None:
    wrote("no soy ella")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert (row.effect, row.needs_person) == (ReplyEffect.PASSED_ON, True)
    assert Suppression.objects.filter(lifted_at__isnull=True).exists()


def test_a_number_found_wrong_after_a_stop_is_not_opened_by_a_start(person: Patient, site: Site, by: Actor) -> None:
    wrote("STOP")
    wrote("wrong number", now=NOW + 10 * MINUTE)
    row = wrote("START", now=NOW + 20 * MINUTE)
    assert row.effect == ReplyEffect.PASSED_ON
    assert reasons_in_force(patient=None) == {"stop_reply", "wrong_person"}


def test_a_start_opens_the_stop_alone_where_the_clinic_closed_the_channel_too(person: Patient, by: Actor) -> None:
    wrote("STOP")
    contacts.suppress(patient=person, reason="safety", channel="sms", by=by, now=NOW + MINUTE)
    opt_outs.opt_in(patient=person, channel="sms", address=PHONE, by=by, now=NOW + 2 * MINUTE)
    assert reasons_in_force() == {"safety"}


def test_not_me_by_name_is_a_wrong_person(site: Site, by: Actor) -> None:
    somebody(site, by, given_name="Tobias")
    assert wrote("This is not Tobias").intent == Intent.WRONG_PERSON


def test_a_number_that_nobody_has_is_kept_for_a_person_and_told_nothing(site: Site, by: Actor) -> None:
    row = wrote("Hi, when is my appointment?", address=OTHER_PHONE)
    assert (row.patient, row.contact_point, row.effect) == (None, None, ReplyEffect.WHO_IS_IT)
    assert for_a_person(site, by) == ["Hi, when is my appointment?"]
    assert answers() == []


def test_a_stop_from_a_number_that_nobody_has_holds_when_somebody_has_it(site: Site, by: Actor) -> None:
    assert wrote("STOP", address=OTHER_PHONE).effect == ReplyEffect.STOPPED
    person = somebody(site, by, patients.phone(OTHER_PHONE))
    asked = pathways.enrolled(person, by=by)
    assert asked
    assert wrote("yes", address=OTHER_PHONE).effect == ReplyEffect.AFTER_A_STOP


def test_a_reply_waits_at_the_site_that_wrote_last(by: Actor, person: Patient, site: Site) -> None:
    reminded(person, by)
    point = person.contact_points.get()
    contacts.retire(contact_point=point, expected_version=point.version, by=by, now=NOW)
    clinic.site()
    row = wrote("Hello?")
    assert (row.patient, row.site) == (None, site)


def closed(site: Site, by: Actor) -> None:
    with allow_direct_writes():
        Site.objects.filter(pk=site.pk).update(closed_at=NOW, closed_by=by)


@pytest.mark.parametrize("answers_a_message", [True, False])
def test_a_reply_to_a_closed_site_waits_where_somebody_sees_it(
    site: Site, by: Actor, *, answers_a_message: bool
) -> None:
    first, gone_by = clinic.site("First"), clinic.site("Closing")
    both = clinic.actor(roles=[Role.SUPERVISOR], sites=[gone_by, site])
    person = somebody(gone_by, both)
    if answers_a_message:
        reminded(person, both)
    closed(gone_by, both)
    closed(first, both)
    assert wrote("I am not well, please call me").site == site
    assert for_a_person(site, both) == ["I am not well, please call me"]


def test_a_reply_of_somebody_whose_own_site_has_closed_goes_where_people_know_them(site: Site, by: Actor) -> None:
    knows, gone_by = clinic.site("Knows them"), clinic.site("Closing")
    both = clinic.actor(roles=[Role.SUPERVISOR], sites=[gone_by, knows])
    somebody(gone_by, both)
    closed(gone_by, both)
    assert wrote("please call me").site == knows
    assert for_a_person(knows, both) == ["please call me"]


def test_a_short_code_is_kept_as_it_came(site: Site, by: Actor) -> None:
    assert wrote("Your code is 1234", address="72975").address == "72975"


# A number that two people have


def two(site: Site, by: Actor) -> tuple[Patient, Patient]:
    return somebody(site, by), somebody(site, by)


def test_a_stop_from_a_shared_number_stops_both(site: Site, by: Actor) -> None:
    first, second = two(site, by)
    row = wrote("STOP")
    withdrawn = ContactConsent.objects.filter(given=False).values_list("patient", flat=True)
    assert set(withdrawn) == {first.pk, second.pk}
    closed = set(Suppression.objects.values_list("address", "patient"))
    assert closed == {(PHONE, None), ("", first.pk), ("", second.pk)}
    assert (row.patient, answers()) == (None, ["reply.stopped"])


def test_a_yes_from_a_shared_number_counts_for_the_one_who_was_asked(site: Site, by: Actor) -> None:
    first, second = two(site, by)
    place = reminded(second, by)
    row = wrote("Yes")
    place.refresh_from_db()
    assert (row.patient, place.confirmed_at) == (second, NOW)
    assert not Reply.objects.filter(patient=first).exists()


def test_a_yes_from_a_shared_number_with_two_asked_is_for_a_person(site: Site, by: Actor) -> None:
    places = [reminded(each, by) for each in two(site, by)]
    row = wrote("Yes")
    assert (row.patient, row.effect) == (None, ReplyEffect.WHO_IS_IT)
    assert not Attendance.objects.filter(pk__in=[each.pk for each in places], confirmed_at__isnull=False).exists()
    assert for_a_person(site, by) == ["Yes"]


def test_own_words_from_a_shared_number_belong_to_nobody_yet(site: Site, by: Actor) -> None:
    first, _ = two(site, by)
    reminded(first, by)
    row = wrote("Could somebody ring me?")
    assert (row.patient, row.effect, answers()) == (None, ReplyEffect.WHO_IS_IT, ["reply.passed_on"])


def test_start_from_a_shared_number_starts_for_nobody_by_itself(site: Site, by: Actor) -> None:
    two(site, by)
    wrote("STOP")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert (row.effect, row.needs_person) == (ReplyEffect.WHO_IS_IT, True)
    assert Suppression.objects.filter(lifted_at__isnull=False).count() == 0


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


def gone(now: object) -> list[str]:
    """The kinds of message that go now."""
    by = clinic.job()
    claim = claim_due(by=by, now=now)
    ids = [each for rows in claim.by_channel.values() for each in rows]
    made = open_window(by=by, now=now, claim_id=claim.claim_id, ids=ids, live=False)
    return sorted(
        Reminder.objects.filter(pk__in=[each.reminder_id for each in made]).values_list("template", flat=True)
    )
