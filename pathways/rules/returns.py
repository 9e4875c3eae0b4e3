"""The words of a return to use: what happened, told without blame."""

from enum import StrEnum


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
