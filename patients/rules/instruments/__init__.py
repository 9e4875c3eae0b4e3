"""What an instrument is: items, options, visibility, scores, bands and alerts, read from data and checked."""

from patients.rules.instruments.conditions import AllOf, Always, AnyOf, BandIs, Comparison, Condition, Facts, holds
from patients.rules.instruments.definition import (
    Alert,
    Band,
    Definition,
    Gate,
    Item,
    Option,
    Score,
    ScoreSpec,
    ScoringType,
    Severity,
    TriageRule,
    band_sentence,
)
from patients.rules.instruments.reading import digest_of, parse_definition

__all__ = [
    "Alert",
    "AllOf",
    "Always",
    "AnyOf",
    "Band",
    "BandIs",
    "Comparison",
    "Condition",
    "Definition",
    "Facts",
    "Gate",
    "Item",
    "Option",
    "Score",
    "ScoreSpec",
    "ScoringType",
    "Severity",
    "TriageRule",
    "band_sentence",
    "digest_of",
    "holds",
    "parse_definition",
]
