"""Care plan and recovery plan: opened, written, ended, reviewed and signed as a gate asks."""

from uuid import UUID

from clinic.models import Actor
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions import plan_elements, plans
from pathways.actions.plan_elements import Content
from pathways.actions.rehearsals.forms import NOTE
from pathways.actions.rehearsals.players.registry import plays
from pathways.actions.rehearsals.world import Line, World
from pathways.rules.gates import Gate
from pathways.rules.gates.plans import PlanElement, PlanPart, PlanState
from pathways.rules.plans import STANDS_UNDER, ElementStatus, PlanElementKind, PlanKind, PlanSigner
from pathways.rules.rehearsals import EntryKind


@plays(PlanElement)
def _plan(world: World, gate: Gate, kind: PlanElement) -> bool:
    """What is asked of a plan is done at once: it is the team's own work. Before admission there is none."""
    if world.enrollment is None:
        return False
    by = world.stage.who(Permission.PLAN_WRITE, Role.COUNSELOR)
    plan_id = _opened(world, kind.plan, by)
    if kind.element is PlanPart.PLAN:
        _whole(world, kind, plan_id, by)
    else:
        _parts(world, kind, plan_id, by)
    world.tell(EntryKind.WORK, sentence("rehearsal.plan", asks=kind.asks()))
    return True


def _opened(world: World, kind: PlanKind, by: Actor) -> UUID:
    known = world.plans.get((world.enrolled, kind))
    if known is None:
        row = plans.open_plan(by=by, now=world.now, enrollment_id=world.enrolled, kind=kind, own_words=NOTE)
        known = world.plans[world.enrolled, kind] = row.public_id
    return known


def _whole(world: World, kind: PlanElement, plan_id: UUID, by: Actor) -> None:
    match kind.state:
        case PlanState.SIGNED:
            name = f"{world.stage.patient.given_name} {world.stage.patient.family_name}"
            plans.sign_plan(by=by, now=world.now, plan_id=plan_id, signer=PlanSigner.PATIENT, name=name)
        case PlanState.REVIEWED:
            plans.review_plan(by=by, now=world.now, plan_id=plan_id)
        case PlanState.COMPLETE:
            lines = [each for each in world.lines if each.plan_id == plan_id]
            if not lines:
                usual = PlanElementKind.PROBLEM if kind.plan is PlanKind.CARE else PlanElementKind.TRIGGER
                lines = [_write(world, plan_id, usual, by)]
            for each in reversed(lines):
                _end(world, each, by)


def _parts(world: World, kind: PlanElement, plan_id: UUID, by: Actor) -> None:
    """As many lines of the kind as are asked for; where they must be complete, new ones that are ended at once."""
    wanted = PlanElementKind(kind.element.value)
    there = [each for each in world.lines if (each.plan_id, each.kind) == (plan_id, wanted)]
    if kind.state is PlanState.COMPLETE:
        for _ in range(kind.at_least):
            _end(world, _write(world, plan_id, wanted, by), by)
        return
    for _ in range(max(kind.at_least - len(there), 0)):
        _write(world, plan_id, wanted, by)


def _write(world: World, plan_id: UUID, kind: PlanElementKind, by: Actor) -> Line:
    """One line, beneath what such a line stands under."""
    under = STANDS_UNDER.get(kind)
    parent = None if under is None else _beneath(world, plan_id, under, by)
    row = plan_elements.write_element(
        by=by, now=world.now, plan_id=plan_id, kind=kind, content=Content(NOTE),
        parent_id=parent.public_id if parent else None,
    )  # fmt: skip
    made = Line(plan_id, kind, row.public_id)
    world.lines.append(made)
    return made


def _beneath(world: World, plan_id: UUID, kind: PlanElementKind, by: Actor) -> Line:
    open_ones = (each for each in world.lines if (each.plan_id, each.kind, each.ended) == (plan_id, kind, False))
    return next(open_ones, None) or _write(world, plan_id, kind, by)


def _end(world: World, line: Line, by: Actor) -> None:
    if not line.ended:
        plan_elements.end_element(
            by=by, now=world.now, element_id=line.public_id, status=ElementStatus.COMPLETE, progress=NOTE
        )
        line.ended = True
