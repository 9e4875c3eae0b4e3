"""Several follow-ups given away at once."""

from uuid import uuid4

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.models import FollowUp
from pathways.rules.follow_ups import Outcome
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(site: Site) -> Actor:
    return clinic.actor(roles=[Role.PEER_SUPPORTER], sites=[site])


@pytest.fixture
def three(site: Site, by: Actor) -> list[FollowUp]:
    row = pathways.enrolled(patients.patient(site, by=by), site=site, by=by)
    return list(row.follow_ups.open().order_by("due_at")[:3])


def test_all_have_their_new_owner_and_each_is_on_record(three: list[FollowUp], by: Actor, peer: Actor) -> None:
    wanted = {each.public_id: each.version for each in three}
    made = follow_ups.assign_many(by=by, now=NOW, follow_ups=wanted, owner_id=peer.public_id)
    assert (len(made.given), made.left) == (3, ())
    assert {FollowUp.objects.get(pk=each.pk).owner for each in three} == {peer}
    assert AuditEntry.objects.filter(action="follow_up.assign").count() == 3


def test_what_ended_or_changed_meanwhile_is_left_as_it_is_and_named(
    three: list[FollowUp], by: Actor, peer: Actor
) -> None:
    wanted = {each.public_id: each.version for each in three}
    follow_ups.close(by=by, now=NOW, follow_up_id=three[0].public_id, outcome=Outcome.KEPT)
    follow_ups.assign(by=by, now=NOW, follow_up_id=three[1].public_id, owner_id=by.public_id)
    made = follow_ups.assign_many(by=by, now=NOW, follow_ups=wanted, owner_id=peer.public_id)
    assert [each.pk for each in made.given] == [three[2].pk]
    assert {each.pk for each in made.left} == {three[0].pk, three[1].pk}
    assert FollowUp.objects.get(pk=three[1].pk).owner == by


def test_without_a_version_whichever_there_is_now_is_given(three: list[FollowUp], by: Actor, peer: Actor) -> None:
    follow_ups.assign(by=by, now=NOW, follow_up_id=three[0].public_id, owner_id=by.public_id)
    made = follow_ups.assign_many(
        by=by, now=NOW, follow_ups={three[0].public_id: None}, owner_id=peer.public_id
    )  # fmt: skip
    assert [each.owner for each in made.given] == [peer]


def test_given_to_nobody_in_particular_they_are_the_roles_again(three: list[FollowUp], by: Actor, peer: Actor) -> None:
    wanted = dict.fromkeys([each.public_id for each in three])
    follow_ups.assign_many(by=by, now=NOW, follow_ups=wanted, owner_id=peer.public_id)
    follow_ups.assign_many(by=by, now=NOW, follow_ups=wanted, owner_id=None)
    assert {FollowUp.objects.get(pk=each.pk).owner for each in three} == {None}


def test_a_foreign_one_among_them_stops_all(three: list[FollowUp], by: Actor, peer: Actor) -> None:
    wanted = {three[0].public_id: None, uuid4(): None}
    with pytest.raises(Refused) as refused:
        follow_ups.assign_many(by=by, now=NOW, follow_ups=wanted, owner_id=peer.public_id)
    assert refused.value.status == 404
    assert FollowUp.objects.get(pk=three[0].pk).owner != peer


def test_the_new_owner_works_at_the_site(three: list[FollowUp], by: Actor) -> None:
    stranger = clinic.actor(roles=[Role.NURSE])
    with pytest.raises(Refused) as refused:
        follow_ups.assign_many(
            by=by, now=NOW, follow_ups={three[0].public_id: None}, owner_id=stranger.public_id
        )  # fmt: skip
    assert refused.value.fields.keys() == {"owner"}


@pytest.mark.parametrize("number", [0, 201])
def test_none_and_too_many_are_refused(by: Actor, number: int) -> None:
    with pytest.raises(Refused) as refused:
        follow_ups.assign_many(
            by=by, now=NOW, follow_ups=dict.fromkeys(uuid4() for _ in range(number)), owner_id=None
        )  # fmt: skip
    assert refused.value.fields.keys() == {"follow_ups"}


def test_a_peer_supporter_gives_nothing_away(three: list[FollowUp], peer: Actor) -> None:
    with pytest.raises(Refused) as refused:
        follow_ups.assign_many(
            by=peer, now=NOW, follow_ups={three[0].public_id: None}, owner_id=peer.public_id
        )  # fmt: skip
    assert refused.value.status == 403
