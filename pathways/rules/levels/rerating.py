"""How old a rating may be, and when needs must be rated again.

Source: level-of-care.md, "Display" and "Override" (local choices). Phases are counted from 1; beyond the third the
rules of the third apply. Days are calendar days in the site's zone: the caller hands in dates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.levels.needs import Need

FIRST_PHASE = 1
LONGEST_AGE_DAYS_FIRST_PHASE = 7
LONGEST_AGE_DAYS = 30
RERATE_DAYS_EARLY = 30
RERATE_DAYS_LATE = 90
LATE_PHASE = 3


class ReratingTrigger(StrEnum):
    """What calls for a new rating: the course of care, or at once after an event."""

    ADMISSION = "admission"
    PHASE_CHANGE = "phase_change"
    INTERVAL = "interval"
    SEVERE_WITHDRAWAL = "severe_withdrawal"
    HIGH_SUICIDE_RISK = "high_suicide_risk"
    OVERDOSE = "overdose"
    PREGNANCY = "pregnancy"
    RETURN_TO_USE = "return_to_use"


SEVERE_WITHDRAWAL_COWS = 25
"""COWS from which needs are rated again at once: moderately severe and above."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One need's rating and the day it was made."""

    need: Need
    rated_on: date


@dataclass(frozen=True, slots=True)
class Event:
    """Something that calls for a new rating, and its day."""

    trigger: ReratingTrigger
    on: date


@dataclass(frozen=True, slots=True)
class ReratingDue:
    """When needs are to be rated again, and what asks for it."""

    due_on: date
    trigger: ReratingTrigger
    reason: Sentence


def age_warning(ratings: Iterable[Rating], phase: int, today: date) -> Sentence | None:
    """A warning naming the ratings older than 7 days in the first phase, 30 days later. None when all are fresh."""
    longest = LONGEST_AGE_DAYS_FIRST_PHASE if _phase(phase) == FIRST_PHASE else LONGEST_AGE_DAYS
    old = [each for each in ratings if (today - each.rated_on).days > longest]
    if not old:
        return None
    oldest = max((today - each.rated_on).days for each in old)
    return sentence("level.rating_old", needs=[each.need for each in old], days=oldest, longest=longest)


def rerating_due(rated_on: date | None, phase: int, admitted_on: date, events: Iterable[Event] = ()) -> ReratingDue:
    """When the needs are to be rated next: the day of admission if never, the day of the first event after the last
    rating (a phase change included), otherwise 30 days after it in phases 1 and 2 and 90 days in phase 3.

    Events on the day of the rating count as seen by it.
    """
    days = RERATE_DAYS_LATE if _phase(phase) >= LATE_PHASE else RERATE_DAYS_EARLY
    if rated_on is None:
        return _due(admitted_on, ReratingTrigger.ADMISSION)
    interval = Event(ReratingTrigger.INTERVAL, rated_on + timedelta(days=days))
    since = [event for event in events if event.on > rated_on]
    first = min([interval, *since], key=lambda event: (event.on, event.trigger is ReratingTrigger.INTERVAL))
    return _due(first.on, first.trigger)


def _due(on: date, trigger: ReratingTrigger) -> ReratingDue:
    return ReratingDue(on, trigger, sentence("level.rerating_due", trigger=trigger, due_on=on))


def _phase(phase: int) -> int:
    if phase < FIRST_PHASE:
        raise ValueError(f"phases are counted from 1, not {phase}")
    return phase
