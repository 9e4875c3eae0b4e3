"""The lines of a plan: written, changed, moved, ended. Each change of what was agreed asks for new signatures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from clinic.actions.rows import save_columns
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.plans import content_changed, locked_plan, record
from pathways.modalities import keys as modality_keys
from pathways.models import Plan, PlanElement
from pathways.queries.owners import owners_at
from pathways.queries.plans import LINE_TOGETHER, element, line_of
from pathways.rules.plans import (
    ENDED,
    OPEN,
    ElementStatus,
    PlanElementKind,
    PlanKind,
    diagnosis_problem,
    ending_problem,
    parent_problem,
)
from patients.models import Assessment, Observation
from patients.rules.texts import text_problem

LIMITS = {"text": 400, "own_words": 400, "contact": 120, "progress": 300}


@dataclass(frozen=True, slots=True)
class Content:
    """What one says in a line. `owner`: who sees to it, none: the patient; the last three say what it was built on."""

    text: str
    own_words: str = ""
    contact: str = ""
    modality: str = ""
    owner_id: UUID | None = None
    starts_on: date | None = None
    due_on: date | None = None
    status: ElementStatus = ElementStatus.ACTIVE
    progress: str = ""
    co_occurring: bool = False
    diagnosis: str = ""
    assessment_id: UUID | None = None
    observation_id: UUID | None = None


@action(Permission.PLAN_WRITE, "plan_element.write")
def write_element(
    *,
    by: Actor,
    now: datetime,
    plan_id: UUID,
    kind: PlanElementKind,
    content: Content,
    parent_id: UUID | None = None,
    expected_version: int | None = None,
) -> PlanElement:
    """Add a line to a plan, last among those it stands with.

    Raises Refused: 404, 412, 409 `plan_closed`, 422 with the field (a parent of the wrong kind: `parent`).
    """
    plan = locked_plan(by, plan_id, expected_version)
    parent = _parent(plan, kind, parent_id)
    values = _values(plan, content, None)
    last = PlanElement.objects.filter(plan=plan, parent=parent, kind=kind).order_by("-position").first()
    made = PlanElement.objects.create(
        plan=plan,
        parent=parent,
        kind=kind,
        position=last.position + 1 if last else 0,
        written_at=now,
        written_by=by,
        **values,
    )
    content_changed(plan, by, now)
    _record(made, "plan_element.write", by, now)
    return made


@action(Permission.PLAN_WRITE, "plan_element.change")
def change_element(
    *, by: Actor, now: datetime, element_id: UUID, content: Content, expected_version: int | None = None
) -> PlanElement:
    """Say a line anew. Progress, a pause or a beginning leave what was agreed, and so its signatures, as they are.

    Raises Refused: 404, 412, 409 `plan_closed` or `plan_element_ended`, 422 with the field.
    """
    row = _locked(by, element_id, expected_version)
    _must_be_open(row)
    before = line_of(row)
    for name, value in _values(row.plan, content, row.owner).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    if replace(line_of(row), status=before.status) != before:
        content_changed(row.plan, by, now)
    _record(row, "plan_element.change", by, now)
    return row


@action(Permission.PLAN_WRITE, "plan_element.move")
def move_element(
    *,
    by: Actor,
    now: datetime,
    element_id: UUID,
    position: int,
    parent_id: UUID | None = None,
    expected_version: int | None = None,
) -> PlanElement:
    """Put a line at another place (counted from 0) among its kind, beneath the same parent or the one named.

    Raises Refused: 404, 412, 409 `plan_closed` or `plan_element_ended`, 422 with `parent`.
    """
    row = _locked(by, element_id, expected_version)
    _must_be_open(row)
    if parent_id is not None:
        row.parent = _parent(row.plan, PlanElementKind(row.kind), parent_id)
    beside = PlanElement.objects.filter(plan=row.plan, parent=row.parent, kind=row.kind).exclude(pk=row.pk)
    order = list(beside.order_by("position", "id"))
    order.insert(max(0, min(position, len(order))), row)
    for place, each in enumerate(order):
        each.position = place
    row.version += 1
    save_columns(order, ["position", "parent", "version"])
    content_changed(row.plan, by, now)
    _record(row, "plan_element.move", by, now)
    return row


@action(Permission.PLAN_WRITE, "plan_element.end")
def end_element(
    *,
    by: Actor,
    now: datetime,
    element_id: UUID,
    status: ElementStatus,
    progress: str = "",
    expected_version: int | None = None,
) -> PlanElement:
    """End a line: complete once nothing beneath it is open, or stopped with all that stands beneath it.

    Raises Refused: 404, 412, 409 `plan_closed`, `plan_element_ended` or `plan_element_open_beneath`, 422 `status`.
    """
    row = _locked(by, element_id, expected_version)
    _must_be_open(row)
    if status not in ENDED:
        raise bad_input(status=sentence("plan.refused.how"))
    _check_texts({"progress": progress})
    beneath = [each for each in _beneath(row) if ElementStatus(each.status) not in ENDED]
    problem = ending_problem(status, len(beneath))
    if problem is not None:
        raise Refused("plan_element_open_beneath", problem)
    row.progress = progress.strip() or row.progress
    for each in [row, *beneath]:
        each.status, each.ended_at, each.ended_by, each.version = status, now, by, each.version + 1
        each.save(update_fields=["status", "ended_at", "ended_by", "version", "progress"])
    if status is ElementStatus.STOPPED:
        content_changed(row.plan, by, now)
    _record(row, "plan_element.end", by, now)
    return row


@action(Permission.PLAN_WRITE, "plan_element.reopen")
def reopen_element(*, by: Actor, now: datetime, element_id: UUID, expected_version: int | None = None) -> PlanElement:
    """Take up a line that had ended, where what it stands under is open.

    Raises Refused: 404, 412, 409 `plan_closed` or `plan_element_open`, 422 with `parent`.
    """
    row = _locked(by, element_id, expected_version)
    if ElementStatus(row.status) not in ENDED:
        raise Refused("plan_element_open", sentence("plan.refused.not_ended"))
    if row.parent is not None and ElementStatus(row.parent.status) in ENDED:
        raise bad_input(parent=sentence("plan.refused.parent_ended"))
    was_stopped = row.status == ElementStatus.STOPPED
    row.status, row.ended_at, row.ended_by, row.version = ElementStatus.ACTIVE, None, None, row.version + 1
    row.save(update_fields=["status", "ended_at", "ended_by", "version"])
    if was_stopped:
        content_changed(row.plan, by, now)
    _record(row, "plan_element.reopen", by, now)
    return row


def _locked(by: Actor, element_id: UUID, expected_version: int | None) -> PlanElement:
    """The plan first, then the line, as both are now."""
    plan = locked_plan(by, element(by, element_id).plan.public_id)
    held = PlanElement.objects.select_for_update(no_key=True, of=("self",)).get(public_id=element_id)
    if expected_version is not None and held.version != expected_version:
        raise stale()
    row = PlanElement.objects.select_related(*LINE_TOGETHER).get(pk=held.pk)
    row.plan = plan
    return row


def _must_be_open(row: PlanElement) -> None:
    if ElementStatus(row.status) in ENDED:
        raise Refused("plan_element_ended", sentence("plan.refused.ended"))


def _parent(plan: Plan, kind: PlanElementKind, parent_id: UUID | None) -> PlanElement | None:
    parent = PlanElement.objects.filter(plan=plan, public_id=parent_id).first() if parent_id else None
    if parent_id is not None and parent is None:
        raise not_found()
    problem = parent_problem(PlanKind(plan.kind), kind, PlanElementKind(parent.kind) if parent else None)
    if problem is not None:
        raise bad_input(**{"kind" if problem.code == "plan.refused.kind" else "parent": problem})
    if parent is not None and ElementStatus(parent.status) in ENDED:
        raise bad_input(parent=sentence("plan.refused.parent_ended"))
    return parent


def _beneath(row: PlanElement) -> list[PlanElement]:
    """Every line beneath one, at every depth; a plan is at most four deep."""
    found: list[PlanElement] = []
    level = [row.pk]
    while level:
        children = list(PlanElement.objects.filter(parent__in=level).order_by("pk"))
        found += children
        level = [each.pk for each in children]
    return found


def _values(plan: Plan, content: Content, owner: Actor | None) -> dict[str, object]:
    """What was said, checked, as columns."""
    _check_texts({name: getattr(content, name) for name in LIMITS})
    _check_rest(content)
    return {
        **{name: getattr(content, name).strip() for name in LIMITS},
        "modality": content.modality,
        "owner": _owner(plan, content.owner_id, owner),
        "starts_on": content.starts_on,
        "due_on": content.due_on,
        "status": content.status,
        "co_occurring": content.co_occurring,
        "diagnosis": content.diagnosis,
        "from_assessment": _finding(plan, "assessment", content.assessment_id, Assessment.objects.filter),
        "from_observation": _finding(plan, "observation", content.observation_id, Observation.objects.filter),
    }


def _check_texts(given: dict[str, str]) -> None:
    problems = {
        name: problem
        for name, text in given.items()
        if (problem := text_problem(text, limit=LIMITS[name], required=name == "text", lines=True)) is not None
    }
    if problems:
        raise bad_input(**problems)


def _check_rest(content: Content) -> None:
    problems: dict[str, Sentence] = {}
    if content.modality and content.modality not in modality_keys():
        problems["modality"] = sentence("plan.refused.modality")
    if content.starts_on and content.due_on and content.due_on < content.starts_on:
        problems["due_on"] = sentence("plan.refused.order")
    if content.status not in OPEN:
        problems["status"] = sentence("plan.refused.ended")
    not_a_code = diagnosis_problem(content.diagnosis)
    if not_a_code is not None:
        problems["diagnosis"] = not_a_code
    if problems:
        raise bad_input(**problems)


def _owner(plan: Plan, owner_id: UUID | None, now: Actor | None) -> Actor | None:
    """Somebody who works at the plan's site; who has a line already may keep it."""
    if owner_id is None or (now is not None and owner_id == now.public_id):
        return now if owner_id else None
    found = owners_at(plan.site).filter(public_id=owner_id).first()
    if found is None:
        raise bad_input(owner=sentence("plan.refused.owner"))
    return found


def _finding(plan: Plan, name: str, public_id: UUID | None, rows: Callable[..., Iterable[object]]) -> object | None:
    if public_id is None:
        return None
    found = next(iter(rows(public_id=public_id, patient=plan.patient_id)), None)
    if found is None:
        raise bad_input(**{name: sentence("plan.refused.finding")})
    return found


def _record(row: PlanElement, verb: str, by: Actor, now: datetime) -> None:
    details = {"element": str(row.public_id), "element_kind": row.kind, "status": row.status}
    record(row.plan, verb, by, now, details)
