"""What a new, changed or retired address means for the messages still to come."""

from datetime import time, timedelta

import pytest

from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import contacts, enrollments, follow_ups
from pathways.models import Enrollment, FollowUp, Reminder
from pathways.rules.follow_ups import CallResult
from pathways.rules.moves import HoldReason
from patients.actions.contacts import NewContactPoint
from patients.models import ContactPoint
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW, email, phone

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OTHER = "+14155550199"


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


def under_way(site: Site, by: Actor, *points: NewContactPoint) -> Enrollment:
    return pathways.enrolled(patients.patient(site, by=by, contact_points=list(points)), site=site, by=by)


def add(row: Enrollment, by: Actor, point: NewContactPoint) -> ContactPoint:
    return contacts.add(patient=row.patient, point=point, by=by, now=NOW)


def change(old: ContactPoint, by: Actor, point: NewContactPoint) -> ContactPoint:
    return contacts.change(contact_point=old, expected_version=old.version, point=point, by=by, now=NOW)


def retire(old: ContactPoint, by: Actor) -> ContactPoint:
    return contacts.retire(contact_point=old, expected_version=old.version, by=by, now=NOW)


def planned(row: Enrollment) -> dict[int, str]:
    """Where the message of each follow-up is to go."""
    rows = Reminder.objects.filter(follow_up__enrollment=row, status="planned")
    return dict(rows.values_list("follow_up", "contact_point__address"))


def test_a_changed_number_gets_every_message_still_to_come(site: Site, by: Actor) -> None:
    row = under_way(site, by, phone())
    before = planned(row)
    assert before and set(before.values()) == {"+14155550132"}
    change(row.patient.contact_points.get(), by, phone(OTHER))
    assert planned(row) == dict.fromkeys(before, OTHER)
    withdrawn = Reminder.objects.filter(follow_up__enrollment=row, status="cancelled")
    assert set(withdrawn.values_list("status_code", flat=True)) == {"reminder.cancelled.address_changed"}
    assert AuditEntry.objects.filter(action="contact.plan_for_addresses").count() == 1


def test_the_first_number_gives_somebody_messages_where_people_would_have_called(site: Site, by: Actor) -> None:
    row, written_to = under_way(site, by), under_way(site, by, phone())
    assert planned(row) == {}
    add(row, by, phone(OTHER))
    steps = {each.rule_key + str(each.occurrence): each.rung for each in written_to.follow_ups.open()}
    assert {each.rule_key + str(each.occurrence): each.rung for each in row.follow_ups.open()} == steps
    assert len(planned(row)) == len(planned(written_to))


def test_without_any_number_people_call_from_the_first_step_on(site: Site, by: Actor) -> None:
    row, never_had_one = under_way(site, by, phone()), under_way(site, by)
    retire(row.patient.contact_points.get(), by)
    assert planned(row) == {}
    steps = [(each.rule_key, each.rung, each.act_at) for each in never_had_one.follow_ups.open().order_by("pk")]
    assert [(each.rule_key, each.rung, each.act_at) for each in row.follow_ups.open().order_by("pk")] == steps


def test_a_number_taken_up_again_is_written_to_again(site: Site, by: Actor) -> None:
    row = under_way(site, by, phone(), email())
    before = planned(row)
    preferred = {"patient": row.patient, "reminders_wanted": True, "by": by, "now": NOW}
    contacts.prefer(expected_version=None, preferred_channel="email", **preferred)
    assert planned(row) == dict.fromkeys(before, "person@example.org")
    contacts.prefer(expected_version=1, preferred_channel="sms", **preferred)
    assert planned(row) == before
    contacts.prefer(expected_version=2, preferred_channel="sms", **preferred)
    assert planned(row) == before


def test_messages_move_into_the_hours_somebody_asks_for(site: Site, by: Actor) -> None:
    row = under_way(site, by, phone())
    change(row.patient.contact_points.get(), by, phone(opens=time(17), closes=time(18)))
    at = Reminder.objects.filter(follow_up__enrollment=row, status="planned").values_list("due_time", flat=True)
    assert set(at) == {time(17)}


def test_a_second_number_changes_no_message(site: Site, by: Actor) -> None:
    row = under_way(site, by, phone())
    before = Reminder.objects.order_by("pk").values_list("pk", "status", "due_at")
    known = list(before)
    add(row, by, phone(OTHER))
    assert list(before.all()) == known
    assert not AuditEntry.objects.filter(action="contact.plan_for_addresses").exists()


@pytest.mark.parametrize("status", ["leased", "sending", "sent", "uncertain", "failed"])
def test_a_message_on_its_way_or_gone_is_not_sent_a_second_time(site: Site, by: Actor, status: str) -> None:
    row = under_way(site, by, phone())
    gone = Reminder.objects.filter(follow_up__enrollment=row).order_by("due_at").first()
    assert gone is not None
    pathways.standing(gone, status)
    change(row.patient.contact_points.get(), by, phone(OTHER))
    assert gone.follow_up_id not in planned(row)
    gone.refresh_from_db()
    assert gone.status == status


def test_what_somebody_already_worked_on_stays_where_it_stands(site: Site, by: Actor) -> None:
    row = under_way(site, by)
    early = row.follow_ups.open().order_by("due_at").last()
    assert early is not None
    follow_ups.record_call(by=by, now=NOW, follow_up_id=early.public_id, result=CallResult.NO_ANSWER)
    stood = FollowUp.objects.get(pk=early.pk)
    add(row, by, phone())
    now = FollowUp.objects.get(pk=early.pk)
    assert (now.rung, now.act_at, now.version) == (stood.rung, stood.act_at, stood.version)


def test_a_number_changed_during_a_hold_is_the_one_written_to_after_it(site: Site, by: Actor) -> None:
    row = under_way(site, by, phone())
    before = planned(row)
    given = {"by": by, "enrollment_id": row.public_id}
    enrollments.hold(now=NOW, reason=HoldReason.TRAVEL, review_on=(NOW + 9 * DAY).date(), **given)
    change(row.patient.contact_points.get(), by, phone(OTHER))
    enrollments.resume(now=NOW + timedelta(minutes=5), **given)
    after = planned(row)
    assert set(after.values()) == {OTHER}
    assert after.keys() >= before.keys()


def test_addresses_of_one_person_move_nobody_elses_messages(site: Site, by: Actor) -> None:
    row, other = under_way(site, by, phone()), under_way(site, by, phone())
    before = planned(other)
    change(row.patient.contact_points.get(), by, phone(OTHER))
    assert planned(other) == before
