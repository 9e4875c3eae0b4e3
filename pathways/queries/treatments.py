"""When a person was in treatment: what an open-ended consent ends with."""

from collections import defaultdict
from collections.abc import Iterable

from pathways.models import Enrollment
from patients.rules.consents import Span


def spans_of(patients: Iterable[int]) -> dict[int, list[Span]]:
    """First and last day of every course of treatment, by patient id, counted at its site; one query.

    Who only waits or is proposed is not in treatment yet.
    """
    rows = Enrollment.objects.filter(patient__in=list(patients), admitted_at__isnull=False).select_related("site")
    found: dict[int, list[Span]] = defaultdict(list)
    for row in rows.order_by("patient_id", "admitted_at", "id"):
        if row.admitted_at is not None:
            ended = row.ended_at.astimezone(row.site.zone).date() if row.ended_at else None
            found[row.patient_id].append((row.admitted_at.astimezone(row.site.zone).date(), ended))
    return found
