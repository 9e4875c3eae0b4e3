"""Climbing: whose work the next step is, and what a call changes while a message is still given its time."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.models import FollowUp
from pathways.rules.follow_ups import CallResult as Result
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Site:
    return clinic.site()


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])


@pytest.fixture
def row(site: Site, by: Actor) -> FollowUp:
    """The welcome of somebody who can be written to on two channels."""
    person = patients.patient(site, by=by, contact_points=[patients.phone(), patients.email()])
    return pathways.enrolled(person, by=by, site=site).follow_ups.get(rule_key="welcome")


def climbed(row: FollowUp, hours: int) -> FollowUp:
    """As it stands so many hours after it was due."""
    follow_ups.climb_ladders(by=clinic.job(), now=row.due_at + hours * HOUR)
    row.refresh_from_db()
    return row


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
