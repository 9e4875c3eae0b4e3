"""What waits for a second signature: requirements set aside, and levels below the one suggested."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import LevelOfCareAssessment, OverrideRequest
from pathways.queries.levels import awaiting_signature
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.holders import Owned
from pathways.rules.moves import WAITING
from pathways.rules.worklist import Item, LineKind, LineType

ANYBODYS = Owned(everybody=True)
"""Whoever may sign may sign any of them but their own."""


def gather_overrides(asked: Asked) -> Iterator[Entry]:
    """For those who may co-sign, but for what they asked for themselves. One query."""
    if not asked.may(Permission.COSIGN):
        return
    for row in _requests(asked.site.pk, asked.actor.pk, asked.now):
        yield _entry(LineType.OVERRIDE_REQUEST, asked, row)


@prepared
def _requests(site: int, actor: int, now: datetime) -> QuerySet[Any, Any]:
    here = Q(from_phase=F("enrollment__current_phase"))
    waits = Q(from_phase__isnull=True, enrollment__status__in=WAITING)
    rows = OverrideRequest.objects.filter(
        here | waits, enrollment__site=site, cosigned_at__isnull=True, declined_at__isnull=True,
        expires_at__gt=now,
    ).exclude(requested_by=actor)  # fmt: skip
    columns = ("pk", "public_id", "enrollment__patient_id", "enrollment__patient__public_id", "requested_at")
    return rows.order_by("requested_at", "pk").values_list(*columns)[:MOST_LINES]


def dress_overrides(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = OverrideRequest.objects.filter(pk__in=[each.record for each in entries])
    rows = rows.select_related("enrollment__patient", "requested_by")
    return {
        row.public_id: Dressed(
            row,
            row.enrollment.patient,
            sentence("today.cosign_override"),
            sentence("worklist.why.cosign_override", by=row.requested_by.name),
        )
        for row in rows
    }


def gather_levels(asked: Asked) -> Iterator[Entry]:
    """For those who may sign a level, but for what they decided themselves. One query."""
    if not asked.may(Permission.LEVEL_COSIGN):
        return
    rows = awaiting_signature(asked.actor).filter(site=asked.site).exclude(decided_by=asked.actor)
    columns = ("pk", "public_id", "patient_id", "patient__public_id", "decided_at")
    for row in rows.order_by("decided_at", "pk").values_list(*columns)[:MOST_LINES]:
        yield _entry(LineType.LEVEL_OF_CARE_ASSESSMENT, asked, row)


def dress_levels(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = LevelOfCareAssessment.objects.filter(pk__in=[each.record for each in entries])
    rows = rows.select_related("patient", "decided_by", "recorded_by")
    return {
        row.public_id: Dressed(
            row,
            row.patient,
            sentence("today.cosign_level"),
            sentence("worklist.why.cosign_level", by=(row.decided_by or row.recorded_by).name),
        )
        for row in rows
    }


def _entry(kind: LineType, asked: Asked, row: Sequence[Any]) -> Entry:
    pk, public_id, patient, person, since = row
    item = Item(kind, LineKind.COSIGN, public_id, person, since, asked.site.time_zone, window_days=1)
    return Entry(item, ANYBODYS, patient, pk)


OVERRIDES = Source(gather_overrides, {LineType.OVERRIDE_REQUEST: dress_overrides})
LEVELS = Source(gather_levels, {LineType.LEVEL_OF_CARE_ASSESSMENT: dress_levels})
