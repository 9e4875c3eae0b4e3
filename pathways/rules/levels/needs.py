"""The words of level-of-care decisions: needs, levels, intensities, a suggestion, a pluggable set of rules.

Source: level-of-care.md. Levels and needs are named in our own words; ASAM levels appear as reference codes only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence

RATINGS = range(5)
"""0 none, 1 mild, 2 moderate, 3 severe, 4 very severe or imminent danger."""


class Need(StrEnum):
    WITHDRAWAL = "withdrawal"
    MEDICAL = "medical"
    PSYCHIATRIC = "psychiatric"
    READINESS = "readiness"
    USE_RISK = "use_risk"
    ENVIRONMENT = "environment"


class Level(StrEnum):
    """Levels of care from the least to the most intensive; M: with medical management, H: high intensity."""

    L0 = "L0"
    L1 = "L1"
    L1M = "L1M"
    L2 = "L2"
    L2H = "L2H"
    L2M = "L2M"
    L3 = "L3"
    L3H = "L3H"
    L3M = "L3M"
    L4 = "L4"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Intensity(StrEnum):
    """Hours of care and 24-hour support, from none to hospital."""

    NONE = "0"
    OUTPATIENT = "1"
    INTENSIVE = "2"
    INTENSIVE_HIGH = "2H"
    RESIDENTIAL = "3"
    RESIDENTIAL_HIGH = "3H"
    HOSPITAL = "4"

    @property
    def rank(self) -> int:
        return list(Intensity).index(self)


class SuggestionFlag(StrEnum):
    EMERGENCY_EVALUATION = "emergency_evaluation_now"
    RECOVERY_RESIDENCE = "recovery_residence_plus_outpatient_is_alternative"
    MOTIVATIONAL_PLAN = "motivational_plan"


@dataclass(frozen=True, slots=True)
class Needs:
    """The six ratings, 0 to 4; None where not rated yet. Raises ValueError for anything else."""

    withdrawal: int | None
    medical: int | None
    psychiatric: int | None
    readiness: int | None
    use_risk: int | None
    environment: int | None

    def __post_init__(self) -> None:
        for need, rating in zip(Need, self.ratings, strict=True):
            if rating is not None and (type(rating) is not int or rating not in RATINGS):
                raise ValueError(f"{need} must be a whole number from 0 to 4, not {rating!r}")

    @property
    def ratings(self) -> tuple[int | None, ...]:
        """The six ratings in the order of `Need`."""
        return (self.withdrawal, self.medical, self.psychiatric, self.readiness, self.use_risk, self.environment)

    @property
    def missing(self) -> tuple[Need, ...]:
        """The needs not rated yet."""
        return tuple(need for need, rating in zip(Need, self.ratings, strict=True) if rating is None)


@dataclass(frozen=True, slots=True)
class Input:
    """A rating that made its rule fire."""

    need: Need
    rating: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The level suggested (None without all ratings), both axes, and the rule and inputs that decided."""

    level: Level | None
    intensity: Intensity | None
    medical: bool
    rule_id: str
    flags: tuple[SuggestionFlag, ...]
    inputs: tuple[Input, ...]
    ruleset: str
    edition: str

    @property
    def reason(self) -> Sentence:
        """The rule and its inputs in one sentence ("I5: use risk 3")."""
        if self.rule_id == "I0":
            return sentence("level.reason.incomplete")
        if not self.inputs:
            return sentence(f"level.reason.{self.rule_id}", rule=self.rule_id)
        said = [sentence("level.input", need=each.need, rating=each.rating) for each in self.inputs]
        return sentence("level.reason.inputs", rule=self.rule_id, inputs=said)


@dataclass(frozen=True, slots=True)
class LevelOfCareRuleset:
    """A pluggable set of rules: ours, or one a site holds a licence for."""

    key: str
    edition: str
    licence_note: str
    decide: Callable[[Needs, bool], Suggestion]
