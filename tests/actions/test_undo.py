"""Taking a call back undoes that call, and nothing anybody decided since."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions import follow_ups as acts
from pathways.models import CallResult, FollowUp
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways
from tests.factories.course import LATER

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def boss(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])


@pytest.fixture
def row(site: Site, by: Actor) -> FollowUp:
    """The welcome of somebody without an address: a task of two calls for a peer supporter."""
    return pathways.enrolled(site=site, by=by).follow_ups.get(rule_key="welcome")


@pytest.fixture
def call(row: FollowUp, by: Actor) -> CallResult:
    return acts.record_call(by=by, now=LATER, follow_up_id=row.public_id, result=Result.NO_ANSWER)


def _discharged(row: FollowUp, by: Actor) -> None:
    enrollments.discharge(
        by=by, now=LATER + MINUTE, enrollment_id=row.enrollment.public_id, reason=DischargeReason.DIED
    )


def _closed(row: FollowUp, by: Actor) -> None:
    acts.close(by=by, now=LATER + MINUTE, follow_up_id=row.public_id, outcome=Outcome.DECLINED, note="Asked us not to")


def _rescheduled(row: FollowUp, by: Actor) -> None:
    acts.reschedule(by=by, now=LATER + MINUTE, follow_up_id=row.public_id, on=LATER.date() + timedelta(days=300))


def _assigned(row: FollowUp, by: Actor) -> None:
    acts.assign(by=by, now=LATER + MINUTE, follow_up_id=row.public_id, owner_id=by.public_id)


@pytest.mark.parametrize("since", [_discharged, _closed, _rescheduled, _assigned])
def test_a_call_is_not_taken_back_once_something_else_happened(
    row: FollowUp, call: CallResult, by: Actor, boss: Actor, since: Callable[[FollowUp, Actor], None]
) -> None:
    since(row, boss)
    before = FollowUp.objects.values().get(pk=row.pk)
    with pytest.raises(Refused, match="call_not_undoable"):
        acts.undo_call(by=by, now=LATER + 2 * MINUTE, call_id=call.public_id)
    assert FollowUp.objects.values().get(pk=row.pk) == before


def test_a_call_is_not_taken_back_once_its_contact_climbed(row: FollowUp, by: Actor) -> None:
    assert row.climbs_at is not None
    late = row.climbs_at
    call = acts.record_call(by=by, now=late - MINUTE, follow_up_id=row.public_id, result=Result.LEFT_MESSAGE)
    assert acts.climb_ladders(by=clinic.job(), now=late + MINUTE)["climbed"]
    with pytest.raises(Refused, match="call_not_undoable"):
        acts.undo_call(by=by, now=late + 2 * MINUTE, call_id=call.public_id)


def test_whose_contact_it_was_comes_back_with_the_call(row: FollowUp, by: Actor, boss: Actor) -> None:
    acts.assign(by=boss, now=LATER, follow_up_id=row.public_id, owner_id=by.public_id)
    for _ in range(2):
        call = acts.record_call(by=by, now=LATER, follow_up_id=row.public_id, result=Result.NO_ANSWER)
    row.refresh_from_db()
    assert (row.owner, row.owner_role) == (None, Role.SUPERVISOR)
    acts.undo_call(by=by, now=LATER + MINUTE, call_id=call.public_id)
    row.refresh_from_db()
    assert (row.owner, row.owner_role) == (by, Role.PEER_SUPPORTER)
