"""Returns to use after which the needs are to be rated again: for those who may rate them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.models import ReturnToUse
from pathways.queries.returns import to_rate_again
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.holders import Owned
from pathways.rules.worklist import Item, LineKind, LineType


def gather(asked: Asked) -> Iterator[Entry]:
    """One query."""
    if not asked.may(Permission.LEVEL_DECIDE):
        return
    for pk, public_id, patient, person, at, counselor in _to_rate_again(asked.site.pk):
        item = Item(LineType.RETURN_TO_USE, LineKind.REVIEW, public_id, person, at, asked.site.time_zone)
        yield Entry(item, counselors(counselor), patient, pk)


@prepared
def _to_rate_again(site: int) -> QuerySet[Any, Any]:
    columns = (
        "pk", "public_id", "enrollment__patient_id", "enrollment__patient__public_id", "recorded_at",
        "enrollment__counselor_id",
    )  # fmt: skip
    return to_rate_again(site).values_list(*columns)[:MOST_LINES]


def counselors(counselor: int | None) -> Owned:
    """What is the counselor's to do, and everybody's where somebody has none yet."""
    return Owned(counselor, Role.COUNSELOR, everybody=counselor is None)


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = ReturnToUse.objects.filter(pk__in=[each.record for each in entries])
    rows = rows.select_related("enrollment__patient", "enrollment__counselor")
    return {
        row.public_id: Dressed(
            row,
            row.enrollment.patient,
            sentence("today.rerate"),
            sentence("worklist.why.rerate", on=row.effective_at.astimezone(asked.site.zone).date()),
        )
        for row in rows
    }


RETURNS = Source(gather, {LineType.RETURN_TO_USE: dress})
