"""The words of a plan: what a care plan and a recovery plan are made of, and how far each part has come.

Care plan [CarePlan, Goal, ServiceRequest]: problem → goal → objective → intervention. Recovery plan: what sets use off,
how one notices, what one does, whom one calls, and the life around it (model.md, The course of care).
"""

from enum import StrEnum


class PlanKind(StrEnum):
    """Which plan: the one the team works by, or the one the patient keeps."""

    CARE = "care"
    RECOVERY = "recovery"


class PlanElementKind(StrEnum):
    """One line of a plan."""

    PROBLEM = "problem"
    GOAL = "goal"
    OBJECTIVE = "objective"
    INTERVENTION = "intervention"
    TRIGGER = "trigger"
    WARNING_SIGN = "warning_sign"
    COPING_STRATEGY = "coping_strategy"
    PERSON_TO_CALL = "person_to_call"
    SOCIAL_NETWORK = "social_network"
    DAILY_LIFE = "daily_life"
    SUPPORT_GROUP = "support_group"
    COMPLEMENTARY_THERAPY = "complementary_therapy"


class ElementStatus(StrEnum):
    """How far an element has come [Goal.lifecycleStatus]."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETE = "complete"
    STOPPED = "stopped"


class PlanSigner(StrEnum):
    """Who put their name to a plan."""

    PATIENT = "patient"
    STAFF = "staff"
    SUPPORT_PERSON = "support_person"


class SigningMethod(StrEnum):
    """How a plan was signed."""

    ON_PAPER = "on_paper"
    ON_SCREEN = "on_screen"
    SAID = "said"


E = PlanElementKind
CARE_ELEMENTS = (E.PROBLEM, E.GOAL, E.OBJECTIVE, E.INTERVENTION)
RECOVERY_ELEMENTS = (
    E.TRIGGER,
    E.WARNING_SIGN,
    E.COPING_STRATEGY,
    E.PERSON_TO_CALL,
    E.SOCIAL_NETWORK,
    E.DAILY_LIFE,
    E.SUPPORT_GROUP,
    E.COMPLEMENTARY_THERAPY,
)
ELEMENTS: dict[PlanKind, tuple[PlanElementKind, ...]] = {
    PlanKind.CARE: CARE_ELEMENTS,
    PlanKind.RECOVERY: RECOVERY_ELEMENTS,
}
# What an element of a care plan stands under; the others stand for themselves.
STANDS_UNDER: dict[PlanElementKind, PlanElementKind] = {
    E.GOAL: E.PROBLEM,
    E.OBJECTIVE: E.GOAL,
    E.INTERVENTION: E.OBJECTIVE,
}
