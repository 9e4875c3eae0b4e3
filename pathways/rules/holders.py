"""Whose a line of work is today, whose it is by cover, and whose list it stands on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from clinic.rules.roles import Role


class Scope(StrEnum):
    """Whose work is shown."""

    MINE = "mine"
    TEAM = "team"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose something is by record: somebody by row id, or whoever has the role. `everybody`: seen by all at the site
    whoever has taken it, because it must not wait for one person (safety), or because all of them may do it."""

    owner: int | None = None
    role: str = ""
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Whose it is today: somebody by row id, or whoever has the role (None and a role); `instead_of`: who is away."""

    by: int | None
    role: str = ""
    instead_of: int | None = None
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works at the site: row id and roles."""

    id: int
    roles: frozenset[str]


def held(owned: Owned, working: Collection[int], covers: Mapping[int, int | None]) -> Held:
    """Whose it is today. What somebody left behind who has gone is nobody's; on days away it is the cover's. What is
    nobody's and waits for no role is everybody's, so that somebody sees it.

    `working`: everybody who works here now · `covers`: who is away today and who has their work (rules/absences.py).
    """
    by = owned.owner if owned.owner in working else None
    away = by if by in covers else None
    if away is not None:
        by = covers[away]
    return Held(by, owned.role, away, owned.everybody or (by is None and not owned.role))


def is_of(each: Held, me: int, roles: Collection[str]) -> bool:
    """Mine: by name or by cover; nobody's and for one of my roles; or everybody's."""
    return each.everybody or each.by == me or (each.by is None and each.role in roles)


SUPERVISED = frozenset({Role.CLINICIAN, Role.NURSE, Role.COUNSELOR, Role.PEER_SUPPORTER})


def team_of(me: Colleague, colleagues: Iterable[Colleague], covers: Mapping[int, int | None]) -> frozenset[int]:
    """My team at a site (local choice): whoever shares a role with me, whom I cover for today and who covers for me.
    Supervisors and all who care for patients are in one another's team. I am part of it."""
    roles = set(me.roles)
    if Role.SUPERVISOR in roles:
        roles |= SUPERVISED
    elif roles & SUPERVISED:
        roles.add(Role.SUPERVISOR)
    by_role = {each.id for each in colleagues if each.roles & roles}
    by_cover = {away for away, cover in covers.items() if cover == me.id}
    mine = covers.get(me.id)
    return frozenset({me.id, *by_role, *by_cover, *((mine,) if mine is not None else ())})


def in_scope(each: Held, scope: Scope, me: int, roles: Collection[str], team: Collection[int]) -> bool:
    """Whether a line stands on this list: mine, my team's with mine among it, or everything at the site."""
    if scope is Scope.SITE or is_of(each, me, roles):
        return True
    return scope is Scope.TEAM and (each.by in team or each.instead_of in team)
