"""Conditions of an instrument: when an item is asked, an alert raised, a triage band given.

A condition is answered true, false, or not known yet (None), because forms are read while they are being filled in:
`any` is true as soon as one part is, `all` only when every part is, and a comparison with an unanswered item is open.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class Subject(StrEnum):
    ITEM = "item"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Comparison:
    """An item's points (its number, for a number item) or a score, compared with a value."""

    subject: Subject
    key: str
    op: str
    value: float


@dataclass(frozen=True, slots=True)
class BandIs:
    """The triage band given."""

    band: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Always:
    """The last rule of a triage: true when nothing before it was."""


Condition = Comparison | BandIs | AnyOf | AllOf | Always


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a form: points or numbers by item, items surely not asked, scores, the triage band."""

    items: Mapping[str, float] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    scores: Mapping[str, float] = field(default_factory=dict)
    band: str | None = None


def holds(condition: Condition, facts: Facts) -> bool | None:
    """True, false, or None while the answers it needs are not there. A hidden item satisfies no comparison."""
    match condition:
        case Always():
            return True
        case BandIs(band):
            return None if facts.band is None else facts.band == band
        case Comparison():
            return _compare(condition, facts)
        case AnyOf(parts):
            return _any([holds(part, facts) for part in parts])
        case AllOf(parts):
            return _all([holds(part, facts) for part in parts])


def comparisons(condition: Condition) -> tuple[Comparison, ...]:
    """Every comparison inside a condition."""
    match condition:
        case Comparison():
            return (condition,)
        case AnyOf(parts) | AllOf(parts):
            return tuple(found for part in parts for found in comparisons(part))
        case _:
            return ()


def bands_named(condition: Condition) -> tuple[str, ...]:
    """Every triage band a condition asks about."""
    match condition:
        case BandIs(band):
            return (band,)
        case AnyOf(parts) | AllOf(parts):
            return tuple(found for part in parts for found in bands_named(part))
        case _:
            return ()


def _compare(comparison: Comparison, facts: Facts) -> bool | None:
    if comparison.subject is Subject.ITEM and comparison.key in facts.hidden:
        return False
    known = facts.items if comparison.subject is Subject.ITEM else facts.scores
    if comparison.key not in known:
        return None
    return OPERATORS[comparison.op](known[comparison.key], comparison.value)


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True
