"""Open plans: their elements, the newest signatures and the newest review."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from pathways.models import Plan, PlanElement, PlanReview, PlanSignature
from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates.plans import PlanItem, PlanStanding
from pathways.rules.plans import ElementStatus, PlanElementKind, PlanKind, PlanSigner


@fact_query(PlanStanding, PlanItem)
def plans(asked: Asked) -> Answers:
    """Each open plan with its elements, newest plan first. One query."""
    found: dict[int, list[object]] = defaultdict(list)
    for enrollment, public_id, kind, opened, changed, signed, by_staff, reviewed, parts in _open(
        asked.ids, asked.as_of
    ):
        plan = PlanKind(kind)
        found[enrollment].append(PlanStanding(public_id, plan, opened, changed, signed, by_staff, reviewed))
        found[enrollment] += _items(plan, parts)
    return found


@prepared
def _open(enrollments: list[int], at: datetime) -> QuerySet[Any, Any]:
    """Plans open at that moment as they then were."""
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gt=at)
    own = {"plan": OuterRef("pk")}
    elements = PlanElement.objects.filter(**own, written_at__lte=at).order_by("position", "pk")
    part = JSONObject(public_id="public_id", kind="kind", status="status", ended_at="ended_at")
    signatures = PlanSignature.objects.filter(**own, effective_at__lte=at).order_by("-effective_at")
    signed = {each: Subquery(signatures.filter(signer=each).values("effective_at")[:1]) for each in PlanSigner}
    reviews = PlanReview.objects.filter(**own, reviewed_at__lte=at).order_by("-reviewed_at")
    rows = Plan.objects.filter(open_then, enrollment__in=among(enrollments), opened_at__lte=at).annotate(
        parts=ArraySubquery(elements.values(part=part)),
        signed=signed[PlanSigner.PATIENT],
        signed_by_staff=signed[PlanSigner.STAFF],
        reviewed=Subquery(reviews.values("reviewed_at")[:1]),
    )
    return rows.order_by("enrollment_id", "-opened_at", "-pk").values_list(
        *("enrollment_id", "public_id", "kind", "opened_at", "changed_at"),
        *("signed", "signed_by_staff", "reviewed", "parts"),
    )


def _items(plan: PlanKind, parts: Iterable[Mapping[str, Any]]) -> Iterable[PlanItem]:
    for part in parts:
        status = ElementStatus(part["status"])
        ended = part["ended_at"] if status is ElementStatus.COMPLETE else None
        completed_at = datetime.fromisoformat(ended) if ended else None
        yield PlanItem(UUID(part["public_id"]), plan, PlanElementKind(part["kind"]), status, completed_at)
