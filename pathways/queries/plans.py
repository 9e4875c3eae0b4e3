"""Plans as seen by somebody: one with its lines, its signatures and reviews, and how each stands. Set-wise."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import F, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Enrollment, PhaseStay, Plan, PlanElement, PlanReview, PlanSignature
from pathways.rules.gates.facts import instrument_name
from pathways.rules.plans import (
    ElementStatus,
    Line,
    PlanElementKind,
    PlanKind,
    PlanSigner,
    PlanStanding,
    ReviewDue,
    Reviewed,
    ReviewFacts,
    Signed,
    content_digest,
    review_due,
)
from patients.models import Assessment, Observation, Patient
from patients.observations import definition

Row = TypeVar("Row", PlanElement, PlanSignature, PlanReview)
MOST_FINDINGS = 15
TOGETHER = ("patient", "site", "enrollment__program", "enrollment__current_phase", "opened_by", "changed_by",
            "closed_by")  # fmt: skip
LINE_TOGETHER = ("parent", "owner", "from_assessment__patient", "from_observation__patient", "written_by", "ended_by")


def plans(actor: Actor) -> QuerySet[Plan]:
    """Every plan of the people the actor may see, with what it is shown by."""
    return Plan.objects.filter(patient__in=Patient.objects.visible_to(actor)).select_related(*TOGETHER)


def plan(actor: Actor, public_id: UUID) -> Plan:
    """One of them. Raises Refused not_found: a foreign one looks like none."""
    found = plans(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def element(actor: Actor, public_id: UUID) -> PlanElement:
    """One line of a plan. Raises Refused not_found."""
    rows = PlanElement.objects.filter(plan__patient__in=Patient.objects.visible_to(actor))
    found = rows.select_related(*LINE_TOGETHER, "plan__patient", "plan__site").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def of_enrollment(actor: Actor, enrollment: Enrollment) -> QuerySet[Plan]:
    """The plans of one enrollment: open ones first, the care plan before the recovery plan, then the newest."""
    rows = plans(actor).filter(enrollment=enrollment)
    return rows.order_by(F("closed_at").desc(nulls_first=True), "kind", "-opened_at", "-id")


@dataclass(frozen=True, slots=True)
class Node:
    """A line with those beneath it, in their order."""

    row: PlanElement
    beneath: tuple["Node", ...]

    @property
    def kind(self) -> PlanElementKind:
        return PlanElementKind(self.row.kind)

    @property
    def status(self) -> ElementStatus:
        return ElementStatus(self.row.status)


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan with everything that hangs on it."""

    row: Plan
    lines: tuple[PlanElement, ...]
    signatures: tuple[PlanSignature, ...]
    reviews: tuple[PlanReview, ...]
    standing: PlanStanding
    due: ReviewDue | None

    @property
    def tree(self) -> tuple[Node, ...]:
        """The lines one under the other."""
        beneath: dict[int | None, list[PlanElement]] = defaultdict(list)
        for each in self.lines:
            beneath[each.parent_id].append(each)
        return _nodes(beneath, None)


def _nodes(beneath: Mapping[int | None, Sequence[PlanElement]], parent: int | None) -> tuple[Node, ...]:
    return tuple(Node(each, _nodes(beneath, each.pk)) for each in beneath.get(parent, ()))


def shown(rows: Iterable[Plan], *, now: datetime) -> list[PlanShown]:
    """Plans with their lines, signatures and reviews: four queries for any number of them."""
    found = list(rows)
    ids = [each.pk for each in found]
    lines = _of(PlanElement.objects.filter(plan__in=ids).select_related(*LINE_TOGETHER))
    signatures = _of(PlanSignature.objects.filter(plan__in=ids).select_related("recorded_by"))
    reviews = _of(PlanReview.objects.filter(plan__in=ids).select_related("phase", "reviewed_by"))
    stays = _stays({each.enrollment_id for each in found})
    return [
        PlanShown(
            each,
            tuple(lines[each.pk]),
            tuple(signatures[each.pk]),
            tuple(reviews[each.pk]),
            standing_of(each, lines[each.pk], signatures[each.pk]),
            _due(each, reviews[each.pk], stays.get(each.enrollment_id), now),
        )
        for each in found
    ]


