"""Today's list of a site: everything owed, in order, with whose it is today; and the lines that are shown, dressed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clinic.models import Actor, ActorKind, Site
from clinic.queries.prepared import prepared
from pathways.queries.absences import in_force
from pathways.queries.risks import Course, newest_courses, risk_facts
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.absences import covers
from pathways.rules.holders import Colleague, Held, held, team_of
from pathways.rules.worklist import NO_RISK, PAPERS, Line, LineKind, LineType, worklist

Key = tuple[LineType, UUID]


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works at the site."""

    id: int
    public_id: UUID
    name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Owed:
    """Today's list of a site as somebody may see it.

    whose: whose each line is today, in their order · entries, holders: what stands behind each, and whose it is ·
    staff: who works here, by row id · team: the actor's team · cut: there is more than one list can hold · courses:
    where people stand, by row id, of those looked up (`with_courses`).
    """

    asked: Asked
    lines: tuple[Line, ...]
    whose: tuple[Held, ...]
    entries: Mapping[Key, Entry]
    holders: Mapping[Key, Held]
    staff: Mapping[int, Staff]
    team: frozenset[int]
    cut: bool = False
    courses: Mapping[int, Course] = field(default_factory=dict)

    def held(self, line: Line) -> Held:
        """Whose the line is today."""
        return self.holders[line.key]

    def holder(self, line: Line) -> Staff | None:
        """Who has it; None where nobody does."""
        by = self.holders[line.key].by
        return self.staff[by] if by is not None else None

    def instead_of(self, line: Line) -> Staff | None:
        """Who is away and has it by record."""
        away = self.holders[line.key].instead_of
        return self.staff[away] if away is not None else None

    def people(self, lines: Iterable[Line]) -> set[int]:
        """Whom these lines are about (row ids)."""
        found = {self.entries[line.key].patient for line in lines}
        return {each for each in found if each is not None}

    def course(self, line: Line) -> Course | None:
        """Where the person of the line stands, where that was looked up."""
        patient = self.entries[line.key].patient
        return self.courses.get(patient) if patient is not None else None


def owed(sources: Iterable[Source], actor: Actor, site: Site, *, now: datetime) -> Owed:
    """Everything owed at a site, in order. The same queries whatever the number of rows."""
    asked = Asked(actor, site, now)
    found = [list(source.gather(asked)) for source in sources]
    entries = _with_risks([entry for some in found for entry in some], now)
    staff = _staff(site)
    away = covers(in_force(asked.today), asked.today, working=staff)
    me = Colleague(actor.pk, frozenset(actor.roles))
    lines = worklist([each.item for each in entries], now)
    by_key = {_key(each): each for each in entries}
    holders = {key: held(each.owned, staff, away) for key, each in by_key.items()}
    return Owed(
        asked,
        lines,
        tuple(holders[line.key] for line in lines),
        by_key,
        holders,
        staff,
        team_of(me, (Colleague(each.id, each.roles) for each in staff.values()), away),
        cut=any(len(some) >= MOST_LINES for some in found),
    )


def _key(entry: Entry) -> Key:
    return entry.item.type, entry.item.public_id


def _with_risks(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """The entries with what is known of their people's risk, where it counts. Four queries."""
    known = risk_facts({each.patient for each in entries if each.patient is not None and _counts(each)}, now=now)

    def told(entry: Entry) -> Entry:
        risk = known.get(entry.patient) if entry.patient is not None else None
        return entry if risk is None or not _counts(entry) else replace(entry, item=replace(entry.item, risk=risk))

    return [told(each) for each in entries]


def _counts(entry: Entry) -> bool:
    """Safety stands above risk, papers are not put in order by it, and some lines know of it already."""
    item = entry.item
    return item.kind is not LineKind.SAFETY and item.type not in PAPERS and item.risk is NO_RISK


def with_courses(owed: Owed, lines: Iterable[Line]) -> Owed:
    """The same list, which knows where the people of these lines stand. One query."""
    return replace(owed, courses=newest_courses(owed.people(lines)))


def _staff(site: Site) -> dict[int, Staff]:
    found = _working_at(site.pk)
    return {pk: Staff(pk, public_id, name, frozenset(roles)) for pk, public_id, name, roles in found}


@prepared
def _working_at(site: int) -> QuerySet[Any, Any]:
    rows = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=site).order_by("name", "pk")
    return rows.values_list("pk", "public_id", "name", "roles")


def dressed(sources: Iterable[Source], owed: Owed, lines: Iterable[Line]) -> dict[Key, Dressed]:
    """The records and the words of these lines, for any number of them one or two queries a sort of line."""
    by_type: dict[LineType, list[Entry]] = defaultdict(list)
    for line in lines:
        by_type[line.item.type].append(owed.entries[line.key])
    found: dict[Key, Dressed] = {}
    for kind, dress in (each for source in sources for each in source.dress.items()):
        if kind in by_type:
            told = dress(owed.asked, by_type[kind])
            found |= {(kind, public_id): each for public_id, each in told.items()}
    return found
