"""Chance in a rehearsal: the same seed gives the same answer to the same question, in whatever order they are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from pathways.rules.moves import Destination, MoveKind
from pathways.rules.programs import ProgramDocument
from pathways.rules.rehearsals.scripts import (
    A_HUNDRED,
    EventKind,
    Language,
    Replies,
    Script,
    ScriptEvent,
    Silence,
)

Item = TypeVar("Item")
LARGEST_SEED = 999_999
# How often of a hundred a random course holds each of these (invented, to show every part of a program now and then).
_RETURNS, _HOLDS, _SILENCES, _LEAVES, _COMES_BACK, _SETTLES = 55, 30, 35, 35, 60, 85
_LEAST_STAY = 20
"""Days between a discharge and a readmission, and before anybody leaves: less shows nothing."""


@dataclass(frozen=True, slots=True)
class Dice:
    """One rehearsal's chance. A question is what it is about: `hits(70, "call", rule_key, occurrence)`."""

    seed: int

    def of(self, *question: object) -> Random:
        """The dice of one question."""
        return Random("/".join(str(part) for part in (self.seed, *question)))  # noqa: S311 - a story, not a secret

    def hits(self, share: int, *question: object) -> bool:
        """Whether it happens, where it happens `share` times of a hundred."""
        return self.of(*question).randrange(A_HUNDRED) < share

    def between(self, least: int, most: int, *question: object) -> int:
        """A whole number, both ends included."""
        return self.of(*question).randint(least, most)

    def one(self, items: Sequence[Item], *question: object) -> Item:
        """One of them. Raises IndexError where there is none."""
        return self.of(*question).choice(items)


def random_script(seed: int, days: int, document: ProgramDocument, title: str) -> Script:
    """A course of care made up from a seed: how somebody answers, when use returns, whether they pause or leave."""
    dice = Dice(seed)
    return Script(
        title=title,
        language=dice.one([Language.ENGLISH, Language.ENGLISH, Language.ENGLISH, Language.SPANISH], "language"),
        settles_after=tuple(dice.between(2, 60, "settles", place) for place in range(len(document.phases))),
        settles=dice.hits(_SETTLES, "settles at all"),
        forms=dice.between(40, 100, "forms"),
        attendance=dice.between(40, 100, "attendance"),
        screens_positive=dice.between(0, 30, "screens"),
        check_up_need=dice.between(0, 40, "need"),
        replies=_replies(dice),
        silent=tuple(_silences(dice, days)),
        events=tuple(sorted(_events(dice, days, document), key=lambda event: event.on_day)),
    )


def _replies(dice: Dice) -> Replies:
    first, later, call = (dice.between(10, 90, "replies", kind) for kind in range(3))
    return Replies(first, later, call, dice.between(0, 10, "no"))


def _silences(dice: Dice, days: int) -> list[Silence]:
    if not dice.hits(_SILENCES, "silence"):
        return []
    start = dice.between(1, days, "silence from")
    return [Silence(start, min(start + dice.between(7, 60, "silence for"), days))]


def _events(dice: Dice, days: int, document: ProgramDocument) -> list[ScriptEvent]:
    found = [*_returns(dice, days, document), *_holds(dice, days, document)]
    if dice.hits(_LEAVES, "leaves") and days > 2 * _LEAST_STAY:
        found += _leaving(dice, days, document)
    return found


def _returns(dice: Dice, days: int, document: ProgramDocument) -> list[ScriptEvent]:
    found: list[ScriptEvent] = []
    while len(found) < 6 and dice.hits(_RETURNS, "returns", len(found)):
        day = dice.between(3, days, "returns on", len(found))
        found.append(ScriptEvent(EventKind.RETURN_TO_USE, day))
        reasons = _reasons(document, MoveKind.STEP_BACK)
        if reasons and dice.hits(50, "steps back", len(found)):
            reason = "return_to_use" if "return_to_use" in reasons else dice.one(reasons, "step back for", len(found))
            found.append(ScriptEvent(EventKind.STEP_BACK, min(day + 2, days), reason=reason))
    return found


def _holds(dice: Dice, days: int, document: ProgramDocument) -> list[ScriptEvent]:
    reasons = _reasons(document, MoveKind.HOLD)
    if not reasons or not dice.hits(_HOLDS, "holds"):
        return []
    start = dice.between(5, days, "holds from")
    until = min(start + dice.between(5, 60, "holds for"), days)
    return [ScriptEvent(EventKind.HOLD, start, until_day=until, reason=dice.one(reasons, "holds because"))]


def _leaving(dice: Dice, days: int, document: ProgramDocument) -> list[ScriptEvent]:
    reasons = [each for each in _reasons(document, MoveKind.DISCHARGE) if each not in ("completed", "died")]
    if not reasons:
        return []
    day = dice.between(_LEAST_STAY, days, "leaves on")
    where = dice.one(list(Destination), "leaves for")
    found = [ScriptEvent(EventKind.DISCHARGE, day, reason=dice.one(reasons, "leaves because"), destination=where)]
    back = day + dice.between(_LEAST_STAY, 90, "back after")
    if back < days and dice.hits(_COMES_BACK, "comes back"):
        found.append(ScriptEvent(EventKind.READMIT, back))
    return found


def _reasons(document: ProgramDocument, kind: MoveKind) -> list[str]:
    """The reasons the program's rules of a kind name, in their order."""
    named = [reason for rule in document.transitions if rule.kind is kind for reason in rule.reasons]
    return list(dict.fromkeys(named))
