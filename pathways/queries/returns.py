"""Returns to use as seen by somebody."""

from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import ReturnToUse
from patients.models import Patient


def returns_to_use(actor: Actor) -> QuerySet[ReturnToUse]:
    """Every recorded return to use of the people the actor may see, newest first."""
    rows = ReturnToUse.objects.filter(enrollment__patient__in=Patient.objects.visible_to(actor))
    return rows.select_related("enrollment__patient", "recorded_by").order_by("-effective_at", "-id")


def return_to_use(actor: Actor, public_id: UUID) -> ReturnToUse:
    """One of them. Raises Refused not_found."""
    found = returns_to_use(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found
