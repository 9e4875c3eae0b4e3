"""Whose list a contact stands on: its owner's, or that of the role whose turn it is."""

from datetime import timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.models import FollowUp
from pathways.queries.worklist import choose, owed
from pathways.rules.saved_views import NOTHING
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
LATE = timedelta(days=20)


@pytest.fixture
def counselor(site: Site) -> Actor:
    return clinic.actor(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def contact(site: Site, counselor: Actor) -> FollowUp:
    """A contact that was given to the counselor."""
    by = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    row = pathways.enrolled(person, site=site, by=by).follow_ups.order_by("due_at").first()
    assert row is not None
    return follow_ups.assign(by=by, now=NOW, follow_up_id=row.public_id, owner_id=counselor.public_id)


def has_it(actor: Actor, contact: FollowUp) -> bool:
    lines = choose(owed(actor, contact.site, now=contact.due_at + LATE), NOTHING).lines
    return any(line.item.public_id == contact.public_id for line in lines)


def _climb(contact: FollowUp) -> FollowUp:
    while follow_ups.climb_ladders(by=clinic.job(), now=contact.due_at + LATE)["climbed"]:
        pass
    contact.refresh_from_db()
    return contact


def test_a_contact_stands_on_the_list_of_its_owner_alone(contact: FollowUp, counselor: Actor, site: Site) -> None:
    other = clinic.actor(roles=[Role.COUNSELOR, Role.NURSE, Role.PEER_SUPPORTER], sites=[site])
    assert has_it(counselor, contact) and not has_it(other, contact)


def test_what_silence_takes_to_the_supervisor_stands_on_the_supervisors_list(contact: FollowUp, site: Site) -> None:
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    assert not has_it(supervisor, contact)
    climbed = _climb(contact)
    assert (climbed.owner_role, climbed.owner) == (Role.SUPERVISOR, None)
    assert has_it(supervisor, climbed)


def test_a_step_of_the_supervisors_given_to_somebody_is_theirs(contact: FollowUp, counselor: Actor, site: Site) -> None:
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    row = _climb(contact)
    follow_ups.assign(by=supervisor, now=NOW, follow_up_id=row.public_id, owner_id=counselor.public_id)
    assert has_it(counselor, row) and not has_it(supervisor, row)


def test_what_somebody_who_left_had_stands_on_the_list_of_its_role(contact: FollowUp, counselor: Actor) -> None:
    colleague = clinic.actor(roles=[contact.owner_role], sites=[contact.site])
    assert contact.holder == counselor and not has_it(colleague, contact)
    with allow_direct_writes():
        counselor.is_active = False
        counselor.save()
    assert FollowUp.objects.get(pk=contact.pk).holder is None
    assert has_it(colleague, contact)
