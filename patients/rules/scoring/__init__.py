"""The one scoring engine: answers in, status, scores, band, alerts and problems out."""

from patients.rules.scoring.answers import Answer, Problem
from patients.rules.scoring.engine import Scoring, ScoringStatus, score
from patients.rules.scoring.visibility import drop_hidden, visible_items

__all__ = ["Answer", "Problem", "Scoring", "ScoringStatus", "drop_hidden", "score", "visible_items"]
