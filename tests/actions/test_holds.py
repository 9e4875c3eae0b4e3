"""A hold is looked at again and again, ends when it ended, and leaves alone what came up during it."""

from datetime import date, datetime, timedelta

import pytest

from clinic.errors import Refused
from clinic.models import Actor
from pathways.actions import enrollments, follow_ups
from pathways.actions.returns import record_return_to_use
from pathways.models import Enrollment, FollowUp, Transition
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import DischargeReason, HoldReason
from tests.factories import clinic
from tests.factories.course import DAY, LATER

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TODAY = LATER.date()
REVIEW = TODAY + 14 * DAY


def held(row: Enrollment, by: Actor, review_on: date = REVIEW) -> Transition:
    return enrollments.hold(
        by=by, now=LATER, enrollment_id=row.public_id, reason=HoldReason.TRAVEL, review_on=review_on
    )


def resumed(row: Enrollment, by: Actor, now: datetime, effective_at: datetime | None = None) -> Transition:
    return enrollments.resume(by=by, now=now, enrollment_id=row.public_id, effective_at=effective_at)


def undone(row: Enrollment, by: Actor, now: datetime) -> None:
    enrollments.reverse(by=by, now=now, enrollment_id=row.public_id, note="Not so")


def contacts(row: Enrollment, **chosen: object) -> list[FollowUp]:
    return list(FollowUp.objects.open().filter(enrollment=row, **chosen).order_by("due_at"))


def test_the_reviews_of_a_long_hold_go_on(enrollment: Enrollment, clinician: Actor) -> None:
    held(enrollment, clinician)
    for row in contacts(enrollment, anchor_kind="hold"):
        follow_ups.close(by=clinician, now=row.due_at, follow_up_id=row.public_id, outcome=Outcome.KEPT)
    late = LATER + 100 * DAY
    assert follow_ups.plan_ahead(by=clinic.job(), now=late, enrollment_id=enrollment.pk) > 0
    assert {each.rule_key for each in contacts(enrollment, planned_at=late)} == {"hold-review"}


@pytest.mark.parametrize("days", [-1, 181])
def test_a_review_day_in_the_past_or_beyond_half_a_year_is_refused(
    enrollment: Enrollment, clinician: Actor, days: int
) -> None:
    with pytest.raises(Refused) as refused:
        held(enrollment, clinician, TODAY + days * DAY)
    assert (refused.value.status, refused.value.fields.keys()) == (422, {"review_on"})


def test_a_review_after_half_a_year_is_still_allowed(enrollment: Enrollment, clinician: Actor) -> None:
    held(enrollment, clinician, TODAY + 180 * DAY)
    assert contacts(enrollment, anchor_kind="hold")[0].due_on == TODAY + 180 * DAY


def test_what_was_due_since_the_hold_really_ended_comes_back(enrollment: Enrollment, clinician: Actor) -> None:
    row = contacts(enrollment, rule_key="stabilization-weekly-contact")[0]
    held(enrollment, clinician)
    resumed(enrollment, clinician, row.due_at + DAY, effective_at=row.due_at - DAY)
    row.refresh_from_db()
    assert row.outcome == ""


def test_what_was_due_before_the_hold_ended_does_not_come_back(enrollment: Enrollment, clinician: Actor) -> None:
    row = contacts(enrollment, rule_key="stabilization-weekly-contact")[0]
    held(enrollment, clinician)
    resumed(enrollment, clinician, row.due_at + DAY)
    row.refresh_from_db()
    assert row.outcome == "cancelled"


def test_contacts_after_a_return_during_the_hold_stay_when_its_end_is_undone(
    enrollment: Enrollment, clinician: Actor
) -> None:
    held(enrollment, clinician)
    on = LATER + DAY
    record_return_to_use(by=clinician, now=on, enrollment_id=enrollment.public_id, effective_at=on)
    before = contacts(enrollment, anchor_kind="return_to_use")
    resumed(enrollment, clinician, LATER + 2 * DAY)
    undone(enrollment, clinician, LATER + 2 * DAY + HOUR)
    assert before and contacts(enrollment, anchor_kind="return_to_use") == before
    assert not contacts(enrollment, anchor_kind="phase_entry", due_at__gt=LATER)


def test_undoing_a_discharge_from_a_hold_brings_back_its_review_day(enrollment: Enrollment, clinician: Actor) -> None:
    held(enrollment, clinician)
    enrollments.discharge(
        by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id, reason=DischargeReason.CHOSE_TO_LEAVE
    )
    undone(enrollment, clinician, LATER + DAY + HOUR)
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.review_on) == ("on_hold", REVIEW)
