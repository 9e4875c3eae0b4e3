"""Follow-ups: which contacts are owed, how each one ends, and what silence does."""

from pathways.rules.follow_ups.ladders import LadderFacts, Step, first_step, next_step
from pathways.rules.follow_ups.outcomes import (
    CONSEQUENCES,
    OUTCOMES,
    CallResult,
    Consequence,
    Outcome,
    OutcomeRule,
    may_decide,
)
from pathways.rules.follow_ups.planning import (
    PLAN_AHEAD_DAYS,
    Adaptation,
    Anchor,
    ExistingFollowUp,
    PlannedFollowUp,
    Replan,
    adaptive_months,
    plan,
    replan,
    rules_for,
)

__all__ = [
    "CONSEQUENCES",
    "OUTCOMES",
    "PLAN_AHEAD_DAYS",
    "Adaptation",
    "Anchor",
    "CallResult",
    "Consequence",
    "ExistingFollowUp",
    "LadderFacts",
    "Outcome",
    "OutcomeRule",
    "PlannedFollowUp",
    "Replan",
    "Step",
    "adaptive_months",
    "first_step",
    "may_decide",
    "next_step",
    "plan",
    "replan",
    "rules_for",
]
