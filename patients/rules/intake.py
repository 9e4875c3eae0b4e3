"""The intake: which instruments are asked, in which order, and what may not be missing when it is signed.

The battery is the suggested one of the instrument catalogue ("Suggested battery", intake; local). Required are those
without which nobody can be admitted safely: what is taken and how much, whether it is a disorder, withdrawal now, mood
and suicide (local). An intake may be signed without a required one only with the reason it was not asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

BATTERY = (
    "kratom_use_profile",
    "dsm5_sud",
    "cows",
    "sows",
    "phq9",
    "gad7",
    "cssrs_screen",
    "auditc",
    "dast10",
    "pcptsd5",
    "bam",
    "barc10",
    "craving_vas",
)
REQUIRED = frozenset({"kratom_use_profile", "dsm5_sud", "cows", "phq9", "cssrs_screen"})
SUICIDE_SCREEN = "cssrs_screen"
ASKS_FOR_SUICIDE_SCREEN = {"phq9": "phq9_suicide"}
"""Instrument and alert that bring the suicide screen forward (PHQ-9 item 9 above zero: same session)."""


class SectionState(StrEnum):
    EMPTY = "empty"
    PARTIAL = "partial"
    DONE = "done"
    RECORDED = "recorded"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """What is known of one section: required items asked and answered, whether a value cannot be taken, what it raises.

    begun: anything is answered, be it an optional item.
    """

    key: str
    asked: int
    answered: int
    missing: int
    begun: bool = False
    problems: int = 0
    alerts: tuple[str, ...] = ()
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section in its place. `brought_forward`: an answer asks for it now."""

    key: str
    state: SectionState
    asked: int
    answered: int
    missing: int
    required: bool
    brought_forward: bool


def arrange(facts: Sequence[SectionFacts]) -> tuple[Section, ...]:
    """The sections in the order they are to be asked: the suicide screen follows at once an answer that asks for it."""
    asking = next((fact.key for fact in facts if _asks_for_screen(fact)), None)
    order = [fact for fact in facts if asking is None or fact.key != SUICIDE_SCREEN]
    if asking is not None and len(order) < len(facts):
        place = [fact.key for fact in order].index(asking) + 1
        order.insert(place, next(fact for fact in facts if fact.key == SUICIDE_SCREEN))
    return tuple(_section(fact, brought_forward=asking is not None and fact.key == SUICIDE_SCREEN) for fact in order)


def not_ready(sections: Sequence[Section]) -> tuple[Section, ...]:
    """The required sections that are not complete."""
    complete = (SectionState.DONE, SectionState.RECORDED)
    return tuple(each for each in sections if each.required and each.state not in complete)


def tally(sections: Sequence[Section]) -> Mapping[str, int]:
    """How many sections are done, of how many."""
    done = sum(each.state in (SectionState.DONE, SectionState.RECORDED) for each in sections)
    return {"done": done, "all": len(sections)}


def _asks_for_screen(fact: SectionFacts) -> bool:
    return ASKS_FOR_SUICIDE_SCREEN.get(fact.key) in fact.alerts


def _section(fact: SectionFacts, *, brought_forward: bool) -> Section:
    state = _state(fact)
    waiting = state in (SectionState.EMPTY, SectionState.PARTIAL)
    return Section(
        key=fact.key,
        state=state,
        asked=fact.asked,
        answered=fact.answered,
        missing=fact.missing,
        required=fact.key in REQUIRED,
        brought_forward=brought_forward and waiting,
    )


def _state(fact: SectionFacts) -> SectionState:
    if fact.recorded:
        return SectionState.RECORDED
    if fact.problems:
        return SectionState.INVALID
    if not fact.begun:
        return SectionState.EMPTY
    return SectionState.PARTIAL if fact.missing else SectionState.DONE
