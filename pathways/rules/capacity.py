"""Capacity: what a site can offer, who comes first, what is free, and when the level of care may change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence

MOST_PLACES = 10_000
LONGEST_OFFER = timedelta(days=14)
"""A place held longer keeps it from others who wait (local default)."""
NO_LEVEL = ""


class PlaceKind(StrEnum):
    """What is counted: a place in a program, or a bed."""

    PLACE = "place"
    BED = "bed"


class WaitPriority(StrEnum):
    """The order of a waitlist: priority first, then the longest wait.

    Priority groups: pregnancy, injecting use, recent overdose (45 CFR 96.126, 96.131: preference in admission).
    """

    PREGNANT = "pregnant"
    INJECTING = "injecting"
    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"


class WaitReason(StrEnum):
    """Why somebody waits."""

    NO_PLACE = "no_place"
    NO_BED = "no_bed"
    COVERAGE = "coverage"
    PATIENT_ASKED = "patient_asked"
    MEDICAL_CLEARANCE = "medical_clearance"
    TRANSPORT = "transport"


class WaitStatus(StrEnum):
    """Where a wait stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    ADMITTED = "admitted"
    WITHDRAWN = "withdrawn"


class OfferAnswer(StrEnum):
    """What became of an offered place."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    TAKEN_BACK = "taken_back"


class DeclineReason(StrEnum):
    """Why a place was not taken: a reason of the patient's life, never a fault."""

    NOT_YET = "not_yet"
    WORK_OR_FAMILY = "work_or_family"
    TRANSPORT = "transport"
    COST = "cost"
    OTHER_CARE = "other_care"
    NOT_REACHED = "not_reached"
    OTHER = "other"


class LevelReason(StrEnum):
    """Why the level of care changes."""

    RATED_ANEW = "rated_anew"
    STEP_DOWN = "step_down"
    STEP_UP = "step_up"
    RETURN_TO_USE = "return_to_use"
    MEDICAL = "medical"
    PATIENT_ASKED = "patient_asked"
    PLACE_CAME_FREE = "place_came_free"


# -- who comes first --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, as their turn is decided."""

    public_id: UUID
    priority: WaitPriority
    since: datetime


def waitlist_order(waits: Iterable[Waiting]) -> tuple[Waiting, ...]:
    """By priority (the order of `WaitPriority`), then the longest wait. The same facts give the same order."""
    return tuple(sorted(waits, key=lambda each: (rank_of(each.priority), each.since, str(each.public_id))))


def rank_of(priority: WaitPriority) -> int:
    """The place of a priority, the first is 0."""
    return list(WaitPriority).index(priority)


def days_waited(since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """Calendar days from the first day to this one, at the site."""
    return max(0, (until.astimezone(zone).date() - since.astimezone(zone).date()).days)


# -- what is free -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Places:
    """Places of one sort: how many there are, how many people have one, how many are held by open offers."""

    number: int
    taken: int
    held: int

    @property
    def free(self) -> int:
        """What is left; below zero where more people are here than there are places."""
        return self.number - self.taken - self.held

    @property
    def occupancy(self) -> float | None:
        """Taken places in percent, one digit behind the point; None where there is none to take."""
        return round(100 * self.taken / self.number, 1) if self.number else None


def full_problem(places: Places | None, despite: str) -> Sentence | None:
    """A place is given where one is free, or where it is not counted, or despite it with a reason in words."""
    if places is None or places.free > 0 or despite.strip():
        return None
    return sentence("capacity.refused.full", number=places.number, taken=places.taken, held=places.held)


def free_said(places: Places) -> Sentence:
    """How many places somebody about to be admitted finds; that nothing is free stops nobody, it is said."""
    return full_problem(places, "") or sentence("capacity.free", free=places.free, number=places.number)


def hold_problem(expires_at: datetime, now: datetime) -> Sentence | None:
    """An offer is held until a moment to come, at most two weeks from now."""
    if expires_at <= now:
        return sentence("capacity.refused.expires_past")
    if expires_at - now > LONGEST_OFFER:
        return sentence("capacity.refused.expires_late", days=LONGEST_OFFER.days)
    return None


def number_problem(number: int) -> Sentence | None:
    """How many places there can be."""
    return None if 0 <= number <= MOST_PLACES else sentence("capacity.refused.number", most=MOST_PLACES)


# -- another level of care --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """Where somebody is: the level, since when (the admission where there is none yet), and the level indicated."""

    level: str
    began_at: datetime
    indicated: str = NO_LEVEL


def level_problems(
    facts: LevelFacts, *, to_level: str, reason: LevelReason, note: str, effective_at: datetime, now: datetime
) -> dict[str, Sentence]:
    """Why the level cannot change so, by field; empty when it can.

    It changes to another level, not in the future, and after the present stay began. Where the level is not the one
    the needs indicate, that they were rated anew is no reason, and a note says why.
    """
    problems: dict[str, Sentence] = {}
    if to_level == facts.level:
        problems["to_level"] = sentence("level_transfer.refused.same")
    if effective_at > now:
        problems["effective_at"] = sentence("level_transfer.refused.future")
    elif _too_early(facts, effective_at):
        problems["effective_at"] = sentence("level_transfer.refused.before_stay")
    if facts.indicated and to_level != facts.indicated:
        if reason is LevelReason.RATED_ANEW:
            problems["reason"] = sentence("level_transfer.refused.not_indicated")
        if not note.strip():
            problems["note"] = sentence("level_transfer.refused.note")
    return problems


def _too_early(facts: LevelFacts, effective_at: datetime) -> bool:
    """A stay lasts; a first level may begin with the admission itself."""
    return effective_at < facts.began_at if facts.level == NO_LEVEL else effective_at <= facts.began_at
