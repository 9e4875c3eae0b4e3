"""A yes confirms the appointment, or ends the silence of the contact, that it answers, and nothing else."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from pathways.actions import sessions
from pathways.models import Reminder
from pathways.rules.replies import Intent, ReplyEffect
from pathways.rules.sessions import CancelledBy
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories import replies as make
from tests.factories import sessions as make_session
from tests.factories.patients import NOW
from tests.factories.replies import (
    answers,
    asked_to_call,
    for_a_person,
    reminded,
    somebody,
    stands_with_a_person,
    wrote,
)

pytestmark = pytest.mark.django_db


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
