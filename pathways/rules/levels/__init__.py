"""Level of care: ratings, the suggestion and its rule, the clinician's decision, when to rate again."""

from pathways.rules.levels.decisions import (
    PlacementReason,
    decision_problem,
    is_lower,
    needs_note,
    needs_reason,
    needs_second_signature,
)
from pathways.rules.levels.needs import (
    Input,
    Intensity,
    Level,
    LevelOfCareRuleset,
    Need,
    Needs,
    Suggestion,
    SuggestionFlag,
)
from pathways.rules.levels.neutral import NEUTRAL, suggest
from pathways.rules.levels.rerating import (
    Event,
    Rating,
    ReratingDue,
    ReratingTrigger,
    age_warning,
    rerating_due,
)
from pathways.rules.levels.scales import ASAM_REFERENCE, LEVELS, NEED_SCALES, LevelName, NeedScale

__all__ = [
    "ASAM_REFERENCE",
    "LEVELS",
    "NEED_SCALES",
    "NEUTRAL",
    "Event",
    "Input",
    "Intensity",
    "Level",
    "LevelName",
    "LevelOfCareRuleset",
    "Need",
    "NeedScale",
    "Needs",
    "PlacementReason",
    "Rating",
    "ReratingDue",
    "ReratingTrigger",
    "Suggestion",
    "SuggestionFlag",
    "age_warning",
    "decision_problem",
    "is_lower",
    "needs_note",
    "needs_reason",
    "needs_second_signature",
    "rerating_due",
    "suggest",
]
