"""A return to use: what happened, told without blame; what it asks for; how days after it are summed up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from statistics import median

from clinic.rules.sentences import Sentence, sentence

OFFERED_DAYS = 14
"""A step back is offered for two weeks after a return, as long as somebody counts as at higher risk (local default)."""


class Substance(StrEnum):
    """What was used, as far as it is said."""

    KRATOM = "kratom"
    SEVEN_OH = "seven_oh"
    OPIOIDS = "opioids"
    ALCOHOL = "alcohol"
    BENZODIAZEPINES = "benzodiazepines"
    STIMULANTS = "stimulants"
    CANNABIS = "cannabis"
    OTHER = "other"


class UsePattern(StrEnum):
    """How much of a return it was, as the patient tells it."""

    ONCE = "once"
    FEW_DAYS = "few_days"
    ONGOING = "ongoing"
    NOT_SAID = "not_said"


class Circumstance(StrEnum):
    """What went before: high-risk situations (Marlatt's classes, in our own words)."""

    HARD_FEELINGS = "hard_feelings"
    PAIN_OR_ILLNESS = "pain_or_illness"
    CRAVING = "craving"
    WITHDRAWAL = "withdrawal"
    CONFLICT = "conflict"
    OTHERS_USING = "others_using"
    STRESS = "stress"
    CELEBRATION = "celebration"
    SLEEP = "sleep"
    MISSED_SUPPORT = "missed_support"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """The newest return to use of an enrollment, and what has been done since.

    rated_at: when the needs were last rated · moved_at: when the last move took effect · way_back: whether the program
    has a step back from where the person is.
    """

    returned_at: datetime
    returned_on: date
    rated_at: datetime | None = None
    moved_at: datetime | None = None
    way_back: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a return to use asks for now: a new rating of the needs, and whether a step back is offered."""

    on: date
    rate: bool
    step_back: bool

    @property
    def sentence(self) -> Sentence:
        """Why it is asked for, in words."""
        code = "both" if self.rate and self.step_back else "rate" if self.rate else "step_back"
        return sentence(f"return_to_use.asks.{code}", on=self.on)


def needs_rating(returned_at: datetime, rated_at: datetime | None) -> bool:
    """Needs are to be rated again until a rating is effective after the return (level-of-care.md, re-rating)."""
    return rated_at is None or rated_at <= returned_at


def asked_after(facts: ReturnFacts, today: date) -> Asked | None:
    """What the newest return still asks for; None where nothing is.

    A step back is offered where the program knows one, within two weeks, and until somebody has decided on a move: it
    is a way, never made by itself.
    """
    rate = needs_rating(facts.returned_at, facts.rated_at)
    decided = facts.moved_at is not None and facts.moved_at >= facts.returned_at
    lately = 0 <= (today - facts.returned_on).days <= OFFERED_DAYS
    step_back = facts.way_back and lately and not decided
    return Asked(facts.returned_on, rate, step_back) if rate or step_back else None


@dataclass(frozen=True, slots=True)
class Days:
    """How many were counted, and the middle of their days (None where nobody was counted)."""

    n: int
    median: float | None


def days_between(spans: Iterable[tuple[datetime, datetime]]) -> Days:
    """The median of whole and part days from the first moment to the second, one digit behind the point."""
    days = [(end - start).total_seconds() / 86_400 for start, end in spans]
    return Days(len(days), round(median(days), 1) if days else None)
