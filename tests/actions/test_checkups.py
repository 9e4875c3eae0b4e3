"""Recovery check-ups: what one finds moves the next ones, and taking it back puts them back."""

from datetime import date, timedelta

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, follow_ups
from pathways.models import CallResult, Enrollment, FollowUp
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways, patients
from tests.factories.course import LATER

pytestmark = pytest.mark.django_db
RULE = "after-discharge-checkup"
MONTH = timedelta(days=31)


@pytest.fixture
def clinician() -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[clinic.site()])


@pytest.fixture
def enrollment(clinician: Actor) -> Enrollment:
    """Somebody who left, and can be written to."""
    site: Site = clinician.sites.get()
    person = patients.patient(site, by=clinician, contact_points=[patients.phone()])
    row = pathways.enrolled(person, by=clinician, site=site)
    enrollments.discharge(by=clinician, now=LATER, enrollment_id=row.public_id, reason=DischargeReason.CHOSE_TO_LEAVE)
    return row


def checkups(row: Enrollment) -> list[FollowUp]:
    return list(FollowUp.objects.open().filter(enrollment=row, rule_key=RULE).order_by("occurrence"))


def days(row: Enrollment) -> list[date]:
    return [each.due_on for each in checkups(row)]


def found(row: FollowUp, by: Actor, *, need: bool) -> CallResult:
    return follow_ups.record_call(by=by, now=row.due_at, follow_up_id=row.public_id, result=Result.REACHED, need=need)


def test_need_at_a_checkup_brings_the_next_within_a_month(enrollment: Enrollment, clinician: Actor) -> None:
    first, second, *_ = checkups(enrollment)
    assert second.due_on - first.due_on > MONTH
    found(first, clinician, need=True)
    assert days(enrollment)[0] - first.due_on <= MONTH


def test_need_told_when_a_checkup_is_closed_counts_the_same(enrollment: Enrollment, clinician: Actor) -> None:
    first = checkups(enrollment)[0]
    follow_ups.close(by=clinician, now=first.due_at, follow_up_id=first.public_id, outcome=Outcome.KEPT, need=True)
    assert days(enrollment)[0] - first.due_on <= MONTH


def test_a_checkup_that_moves_takes_its_message_along(enrollment: Enrollment, clinician: Actor) -> None:
    first, second, *_ = checkups(enrollment)
    found(first, clinician, need=True)
    old, new = second.reminders.order_by("pk")
    second.refresh_from_db()
    assert (old.status, new.status, new.due_on) == ("cancelled", "planned", second.due_on)


def test_without_need_the_next_ones_stand_where_they_stood(enrollment: Enrollment, clinician: Actor) -> None:
    before = days(enrollment)
    found(checkups(enrollment)[0], clinician, need=False)
    assert days(enrollment) == before[1:]


def test_taking_need_back_puts_the_next_ones_back(enrollment: Enrollment, clinician: Actor) -> None:
    before = days(enrollment)
    first = checkups(enrollment)[0]
    call = found(first, clinician, need=True)
    follow_ups.undo_call(by=clinician, now=first.due_at + timedelta(minutes=5), call_id=call.public_id)
    first.refresh_from_db()
    assert (first.outcome, first.need) == ("", None)
    assert days(enrollment) == before