def _of(rows: QuerySet[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for each in rows:
        grouped[each.plan_id].append(each)
    return grouped


def _stays(enrollments: Collection[int]) -> dict[int, PhaseStay]:
    """The stay each enrollment is in now."""
    rows = PhaseStay.objects.filter(enrollment__in=enrollments, ended_at__isnull=True)
    return {each.enrollment_id: each for each in rows.select_related("phase")}


def standing_of(row: Plan, lines: Iterable[PlanElement], signatures: Iterable[PlanSignature]) -> PlanStanding:
    """A plan as its signatures are judged by."""
    given = tuple(
        Signed(PlanSigner(each.signer), each.signer_name, each.effective_at, each.digest) for each in signatures
    )
    return PlanStanding(digest_of(row, lines), row.changed_at, given)


def digest_of(row: Plan, lines: Iterable[PlanElement]) -> str:
    """The digest of a plan's content as it is now."""
    return content_digest(PlanKind(row.kind), row.own_words, [line_of(each) for each in lines])


def line_of(row: PlanElement) -> Line:
    """A stored line as it was agreed to."""
    return Line(
        key=str(row.public_id),
        parent=str(row.parent.public_id) if row.parent else None,
        kind=PlanElementKind(row.kind),
        status=ElementStatus(row.status),
        text=row.text,
        own_words=row.own_words,
        contact=row.contact,
        modality=row.modality,
        owner=str(row.owner.public_id) if row.owner else None,
        diagnosis=row.diagnosis,
        co_occurring=row.co_occurring,
        position=row.position,
        starts_on=row.starts_on,
        due_on=row.due_on,
    )


def _due(row: Plan, reviews: Sequence[PlanReview], stay: PhaseStay | None, now: datetime) -> ReviewDue | None:
    if row.closed_at is not None:
        return None
    zone = row.site.zone
    last = reviews[-1] if reviews else None
    facts = ReviewFacts(
        opened_at=row.opened_at,
        last=Reviewed(last.reviewed_at, last.phase.key if last.phase else None) if last else None,
        review_on=row.review_on,
        phase=stay.phase.key if stay else None,
        phase_title=stay.phase.title if stay else "",
        entered_at=stay.started_at if stay else None,
        entered_on=stay.started_at.astimezone(zone).date() if stay else None,
    )
    return review_due(facts, now.astimezone(zone).date())


@dataclass(frozen=True, slots=True)
class Findings:
    """What a problem may be built on: the newest forms and observations of somebody."""

    assessments: tuple[Assessment, ...]
    observations: tuple[Observation, ...]


def findings_of(patient: Patient) -> Findings:
    """Two queries."""
    forms = (
        Assessment.objects.filter(patient=patient, status="final")
        .select_related("patient")
        .defer("answers", "points", "context")
    )
    seen = Observation.objects.filter(patient=patient).select_related("patient").exclude(status="entered_in_error")
    return Findings(
        tuple(forms.order_by("-effective_at", "-id")[:MOST_FINDINGS]),
        tuple(seen.order_by("-effective_at", "-id")[:MOST_FINDINGS]),
    )


def finding_said(found: Assessment | Observation) -> Sentence:
    """A finding a line may be built on, in words."""
    on = found.effective_at.astimezone(found.patient.zone).date()
    if isinstance(found, Assessment):
        return sentence("plan.from.assessment", instrument=instrument_name(found.instrument), on=on)
    return sentence("plan.from.observation", test=definition(found.code).title, on=on)


def built_on(row: PlanElement) -> list[Sentence]:
    """Where a line came from: a form, an observation, a diagnosis."""
    found = [finding_said(each) for each in (row.from_assessment, row.from_observation) if each is not None]
    return [*found, sentence("plan.from.diagnosis", diagnosis=row.diagnosis)] if row.diagnosis else found


def place_of(row: PlanElement) -> int:
    """Which place a line has among its kind beneath its parent, counted from 0."""
    beside = PlanElement.objects.filter(plan=row.plan_id, parent=row.parent_id, kind=row.kind)
    return list(beside.order_by("position", "id").values_list("pk", flat=True)).index(row.pk)
