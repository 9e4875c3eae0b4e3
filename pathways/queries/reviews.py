"""Moves to be looked at again because a record they rested on was withdrawn."""

from uuid import UUID

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import EvidenceReview
from patients.models import Patient


def evidence_review(actor: Actor, public_id: UUID) -> EvidenceReview:
    """One review, of somebody the actor may see. Raises Refused not_found."""
    visible = EvidenceReview.objects.filter(patient__in=Patient.objects.visible_to(actor), public_id=public_id)
    found = visible.select_related("patient", "transition__to_phase", "transition__enrollment__site").first()
    if found is None:
        raise not_found()
    return found
