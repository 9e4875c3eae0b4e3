"""What of a site's list somebody asked for: whose, of which kind, program, phase or risk; and what is to be counted."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pathways.queries.standings import standings
from pathways.queries.worklist.gathering import Owed, Staff, with_courses
from pathways.rules.holders import Scope, in_scope
from pathways.rules.saved_views import NOBODY, Wanted, keeps
from pathways.rules.worklist import Line, LineGroup, LineKind, Risk


@dataclass(frozen=True, slots=True)
class Chosen:
    """The lines one asked for, those that wait for a second signature apart. `beside`: how many of them stand there
    whatever one asks for."""

    lines: Sequence[Line]
    to_sign: Sequence[Line]
    beside: int = 0

    @property
    def number(self) -> int:
        """How many fit what was asked for."""
        return len(self.lines) + len(self.to_sign) - self.beside


def choose(owed: Owed, wanted: Wanted, *, always: Collection[LineGroup] = ()) -> Chosen:
    """What of the list is shown under these wishes. A query only where they name a program or a phase.

    `always`: groups that no filter takes off the list.
    """
    fitting = _kept(owed, wanted)
    fits = {id(line) for line in fitting}
    shown = [line for line in _in_scope(owed, wanted) if id(line) in fits or line.group in always]
    return Chosen(
        [line for line in shown if line.item.kind is not LineKind.COSIGN],
        [line for line in shown if line.item.kind is LineKind.COSIGN],
        len(shown) - len(fitting),
    )


def numbers(owed: Owed) -> dict[Scope, int]:
    """How many lines stand on each list, whatever else is asked for."""
    me, roles = owed.asked.actor.pk, owed.asked.actor.roles
    return {scope: sum(in_scope(each, scope, me, roles, owed.team) for each in owed.whose) for scope in Scope}


def _in_scope(owed: Owed, wanted: Wanted) -> list[Line]:
    actor, scope = owed.asked.actor, Scope(wanted.scope or Scope.MINE)
    # Whoever asks for one person's work asks for it wherever it stands.
    scope = Scope.SITE if wanted.owner else scope
    held = zip(owed.lines, owed.whose, strict=True)
    return [line for line, each in held if in_scope(each, scope, actor.pk, actor.roles, owed.team)]


def _kept(owed: Owed, wanted: Wanted) -> list[Line]:
    lines = _in_scope(owed, wanted)
    if not wanted.narrows:
        return lines
    if wanted.program or wanted.phase:
        owed = with_courses(owed, lines)
    return [line for line in lines if _fits(owed, wanted, line)]


def _fits(owed: Owed, wanted: Wanted, line: Line) -> bool:
    course = owed.course(line)
    program, phase = (course.program, course.phase) if course else ("", "")
    return keeps(wanted, line, holder=holder_key(owed, line), program=program, phase=phase)


def holder_key(owed: Owed, line: Line) -> str:
    """The public id of whoever has it, or "nobody"."""
    holder = owed.holder(line)
    return str(holder.public_id) if holder else NOBODY


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines of each group somebody has; `who` is None for what nobody has."""

    who: Staff | None
    groups: Mapping[LineGroup, int]


def by_person(owed: Owed, scope: Scope) -> list[Count]:
    """Everybody with lines at the site, or in the team: oneself first, then by name, what nobody has last."""
    counts: dict[int | None, dict[LineGroup, int]] = defaultdict(lambda: dict.fromkeys(LineGroup, 0))
    for line, held in zip(owed.lines, owed.whose, strict=True):
        if line.item.kind is not LineKind.COSIGN:
            counts[held.by][line.group] += 1
    me = owed.asked.actor.pk
    shown = {me} | {by for by in counts if scope is Scope.SITE or by is None or by in owed.team}
    found = [Count(owed.staff.get(by) if by is not None else None, counts[by]) for by in shown]
    return sorted(found, key=lambda row: _place(row, me))


def _place(row: Count, me: int) -> tuple[bool, bool, str]:
    return (row.who is None or row.who.id != me, row.who is None, row.who.name if row.who else "")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list can be narrowed to, as (value, words): only kinds, risks and owners there are on it, and programs
    and phases somebody of the site is in."""

    kinds: Sequence[LineKind]
    risks: Sequence[Risk]
    programs: Sequence[tuple[str, str]]
    phases: Sequence[tuple[str, str]]
    owners: Sequence[tuple[str, str]]


def choices(owed: Owed) -> Choices:
    """What there is to choose from, each in its order or by name. One query."""
    kinds = {line.item.kind for line in owed.lines}
    present = {risk for line in owed.lines for risk in line.risks}
    holders = {each.by for each in owed.whose}
    owners = {str(who.public_id): who.name for by, who in owed.staff.items() if by in holders}
    places = standings([owed.asked.site])
    return Choices(
        [kind for kind in LineKind if kind in kinds],
        [risk for risk in Risk if risk in present],
        places.programs,
        places.phases,
        _named(owners),
    )


def _named(found: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(found.items(), key=lambda each: each[1])
