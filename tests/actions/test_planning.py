"""What the nightly run plans on, what it leaves alone, and on which step a contact begins."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from clinic.models import Actor, Site
from pathways.actions import enrollments
from pathways.actions.follow_ups import plan_ahead
from pathways.models import Enrollment, FollowUp, Reminder
from pathways.queries.enrollments import open_ids
from pathways.rules.moves import DischargeReason, HoldReason
from tests.factories import clinic, pathways, patients
from tests.factories.course import DAY, LATER, to_therapy

pytestmark = pytest.mark.django_db
IN_THERAPY = {"therapy-weekly-check-in", "therapy-bam", "therapy-mood", "therapy-screen"}


def test_weekly_contact_is_planned_on_to_the_horizon_and_once(enrollment: Enrollment) -> None:
    now, job = LATER + 60 * DAY, clinic.job()
    assert plan_ahead(by=job, now=now, enrollment_id=enrollment.pk) > 0
    last = FollowUp.objects.open().latest("due_on")
    assert now.date() + 83 * DAY < last.due_on <= now.date() + 90 * DAY
    assert plan_ahead(by=job, now=now, enrollment_id=enrollment.pk) == 0


def test_after_a_long_hold_nothing_wholly_past_is_begun(enrollment: Enrollment, clinician: Actor) -> None:
    given = {"by": clinician, "enrollment_id": enrollment.public_id}
    enrollments.hold(**given, now=LATER, reason=HoldReason.CUSTODY, review_on=LATER.date() + 14 * DAY)
    back = LATER + 200 * DAY
    enrollments.resume(**given, now=back)
    plan_ahead(by=clinic.job(), now=back, enrollment_id=enrollment.pk)
    planned = FollowUp.objects.filter(planned_at=back)
    assert planned and all(each.due_on + each.window_days * DAY >= back.date() for each in planned)


def test_after_a_move_only_the_phase_somebody_stands_in_is_planned_on(enrollment: Enrollment, clinician: Actor) -> None:
    ids = open_ids()
    to_therapy(enrollment, clinician)
    now = LATER + 60 * DAY
    plan_ahead(by=clinic.job(), now=now, enrollment_id=ids[0])
    assert {each.rule_key for each in FollowUp.objects.filter(planned_at=now)} == IN_THERAPY


def test_after_the_end_nothing_is_planned_on(enrollment: Enrollment, clinician: Actor) -> None:
    [listed] = open_ids()
    enrollments.discharge(
        by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason=DischargeReason.MOVED_AWAY
    )
    assert plan_ahead(by=clinic.job(), now=LATER + 60 * DAY, enrollment_id=listed) == 0
    assert open_ids() == []


@pytest.mark.django_db(transaction=True)
def test_somebody_who_is_being_moved_is_left_to_the_next_run(enrollment: Enrollment) -> None:
    job = clinic.job()

    def nightly() -> int:
        try:
            return plan_ahead(by=job, now=LATER + 60 * DAY, enrollment_id=enrollment.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
            assert pool.submit(nightly).result(timeout=30) == 0
        assert pool.submit(nightly).result(timeout=30) > 0


def test_without_an_address_a_contact_begins_as_a_persons_task(enrollment: Enrollment) -> None:
    row = FollowUp.objects.get(enrollment=enrollment, rule_key="welcome")
    assert (row.rung, row.act_at) == (3, row.due_at)
    assert not Reminder.objects.exists()


def test_with_an_address_it_begins_with_a_message(site: Site, clinician: Actor) -> None:
    person = patients.patient(site, by=clinician, contact_points=[patients.phone()])
    row = pathways.enrolled(person, by=clinician, site=site).follow_ups.get(rule_key="welcome")
    assert (row.rung, row.act_at) == (0, row.due_at + DAY)
    assert row.reminders.get().status == "planned"
