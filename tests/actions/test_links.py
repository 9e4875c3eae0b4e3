"""Patients' own links: given, revoked, made for messages; and what their bearer can do with them, once."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, ActorKind, AuditEntry, Site
from clinic.rules.roles import OF_A_LINK, Role
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions import links, reminders, sessions
from pathways.actions.templates import Words, write_template
from pathways.models import Attempt, Attendance, FollowUp, PatientLink, Reminder, Reply, Session
from pathways.queries.links import address, found, state_of
from pathways.queries.offers import offers_for
from pathways.queries.replies import waiting
from pathways.queries.sessions import how_confirmed, rosters
from pathways.rules.follow_ups import Outcome
from pathways.rules.links import MOST_WRONG_TRIES, LinkPurpose, LinkState, handle_of, key_from
from pathways.rules.replies import Intent, ReplyChannel, ReplyEffect
from pathways.rules.sessions import AttendanceStatus, CancelledBy, ConfirmedBy
from patients.models import ContactConsent, Patient, SafetyFlag, Suppression
from patients.queries.contacts import contact_points, preference_of
from tests.factories import clinic as make
from tests.factories import links as given
from tests.factories import pathways, patients
from tests.factories import sessions as make_session
from tests.factories.course import quiet, recorded, to_therapy
from tests.factories.patients import NOW
from tests.factories.replies import stands_with_a_person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PATIENT_LINK_URL = given.BASE


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    return patients.patient(site, by=by, contact_points=[patients.phone(), patients.email()])


@pytest.fixture
def place(person: Patient, by: Actor) -> Attendance:
    return make_session.place_of(make_session.individual(person, by=by, at=NOW + 48 * HOUR), person)


def refused(code: str, verb: Any, **said: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        verb(now=NOW, **said)
    assert refusal.value.code == code
    return refusal.value


def again(link: PatientLink) -> PatientLink:
    return PatientLink.objects.get(pk=link.pk)


def bearer(link: PatientLink) -> Actor:
    return links.bearer(link, NOW)


def test_a_link_is_known_by_its_address_and_none_is_stored_whole(place: Attendance, by: Actor, settings: Any) -> None:
    link = given.to_appointment(place, by=by)
    written = address(link)
    assert written.startswith(f"{given.BASE}/l/{link.handle}")
    token = written.rstrip("/").rpartition("/")[2]
    assert link.handle != token
    assert found(token, NOW).link == link
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret " * 4, [settings.SECRET_KEY]
    assert found(token, NOW).open
    settings.SECRET_KEY_FALLBACKS = []
    assert not found(token, NOW).signed


def test_a_made_up_address_costs_no_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert not found("2" * 22, NOW).signed
        assert not found("x", NOW).signed
    assert len(queries) == 0


def test_a_link_is_over_when_what_it_is_about_is(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    token = address(link).rstrip("/").rpartition("/")[2]
    assert found(token, NOW).open
    assert not found(token, place.starts_at).open
    assert state_of(link, place.starts_at) is LinkState.EXPIRED
    sessions.take_off(by=by, now=NOW, attendance_id=place.public_id, wish=CancelledBy.CLINIC)
    assert not found(token, NOW).open


def test_who_gives_links_gives_them_to_people_they_see(person: Patient, place: Attendance, site: Site) -> None:
    stranger = make.actor(roles=[Role.SUPERVISOR])
    refused("not_found", links.give_link, by=stranger, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)
    reader = make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])
    refused("forbidden", links.give_link, by=reader, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)
    desk = make.actor(roles=[Role.FRONT_DESK], sites=[site])
    other = patients.patient(site)
    to_other = {"purpose": LinkPurpose.APPOINTMENT, "patient_id": other.public_id, "attendance_id": place.public_id}
    refused("not_found", links.give_link, by=desk, **to_other)
    assert given.to_preferences(person, by=desk).made_by == desk


@pytest.mark.parametrize("instrument", ["cssrs_screen", "cows", "nothing", ""])
def test_only_forms_people_fill_in_themselves_are_linked(person: Patient, by: Actor, instrument: str) -> None:
    said = refused(
        "bad_input", links.give_link, by=by, purpose=LinkPurpose.QUESTIONNAIRE, patient_id=person.public_id,
        instrument=instrument,
    )  # fmt: skip
    assert set(said.fields) == {"instrument"}


def test_without_an_address_for_links_there_is_none_to_give(person: Patient, by: Actor, settings: Any) -> None:
    for none in ("", "https://harborrecovery.example", "https://a-name-that-is-far-too-long.example"):
        settings.PATIENT_LINK_URL = none
        refused("no_link_address", links.give_link, by=by, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)


def test_a_revoked_link_works_no_more_and_a_used_one_stays_used(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    links.revoke_link(by=by, now=NOW, link_id=link.public_id)
    links.revoke_link(by=by, now=NOW + HOUR, link_id=link.public_id)
    assert (again(link).revoked_at, again(link).revoked_by) == (NOW, by)
    refused("link_closed", links.stop_messages, by=bearer(link), link_id=link.public_id)
    used = given.to_appointment(place, by=by)
    links.confirm(by=bearer(used), now=NOW, link_id=used.public_id)
    refused("link_used", links.revoke_link, by=by, link_id=used.public_id)
    refused("not_found", links.revoke_link, by=make.actor(), link_id=link.public_id)


def test_a_bearer_sees_one_person_may_do_little_and_is_one_actor(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    who = bearer(link)
    assert (who.kind, who.public_id, who.permissions) == (ActorKind.PATIENT_LINK, person.public_id, OF_A_LINK)
    assert bearer(given.to_preferences(person, by=by)) == who
    other = patients.patient(place.session.site, by=by)
    make_session.individual(other, by=by, at=NOW + 72 * HOUR)
    assert list(Patient.objects.visible_to(who)) == [person]
    assert list(Session.objects.visible_to(who)) == [place.session]
    refused("forbidden", links.give_link, by=who, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)


def test_nobody_but_its_bearer_uses_a_link(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    stranger = bearer(given.to_preferences(patients.patient(place.session.site, by=by), by=by))
    for other in (by, make.job(), stranger):
        refused("forbidden", links.confirm, by=other, link_id=link.public_id)
    refused("forbidden", links.confirm, by=bearer(link), link_id=uuid4())
    refused("forbidden", links.stop_messages, by=bearer(link), link_id=link.public_id)


def test_they_come_and_the_link_is_used_up(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    links.confirm(by=bearer(link), now=NOW, link_id=link.public_id)
    place = Attendance.objects.select_related("confirmed_by").get(pk=place.pk)
    assert (place.confirmed_at, how_confirmed(place)) == (NOW, ConfirmedBy.LINK)
    assert (again(link).used_at, again(link).used_by) == (NOW, bearer(link))
    for verb in (links.confirm, links.call_off, links.ask_for_a_call):
        assert refused("link_closed", verb, by=bearer(link), link_id=link.public_id).status == 410
    entry = AuditEntry.objects.get(action="link.confirm", outcome="done")
    assert (entry.subject_id, entry.patient_ids) == (link.public_id, [place.patient.public_id])


def test_they_cannot_come_and_the_hour_is_free(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    links.call_off(by=bearer(link), now=NOW, link_id=link.public_id)
    place.refresh_from_db()
    assert place.status == AttendanceStatus.CANCELLED_BY_PATIENT
    assert place.session.__class__.objects.get(pk=place.session_id).status == "cancelled"


@pytest.mark.parametrize("language", ["en", "es"])
def test_somebody_is_told_that_they_have_called_it_off(place: Attendance, site: Site, by: Actor, language: str) -> None:
    link = given.to_appointment(place, by=by)
    with allow_direct_writes():
        PatientLink.objects.filter(pk=link.pk).update(language=language)
    links.call_off(by=bearer(link), now=NOW, link_id=link.public_id)
    [told] = waiting(site, by)
    assert (told.patient, told.attendance, told.effect) == (place.patient, place, ReplyEffect.CALLED_OFF)
    assert told.text == say(sentence("link.asked.called_off"), language)


def test_one_of_a_group_gives_up_their_own_place_alone(site: Site, by: Actor) -> None:
    one, other = patients.patient(site, by=by), patients.patient(site, by=by)
    row = make_session.group(site, one, other, by=by)
    link = given.to_appointment(make_session.place_of(row, one), by=by)
    links.call_off(by=bearer(link), now=NOW, link_id=link.public_id)
    assert make_session.place_of(row, one).status == AttendanceStatus.CANCELLED_BY_PATIENT
    assert make_session.place_of(row, other).status == AttendanceStatus.BOOKED
    row.refresh_from_db()
    assert row.status == "booked"


def test_a_wish_for_another_time_waits_for_a_person_and_moves_nothing(place: Attendance, by: Actor, site: Site) -> None:
    link = given.to_appointment(place, by=by)
    wanted = offers_for(place, NOW)[0].starts_at
    reply = links.ask_for_another_time(by=bearer(link), now=NOW, link_id=link.public_id, starts_at=wanted)
    assert (reply.channel, reply.intent, reply.attendance) == (ReplyChannel.LINK, Intent.RESCHEDULE, place)
    assert reply.text.startswith("Asks for Wednesday 17 June")
    assert list(waiting(site, by)) == [reply]
    assert Attendance.objects.get(pk=place.pk).starts_at == place.starts_at
    assert rosters(by, [place.session])[place.session_id].wishes == {place.pk: reply}
    assert again(link).used_at == NOW


def test_who_wishes_for_another_time_comes_not_as_they_had_said(place: Attendance, by: Actor) -> None:
    sessions.confirm(by=by, now=NOW, attendance_id=place.public_id)
    link = given.to_appointment(place, by=by)
    links.ask_for_a_call(by=bearer(link), now=NOW, link_id=link.public_id)
    assert Attendance.objects.get(pk=place.pk).confirmed_at is None


def test_only_a_time_that_is_still_free_can_be_wished_for(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    wanted = offers_for(place, NOW)[0].starts_at
    make_session.individual(patients.patient(place.session.site, by=by), by=by, at=wanted)
    for at in (wanted, wanted + timedelta(minutes=7), NOW - HOUR):
        refused("bad_input", links.ask_for_another_time, by=bearer(link), link_id=link.public_id, starts_at=at)
    assert again(link).used_at is None
    assert not Reply.objects.exists()


def test_a_call_can_be_asked_for(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    reply = links.ask_for_a_call(by=bearer(link), now=NOW, link_id=link.public_id)
    assert reply.text == "Asks for a call about another time."
    assert reply.needs_person


def test_a_group_offers_no_other_time(site: Site, by: Actor) -> None:
    one = patients.patient(site, by=by)
    row = make_session.group(site, one, by=by)
    assert offers_for(make_session.place_of(row, one), NOW) == ()


def test_answers_are_scored_kept_and_raise_their_flags(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "phq9", by=by)
    answers = quiet("phq9") | {"phq9_9": 1, "phq9_10": 0}
    said = {"by": bearer(link), "now": NOW, "link_id": link.public_id, "answers": answers, "context": {}}
    made = links.record_answers(**said)
    assert (made.recorded_by, made.total, made.scoring_status) == (bearer(link), 1, "complete")
    assert SafetyFlag.objects.get(patient=person).alert_key == "phq9_suicide"
    with pytest.raises(Refused, match="link_closed"):
        links.record_answers(**said)


def form_owed(person: Patient, by: Actor) -> FollowUp:
    row = pathways.enrolled(person, by=by)
    to_therapy(row, make.actor(roles=[Role.CLINICIAN], sites=by.sites.all()))
    return row.follow_ups.filter(instrument="phq9", outcome="").earliest("due_at")


@pytest.fixture
def owed(person: Patient, by: Actor) -> FollowUp:
    """The first mood questionnaire that somebody in therapy is asked for."""
    return form_owed(person, by)


def test_answers_keep_the_contact_that_asked_for_them_and_raise_its_flags(owed: FollowUp, by: Actor) -> None:
    link = given.to_form_of(owed, by=by, now=owed.due_at)
    others = FollowUp.objects.open().filter(patient=owed.patient, instrument=owed.instrument).exclude(pk=owed.pk)
    still_owed = set(others)
    answers = quiet(owed.instrument) | {"phq9_9": 1, "phq9_10": 0}
    at = owed.due_at + HOUR
    made = links.record_answers(by=bearer(link), now=at, link_id=link.public_id, answers=answers, context={})
    owed.refresh_from_db()
    assert (owed.outcome, owed.answered_by, owed.closed_by) == (Outcome.KEPT, made.public_id, bearer(link))
    assert not owed.reminders.filter(status__in=["planned", "leased"]).exists()
    assert set(others) == still_owed
    assert SafetyFlag.objects.get(patient=owed.patient).alert_key == "phq9_suicide"


def test_answers_that_leave_some_out_end_the_silence_and_are_for_its_owner(owed: FollowUp, by: Actor) -> None:
    link = given.to_form_of(owed, by=by, now=owed.due_at)
    answers = {key: value for key, value in quiet(owed.instrument).items() if not key.endswith("_3")}
    at = owed.due_at + HOUR
    made = links.record_answers(by=bearer(link), now=at, link_id=link.public_id, answers=answers, context={})
    owed.refresh_from_db()
    assert made.scoring_status != "complete"
    assert (owed.outcome, stands_with_a_person(owed), owed.act_at) == ("", True, at)
    assert not owed.reminders.filter(status__in=["planned", "leased"]).exists()


def test_what_is_kept_before_the_rest_is_asked_is_looked_at_and_finished_as_one_form(owed: FollowUp, by: Actor) -> None:
    link, at = given.to_form_of(owed, by=by, now=owed.due_at), owed.due_at + HOUR
    said = {"by": bearer(link), "now": at, "link_id": link.public_id, "context": {}}
    links.keep_answers(**said, answers={"phq9_9": 1})
    owed.refresh_from_db()
    assert (owed.outcome, stands_with_a_person(owed), owed.act_at) == ("", True, at)
    assert again(link).used_at is None
    made = links.record_answers(**said, answers=quiet("phq9") | {"phq9_9": 1, "phq9_10": 0})
    owed.refresh_from_db()
    assert (owed.outcome, owed.answered_by) == (Outcome.KEPT, made.public_id)
    assert SafetyFlag.objects.get(patient=owed.patient).assessment == made


def test_a_link_to_a_form_is_over_when_the_contact_that_asked_is(owed: FollowUp, by: Actor) -> None:
    link = given.to_form_of(owed, by=by)
    recorded(owed.patient, owed.instrument, by=by, at=owed.due_at)
    refused(
        "link_closed", links.record_answers, by=bearer(link), link_id=link.public_id, answers=quiet(owed.instrument),
        context={},
    )  # fmt: skip


def test_answers_that_cannot_be_taken_leave_the_link_open(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    for wrong in ({}, {"gad7_1": 9}):
        refused("bad_input", links.record_answers, by=bearer(link), link_id=link.public_id, answers=wrong, context={})
    assert again(link).used_at is None


def test_wishes_on_being_written_to_count_from_the_next_message_on(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    wishes = links.Wishes(channel="email", language="es", reminders=False, opens=time(10), closes=time(16))
    links.write_wishes(by=bearer(link), now=NOW, link_id=link.public_id, wishes=wishes)
    person.refresh_from_db()
    kept = preference_of(person)
    assert kept is not None
    assert (kept.preferred_channel, kept.reminders_wanted, person.language) == ("email", False, "es")
    assert {(each.opens, each.closes) for each in contact_points(person)} == {(time(10), time(16))}
    assert all(each.verified_at for each in contact_points(person))


def test_the_next_message_is_in_the_language_that_was_wished_for(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    assert set(place.reminders.values_list("language", flat=True)) == {"en"}
    links.write_wishes(by=bearer(link), now=NOW, link_id=link.public_id, wishes=links.Wishes(language="es"))
    assert set(place.reminders.values_list("language", flat=True)) == {"es"}


def test_wishes_that_cannot_be_kept_change_nothing(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    for wrong in (links.Wishes(opens=time(10)), links.Wishes(language="fr"), links.Wishes(channel="pigeon"),
                  links.Wishes(opens=time(20), closes=time(22))):  # fmt: skip
        refused("bad_input", links.write_wishes, by=bearer(link), link_id=link.public_id, wishes=wrong)
    assert preference_of(person) is None
    assert again(link).used_at is None


def test_no_more_messages_is_recorded_with_its_evidence(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    links.stop_messages(by=bearer(link), now=NOW, link_id=link.public_id)
    assert Suppression.objects.get(patient=person).reason == "person_asked"
    newest = ContactConsent.objects.filter(patient=person, given=False)
    assert {(each.method, each.evidence) for each in newest} == {("link", f"Link {link.public_id}")}
    assert newest.count() == 2


def sent(row: Reminder) -> Attempt:
    job = make.job()
    claim = reminders.claim_due(by=job, now=row.next_at)
    reminders.open_window(by=job, now=row.next_at, claim_id=claim.claim_id, ids=[row.pk], live=False)
    return Attempt.objects.get(reminder=row)


@pytest.fixture
def reminder() -> Reminder:
    """The reminder a day before somebody's appointment."""
    site = make.site()
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    make_session.individual(person, by=by, at=NOW + timedelta(days=3))
    return Reminder.objects.filter(attendance__patient=person).order_by("due_at").first()  # type: ignore[return-value]


