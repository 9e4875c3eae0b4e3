"""Whose a line is today, and whose list it stands on."""

import pytest

from clinic.rules.roles import Role
from pathways.rules.holders import Colleague, Held, Owned, Scope, held, in_scope, is_of, team_of

ADA, BEN, CLEO, DEV, EVE = 1, 2, 3, 4, 5
HERE = {ADA, BEN, CLEO, DEV}


def test_a_line_is_its_owners():
    assert held(Owned(ADA, Role.NURSE), HERE, {}) == Held(ADA, Role.NURSE)


def test_what_somebody_had_who_has_left_waits_for_its_role():
    assert held(Owned(9, Role.NURSE), HERE, {}) == Held(None, Role.NURSE)


def test_what_is_nobodys_and_waits_for_no_role_is_everybodys():
    assert held(Owned(), HERE, {}).everybody
    assert held(Owned(9), HERE, {}).everybody
    assert not held(Owned(role=Role.NURSE), HERE, {}).everybody


def test_on_days_away_it_is_the_covers_and_says_for_whom():
    assert held(Owned(ADA, Role.NURSE), HERE, {ADA: BEN}) == Held(BEN, Role.NURSE, instead_of=ADA)
    assert held(Owned(ADA, Role.NURSE), HERE, {ADA: None}) == Held(None, Role.NURSE, instead_of=ADA)
    assert held(Owned(BEN, Role.NURSE), HERE, {ADA: BEN}) == Held(BEN, Role.NURSE)


@pytest.mark.parametrize(
    ("each", "mine"),
    [
        (Held(ADA), True),
        (Held(BEN), False),
        (Held(ADA, instead_of=BEN), True),
        (Held(BEN, instead_of=ADA), False),
        (Held(None, Role.NURSE), True),
        (Held(None, Role.COUNSELOR), False),
        (Held(BEN, everybody=True), True),
    ],
)
def test_mine_is_by_name_by_cover_by_role_or_everybodys(each: Held, mine: bool):
    assert is_of(each, ADA, {Role.NURSE}) is mine


def _team(me: Colleague, covers: dict[int, int | None] | None = None) -> frozenset[int]:
    people = [
        Colleague(ADA, frozenset({Role.NURSE})),
        Colleague(BEN, frozenset({Role.NURSE, Role.COUNSELOR})),
        Colleague(CLEO, frozenset({Role.COUNSELOR})),
        Colleague(DEV, frozenset({Role.FRONT_DESK})),
        Colleague(EVE, frozenset({Role.SUPERVISOR})),
    ]
    return team_of(me, people, covers or {})


def test_my_team_shares_a_role_with_me():
    assert _team(Colleague(DEV, frozenset({Role.FRONT_DESK}))) == {DEV}
    assert _team(Colleague(9, frozenset({Role.FRONT_DESK, Role.COUNSELOR}))) == {9, BEN, CLEO, DEV, EVE}


def test_my_team_is_also_whom_i_cover_for_and_who_covers_for_me():
    me = Colleague(DEV, frozenset({Role.FRONT_DESK}))
    assert _team(me, {ADA: DEV}) == {ADA, DEV}
    assert _team(me, {DEV: CLEO}) == {CLEO, DEV}
    assert _team(me, {DEV: None}) == {DEV}


def test_supervisors_and_all_who_care_for_patients_are_one_anothers_team():
    assert _team(Colleague(EVE, frozenset({Role.SUPERVISOR}))) == {ADA, BEN, CLEO, EVE}
    assert _team(Colleague(ADA, frozenset({Role.NURSE}))) == {ADA, BEN, EVE}


@pytest.mark.parametrize(
    ("each", "scopes"),
    [
        (Held(ADA), {Scope.MINE, Scope.TEAM, Scope.SITE}),
        (Held(BEN), {Scope.TEAM, Scope.SITE}),
        (Held(CLEO), {Scope.SITE}),
        (Held(CLEO, instead_of=BEN), {Scope.TEAM, Scope.SITE}),
        (Held(None, Role.NURSE), {Scope.MINE, Scope.TEAM, Scope.SITE}),
        (Held(None, Role.COUNSELOR), {Scope.SITE}),
        (Held(CLEO, everybody=True), {Scope.MINE, Scope.TEAM, Scope.SITE}),
    ],
)
def test_each_scope_holds_the_narrower_one(each: Held, scopes: set[Scope]):
    assert {scope for scope in Scope if in_scope(each, scope, ADA, {Role.NURSE}, {ADA, BEN})} == scopes
