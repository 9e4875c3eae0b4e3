"""Open plans: their elements, the newest signatures and the newest review."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from pathways.models import Plan, PlanElement, PlanReview, PlanSignature
from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates.plans import PlanItem, PlanStanding
from pathways.rules.plans import ElementStatus, PlanElementKind, PlanKind, PlanSigner


@fact_query(PlanStanding, PlanItem)
def plans(asked: Asked) -> Answers:
    """Each open plan with its elements, newest plan first. One query."""
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gt=asked.as_of)
    elements = PlanElement.objects.filter(plan=OuterRef("pk"), written_at__lte=asked.as_of).order_by("position", "pk")
    reviews = PlanReview.objects.filter(plan=OuterRef("pk"), reviewed_at__lte=asked.as_of).order_by("-reviewed_at")
    rows = (
        Plan.objects.filter(open_then, enrollment__in=asked.ids, opened_at__lte=asked.as_of)
        .annotate(
            parts=ArraySubquery(
                elements.values(
                    part=JSONObject(public_id="public_id", kind="kind", status="status", ended_at="ended_at")
                )
            ),
            signed=Subquery(_signatures(PlanSigner.PATIENT, asked).values("effective_at")[:1]),
            signed_by_staff=Subquery(_signatures(PlanSigner.STAFF, asked).values("effective_at")[:1]),
            reviewed=Subquery(reviews.values("reviewed_at")[:1]),
        )
        .order_by("enrollment_id", "-opened_at", "-pk")
        .values_list(
            *("enrollment_id", "public_id", "kind", "opened_at", "changed_at"),
            *("signed", "signed_by_staff", "reviewed", "parts"),
        )
    )
    found: dict[int, list[object]] = defaultdict(list)
    for enrollment, public_id, kind, opened, changed, signed, by_staff, reviewed, parts in rows:
        plan = PlanKind(kind)
        found[enrollment].append(PlanStanding(public_id, plan, opened, changed, signed, by_staff, reviewed))
        found[enrollment] += _items(plan, parts)
    return found


def _signatures(signer: PlanSigner, asked: Asked) -> QuerySet[PlanSignature]:
    rows = PlanSignature.objects.filter(plan=OuterRef("pk"), signer=signer, effective_at__lte=asked.as_of)
    return rows.order_by("-effective_at")


def _items(plan: PlanKind, parts: Iterable[Mapping[str, Any]]) -> Iterable[PlanItem]:
    for part in parts:
        status = ElementStatus(part["status"])
        ended = part["ended_at"] if status is ElementStatus.COMPLETE else None
        completed_at = datetime.fromisoformat(ended) if ended else None
        yield PlanItem(UUID(part["public_id"]), plan, PlanElementKind(part["kind"]), status, completed_at)