def test_a_reminder_carries_a_link_of_its_own(reminder: Reminder) -> None:
    text = sent(reminder).text
    link = PatientLink.objects.get(attendance=reminder.attendance)
    assert address(link) in text
    assert (link.purpose, link.expires_at) == ("appointment", reminder.attendance.starts_at)  # type: ignore[union-attr]
    assert link.patient == reminder.patient
    assert handle_of(address(link).rstrip("/").rpartition("/")[2], [key_from("no")]) is None


def test_without_an_address_for_links_the_words_without_one_go_out(reminder: Reminder, settings: Any) -> None:
    settings.PATIENT_LINK_URL = ""
    assert "To change, call" in sent(reminder).text
    assert not PatientLink.objects.exists()


def test_words_of_the_site_that_hold_no_link_make_none(reminder: Reminder) -> None:
    by = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.site])
    words = Words("{discreet_name}: {day} {time}. Call {phone}. STOP")
    write_template(
        by=by, now=NOW, key=reminder.template, channel="sms", language="en", words=words,
        site_id=reminder.site.public_id,
    )  # fmt: skip
    assert "Call +1" in sent(reminder).text
    assert not PatientLink.objects.exists()


def test_the_links_of_a_window_are_one_statement_however_many() -> None:
    site = make.site()
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])

    def cost(people: int, hour: int) -> tuple[int, int]:
        for number in range(people):
            person = patients.patient(site, by=by, contact_points=[patients.phone(f"+1415555{hour:02d}{number:02d}")])
            at, leader = NOW + timedelta(days=5, hours=hour), make.actor(roles=[Role.COUNSELOR], sites=[site])
            make_session.individual(person, by=by, at=at, leader=leader)
        job, now = make.job(), NOW + timedelta(days=3, hours=hour)
        claim = reminders.claim_due(by=job, now=now)
        before = PatientLink.objects.count()
        with CaptureQueriesContext(connection) as queries:
            reminders.open_window(by=job, now=now, claim_id=claim.claim_id, ids=claim.by_channel["sms"], live=False)
        return len(queries), PatientLink.objects.count() - before

    one, few = cost(1, 1), cost(4, 2)
    assert few[1] == 4 * one[1] == 4
    assert few[0] == one[0]


def test_the_database_holds_that_the_last_wrong_try_closes_a_link(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    rows = PatientLink.objects.filter(pk=link.pk)
    for tries in (MOST_WRONG_TRIES, MOST_WRONG_TRIES + 1):
        with pytest.raises(IntegrityError, match="patient_link_locked"), allow_direct_writes(), transaction.atomic():
            rows.update(wrong_tries=tries)
