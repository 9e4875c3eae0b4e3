"""Follow-ups: which contacts are owed, how each one ends, and what silence does."""

from pathways.rules.follow_ups.ladders import OUR_OWN, LadderFacts, Step, first_step, look_step, next_step, passed_over
from pathways.rules.follow_ups.outcomes import (
    CONSEQUENCES,
    OUTCOMES,
    SPOKEN_TO,
    CallResult,
    Consequence,
    Outcome,
    OutcomeRule,
    may_decide,
)
from pathways.rules.follow_ups.planning import (
    PLAN_AHEAD_DAYS,
    Anchor,
    ExistingFollowUp,
    PlannedFollowUp,
    Replan,
    adaptive_months,
    plan,
    replan,
    rules_for,
    still_to_come,
)
from pathways.rules.follow_ups.sameness import FollowUpChange, contacts_changed, same_contacts

__all__ = [
    "CONSEQUENCES",
    "OUR_OWN",
    "OUTCOMES",
    "PLAN_AHEAD_DAYS",
    "SPOKEN_TO",
    "Anchor",
    "CallResult",
    "Consequence",
    "ExistingFollowUp",
    "FollowUpChange",
    "LadderFacts",
    "Outcome",
    "OutcomeRule",
    "PlannedFollowUp",
    "Replan",
    "Step",
    "adaptive_months",
    "contacts_changed",
    "first_step",
    "look_step",
    "may_decide",
    "next_step",
    "passed_over",
    "plan",
    "replan",
    "rules_for",
    "same_contacts",
    "still_to_come",
]
