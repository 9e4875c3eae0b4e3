"""What the tests of gates stand on: a moment, findings before it, and one criterion judged."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.roles import Role
from pathways.rules.documents import Fields
from pathways.rules.gates import (
    Criterion,
    CriterionResult,
    Gate,
    GateFacts,
    Override,
    OverrideReason,
    PhaseEntered,
    Reading,
    Requirement,
    decide,
    read_gate,
)
from pathways.rules.gates.registry import Kind

NOW = datetime(2026, 6, 18, 15, 0, tzinfo=UTC)
ZONE = "America/New_York"
SOMEBODY, SOMEBODY_ELSE = UUID(int=1), UUID(int=2)
OPEN_TO_SUPERVISOR = {"requirement": Requirement.OVERRIDABLE, "overridable_by": (Role.SUPERVISOR,)}


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def phq9(score: int | None, ago: timedelta, number: int = 9, **more: object) -> Reading:
    return Reading(UUID(int=number), "phq9", NOW - ago, total=score, **more)


def cows(score: int | None, ago: timedelta, number: int = 9) -> Reading:
    return Reading(UUID(int=number), "cows", NOW - ago, total=score)


def entered(on: date) -> PhaseEntered:
    """The phase was entered at noon of that day at the site."""
    return PhaseEntered(datetime.combine(on, time(12), ZoneInfo(ZONE)))


def facts(*known: object, sendable: frozenset[str] = frozenset(), as_of: datetime = NOW) -> GateFacts:
    """These facts, each under its own sort."""
    sorts = {type(each) for each in known}
    looked_up = {sort: tuple(each for each in known if type(each) is sort) for sort in sorts}
    return GateFacts(as_of, ZONE, looked_up, sendable)


def gate(*criteria: Criterion) -> Gate:
    return Gate("test", "Test", criteria)


def asked(kind: Kind, key: str = "asked", **more: object) -> Criterion:
    return Criterion(key, kind, **more)


def found(kind: Kind, *known: object, **more: object) -> CriterionResult:
    """One criterion judged on these facts."""
    return decide(gate(asked(kind)), facts(*known, **more)).criteria[0]


def aside(key: str = "asked", roles: tuple[Role, ...] = (Role.SUPERVISOR,), **more: object) -> Override:
    given = {"by": SOMEBODY, "reason": OverrideReason.CLINICAL_JUDGEMENT, "note": "Seen today, well.", **more}
    return Override(key, roles=roles, **given)


def read(*criteria: dict) -> tuple[Gate, list[tuple[str, str]]]:
    """A gate read from a document, and what was noted: paths and problems."""
    problems = []
    result = read_gate(Fields({"title": "T", "criteria": list(criteria)}, "exit", problems), "exit")
    return result, [(each.path, each.sentence.code.rsplit(".", 1)[1]) for each in problems]


def noted(**criterion: object) -> list[tuple[str, str]]:
    """What is wrong with one criterion of a document, by path within it."""
    _, problems = read({"key": "a", "source": "local default", **criterion})
    return [(path.removeprefix("exit.criteria[0]."), problem) for path, problem in problems]
