"""Where somebody is written to: the addresses in use, in the order in which they are used."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pathways.queries.providers import CHANNELS
from patients.models import ContactPoint


def written_points(patients: Iterable[int]) -> dict[int, list[ContactPoint]]:
    """Addresses in use by patient, the preferred channel first, then as ranked; `patient` is loaded. One query."""
    ids = list(patients)
    if not ids:
        return {}
    grouped: dict[int, list[ContactPoint]] = defaultdict(list)
    rows = ContactPoint.objects.filter(patient__in=ids, retired_at__isnull=True, channel__in=CHANNELS)
    for point in rows.select_related("patient__contact_preference").order_by("rank", "pk"):
        grouped[point.patient_id].append(point)
    return {patient: _preferred_first(points) for patient, points in grouped.items()}


def _preferred_first(points: Sequence[ContactPoint]) -> list[ContactPoint]:
    wish = getattr(points[0].patient, "contact_preference", None)
    return sorted(points, key=lambda point: wish is None or point.channel != wish.preferred_channel)
