"""Plans with their lines, written by the product's own verbs."""

from datetime import datetime
from typing import Any

from clinic.models import Actor
from pathways.actions import plan_elements, plans
from pathways.actions.plan_elements import Content
from pathways.models import Enrollment, Plan, PlanElement
from pathways.rules.plans import PlanElementKind, PlanKind
from tests.factories.patients import NOW

E = PlanElementKind


def plan(
    enrollment: Enrollment, kind: PlanKind = PlanKind.CARE, *, by: Actor, now: datetime = NOW, **given: Any
) -> Plan:
    """An open plan without a line."""
    return plans.open_plan(by=by, now=now, enrollment_id=enrollment.public_id, kind=kind, **given)


def line(
    plan: Plan,
    kind: PlanElementKind,
    text: str = "Sleeps four hours a night",
    *,
    under: PlanElement | None = None,
    by: Actor,
    now: datetime = NOW,
    **content: Any,
) -> PlanElement:
    """One line."""
    return plan_elements.write_element(
        by=by,
        now=now,
        plan_id=plan.public_id,
        kind=kind,
        content=Content(text, **content),
        parent_id=under.public_id if under else None,
    )


def care_plan(enrollment: Enrollment, *, by: Actor, now: datetime = NOW) -> tuple[Plan, list[PlanElement]]:
    """A problem with its goal, objective and intervention."""
    row = plan(enrollment, by=by, now=now, own_words="I want my evenings back.")
    lines: list[PlanElement] = []
    for kind, text in (
        (E.PROBLEM, "Sleeps four hours a night"),
        (E.GOAL, "Sleep through the night"),
        (E.OBJECTIVE, "In bed by eleven, five days a week"),
        (E.INTERVENTION, "Sleep diary, talked over weekly"),
    ):
        lines.append(line(row, kind, text, under=lines[-1] if lines else None, by=by, now=now))
    return row, lines
