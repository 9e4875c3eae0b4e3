"""Climbing: whose work the next step is, and what a call changes while a message is still given its time."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import contacts, enrollments, follow_ups
from pathways.models import FollowUp
from pathways.rules.follow_ups import CallResult as Result
from patients.actions import part2_consents
from patients.queries.part2_consents import support_people
from patients.rules.consents import ConsentKind, ConsentPurpose, DisclosureCategory, RecipientClass, RevocationMethod
from tests.factories import clinic, pathways, patients
from tests.factories.course import climbed
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def row(site: Site, by: Actor) -> FollowUp:
    """The welcome of somebody who can be written to on two channels."""
    person = patients.patient(site, by=by, contact_points=[patients.phone(), patients.email()])
    return pathways.enrolled(person, by=by, site=site).follow_ups.get(rule_key="welcome")


def test_the_supervisors_step_is_no_longer_its_owners(site: Site, row: FollowUp, by: Actor) -> None:
    peer = clinic.actor(roles=[Role.PEER_SUPPORTER], sites=[site])
    follow_ups.assign(by=by, now=NOW, follow_up_id=row.public_id, owner_id=peer.public_id)
    assert (climbed(row, 49).rung, row.owner, row.owner_role) == (3, peer, Role.PEER_SUPPORTER)
    assert (climbed(row, 200).rung, row.owner, row.owner_role) == (4, None, Role.SUPERVISOR)


def test_a_call_while_the_second_channel_is_tried_leaves_it_on_that_step(row: FollowUp, by: Actor) -> None:
    assert climbed(row, 25).rung == 1
    follow_ups.record_call(by=by, now=row.due_at + 26 * HOUR, follow_up_id=row.public_id, result=Result.NO_ANSWER)
    row.refresh_from_db()
    assert row.rung == 1
    assert row.reminders.get(rung=1).status == "planned"


# -- an answer ---------------------------------------------------------------------------------------------------------


def test_a_call_while_a_message_waits_leaves_it_to_silence_and_the_next_message_goes(row: FollowUp, by: Actor) -> None:
    at = row.due_at + 24 * HOUR + timedelta(seconds=30)
    follow_ups.record_call(by=by, now=at, follow_up_id=row.public_id, result=Result.NO_ANSWER)
    assert climbed(row, 25).rung == 1
    assert row.reminders.filter(rung=1, status="planned").exists()


def test_the_last_call_of_a_step_that_leads_to_a_message_plans_it_and_taken_back_withdraws_it(
    site: Site, by: Actor
) -> None:
    ladders = pathways.document()["ladders"]
    calls = [{"kind": "staff_call", "wait_hours": 24, "tries": 1}, {"kind": "message", "wait_hours": 24}]
    contact = next(each for each in ladders if each["key"] == "contact")
    contact["rungs"] = [*calls, contact["rungs"][-1]]
    pathways.program(changed={"ladders": ladders}, now=NOW - 48 * HOUR)
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    enrolled = enrollments.enroll(
        by=by, now=NOW, patient_id=person.public_id, program_key=pathways.KRATOM, site_id=site.public_id
    )
    row = enrolled.follow_ups.get(rule_key="welcome")
    call = follow_ups.record_call(by=by, now=row.due_at, follow_up_id=row.public_id, result=Result.NO_ANSWER)
    assert list(row.reminders.values_list("rung", "status")) == [(1, "planned")]
    follow_ups.undo_call(by=by, now=row.due_at + HOUR / 10, call_id=call.public_id)
    assert list(row.reminders.values_list("rung", "status")) == [(1, "cancelled")]
    follow_ups.record_call(by=by, now=row.due_at + HOUR, follow_up_id=row.public_id, result=Result.NO_ANSWER)
    assert list(row.reminders.order_by("pk").values_list("rung", "status")) == [(1, "cancelled"), (1, "planned")]


def test_a_try_chosen_for_later_than_the_wait_of_its_step_is_waited_for_and_its_wait_with_it(
    site: Site, by: Actor
) -> None:
    row = pathways.enrolled(patients.patient(site, by=by), by=by, site=site).follow_ups.get(rule_key="welcome")
    again = row.due_at + 120 * HOUR
    follow_ups.record_call(
        by=by, now=row.due_at, follow_up_id=row.public_id, result=Result.NO_ANSWER, try_again_at=again
    )
    stood = row.rung
    assert (climbed(row, 121).rung, row.act_at, row.climbs_at) == (stood, again, again + 72 * HOUR)
    patience(row, by, 24)
    row.refresh_from_db()
    assert row.climbs_at == again + 96 * HOUR
    assert climbed(row, 215).rung == stood
    assert climbed(row, 216).rung > stood


def test_a_message_for_the_second_channel_that_came_to_nothing_climbs(row: FollowUp) -> None:
    assert climbed(row, 25).rung == 1
    with allow_direct_writes():
        row.reminders.filter(rung=1).update(status="suppressed", status_at=row.due_at + 25 * HOUR)
    assert climbed(row, 26).rung == 3


def answered(row: FollowUp, hours: int) -> FollowUp:
    return follow_ups.note_answer(by=clinic.job(), now=row.due_at + hours * HOUR, follow_up_id=row.public_id)


def test_an_answer_puts_it_with_a_person_at_once_and_no_more_messages_go(row: FollowUp) -> None:
    found = answered(climbed(row, 25), 26)
    assert (found.rung, found.act_at, found.rung_since) == (3, row.due_at + 26 * HOUR, row.due_at + 26 * HOUR)
    assert set(row.reminders.filter(rung=1).values_list("status", "status_code")) == {
        ("cancelled", "reminder.cancelled.answered")
    }


def test_what_nobody_does_about_an_answer_climbs_to_the_supervisor(row: FollowUp) -> None:
    answered(row, 1)
    assert climbed(row, 72).rung == 3
    assert (climbed(row, 74).rung, row.owner_role) == (4, Role.SUPERVISOR)


def test_an_answer_told_again_or_to_what_has_ended_changes_nothing(row: FollowUp, by: Actor) -> None:
    version = answered(row, 1).version
    assert answered(row, 2).version == version
    follow_ups.record_call(by=by, now=row.due_at + 3 * HOUR, follow_up_id=row.public_id, result=Result.REACHED)
    row.refresh_from_db()
    assert answered(row, 4).version == row.version
    assert answered(row, 4).outcome == "reached"


def test_an_answer_while_a_call_is_put_off_brings_it_back_to_today(row: FollowUp, by: Actor) -> None:
    climbed(row, 49)
    follow_ups.record_call(by=by, now=row.due_at + 50 * HOUR, follow_up_id=row.public_id, result=Result.NO_ANSWER)
    found = answered(row, 51)
    assert (found.rung, found.act_at) == (3, row.due_at + 51 * HOUR)


# -- patience ----------------------------------------------------------------------------------------------------------


def test_a_contact_that_cannot_be_read_holds_up_no_other(site: Site, row: FollowUp, by: Actor) -> None:
    other = patients.patient(site, by=by, contact_points=[patients.phone()])
    broken = pathways.enrolled(other, by=by, site=site).follow_ups.get(rule_key="welcome")
    with allow_direct_writes():
        FollowUp.objects.filter(pk=broken.pk).update(time_zone="Nowhere/Land")
    with capture_logs() as lines:
        assert climbed(row, 25).rung == 1
    assert [(each["what"], each["id"]) for each in lines if each["event"] == "passed_over"] == [
        ("follow_up", str(broken.public_id))
    ]
    broken.refresh_from_db()
    assert broken.rung == 0 and not broken.outcome


def patience(row: FollowUp, by: Actor, hours: int, version: int | None = None) -> int:
    kept = contacts.prefer(
        patient=row.patient, expected_version=version, preferred_channel="", reminders_wanted=True, grace_hours=hours,
        by=by, now=NOW,
    )  # fmt: skip
    return kept.version


def test_who_needs_more_time_is_given_it_on_every_step(row: FollowUp, by: Actor) -> None:
    patience(row, by, 24)
    row.refresh_from_db()
    assert row.climbs_at == row.act_at == row.due_at + 48 * HOUR
    assert climbed(row, 47).rung == 0
    assert climbed(row, 48).rung == 1
    assert row.climbs_at == row.due_at + 96 * HOUR


def test_a_step_under_way_gets_the_present_patience_too_and_loses_it_again(row: FollowUp, by: Actor) -> None:
    assert climbed(row, 25).rung == 1
    version = patience(row, by, 12)
    row.refresh_from_db()
    assert row.climbs_at == row.due_at + 60 * HOUR
    patience(row, by, 0, version)
    row.refresh_from_db()
    assert row.climbs_at == row.due_at + 48 * HOUR


def test_what_is_planned_later_knows_of_it(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    contacts.prefer(
        patient=person, expected_version=None, preferred_channel="", reminders_wanted=True, grace_hours=10, by=by,
        now=NOW,
    )  # fmt: skip
    row = pathways.enrolled(person, by=by, site=site).follow_ups.get(rule_key="welcome")
    assert row.climbs_at == row.due_at + 34 * HOUR


@pytest.mark.parametrize("hours", [-1, 337])
def test_nobody_is_given_less_than_none_or_more_than_two_weeks(hours: int, row: FollowUp, by: Actor) -> None:
    with pytest.raises(Refused) as refused:
        patience(row, by, hours)
    assert set(refused.value.fields) == {"grace_hours"}


def test_who_says_nothing_of_patience_leaves_it_as_it_is(row: FollowUp, by: Actor) -> None:
    version = patience(row, by, 24)
    kept = contacts.prefer(
        patient=row.patient, expected_version=version, preferred_channel="email", reminders_wanted=True, by=by, now=NOW
    )
    assert kept.grace_hours == 24


# -- a support person --------------------------------------------------------------------------------------------------


def test_a_support_person_is_asked_only_where_a_consent_names_them(row: FollowUp, by: Actor) -> None:
    assert climbed(row, 49).rung == 3
    assert support_people([row.patient_id], NOW) == {}


def test_whom_a_consent_names_is_asked_in_their_turn(row: FollowUp, by: Actor) -> None:
    patients.support_consented(row.patient, by=by, name="Maria Ruiz")
    assert support_people([row.patient_id], row.due_at) == {row.patient_id: ["Maria Ruiz"]}
    assert climbed(row, 49).rung == 2
    assert climbed(row, 73).rung == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": ""},
        {"categories": (DisclosureCategory.SCREENS_AND_LABS,)},
        {"purposes": (ConsentPurpose.PAYMENT,), "kind": ConsentKind.SPECIFIC},
        {"expires_on": NOW.date() + timedelta(days=1)},
        {"recipient_class": RecipientClass.EMPLOYER},
    ],
)
def test_a_consent_that_says_something_else_is_none(changes: dict[str, object], row: FollowUp, by: Actor) -> None:
    try:
        patients.support_consented(row.patient, by=by, **changes)
    except Refused as refused:
        assert set(refused.fields) <= {"recipient", "purposes"}
    assert climbed(row, 49).rung == 3


def test_a_consent_that_is_taken_back_ends_it(row: FollowUp, by: Actor) -> None:
    signed = patients.support_consented(row.patient, by=by)
    part2_consents.revoke_consent(consent=signed, method=RevocationMethod.SAID, by=by, now=NOW + timedelta(hours=1))
    assert climbed(row, 49).rung == 3


@pytest.mark.parametrize("number", [5, 50])
def test_many_climb_in_as_many_statements_as_few(number: int, site: Site, by: Actor) -> None:
    people = [patients.patient(site, by=by, contact_points=[patients.phone()]) for _ in range(number)]
    rows = [pathways.enrolled(each, by=by, site=site).follow_ups.get(rule_key="welcome") for each in people]
    job, now = clinic.job(), rows[0].due_at + 25 * HOUR
    with CaptureQueriesContext(connection) as seen:
        assert follow_ups.climb_ladders(by=job, now=now, patients=[each.pk for each in people])["climbed"] >= number
    assert len(seen) == CLIMBED_IN


CLIMBED_IN = 14
