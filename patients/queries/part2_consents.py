"""Consents to tell others: one, those of a person, and whether each holds now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from patients.models import Consent, Patient
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    DisclosureCategory,
    RecipientClass,
    SignedConsent,
    Span,
    Standing,
    names_support,
    standing,
    treatment_end,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A consent and whether it holds."""

    row: Consent
    standing: Standing


def get(actor: Actor, public_id: UUID | str) -> Consent:
    """A consent of somebody the actor may see. Raises Refused (404)."""
    rows = Consent.objects.filter(patient__in=Patient.objects.visible_to(actor))
    found = _shown(rows).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def of_patient(actor: Actor, patient: Patient, public_id: UUID | str) -> Consent:
    """A consent of this person; another person's is not found. Raises Refused (404)."""
    found = get(actor, public_id)
    if found.patient_id != patient.pk:
        raise not_found()
    return found


def listed(actor: Actor, patient: Patient) -> QuerySet[Consent]:
    """Every consent of a person, newest first, whatever became of it."""
    rows = Consent.objects.filter(patient__in=Patient.objects.visible_to(actor), patient=patient)
    return _shown(rows).order_by("-effective_at", "-id")


def held(rows: Sequence[Consent], courses: Mapping[int, Sequence[Span]], at: datetime) -> list[Held]:
    """Each consent with its standing at a moment. `courses`: first and last days of treatment, by patient id.

    `patient` and `replaced_by` are to be loaded.
    """
    return [Held(row, standing_of(row, courses.get(row.patient_id, ()), at)) for row in rows]


def support_people(patients: Collection[int], at: datetime) -> dict[int, list[str]]:
    """Whom people chose to stand by them and may be asked about them at a moment, by name. One query.

    From specific consents alone: those never last "as long as treatment does" (`consent_open_end_is_tpo`).
    """
    rows = Consent.objects.filter(
        patient__in=patients, kind=ConsentKind.SPECIFIC, recipient_class=RecipientClass.SUPPORT_PERSON, revoked_at=None
    ).exclude(recipient="")
    found: dict[int, list[str]] = {}
    for row in rows.select_related("site", "replaced_by").order_by("-effective_at", "-pk"):
        if names_support(signed(row)) and standing_of(row, (), at).holds:
            found.setdefault(row.patient_id, []).append(row.recipient)
    return found


def standing_of(row: Consent, courses: Sequence[Span], at: datetime) -> Standing:
    """Whether one consent holds at a moment; days are counted where the person's clinic is."""
    today: date = at.astimezone(row.site.zone).date()
    return standing(signed(row), at, today, treatment_end(courses, row.signed_on))


def signed(row: Consent) -> SignedConsent:
    """A kept consent as the rules read it."""
    replacement = getattr(row, "replaced_by", None)
    return SignedConsent(
        kind=ConsentKind(row.kind),
        categories=frozenset(DisclosureCategory(each) for each in row.categories),
        recipient_class=RecipientClass(row.recipient_class),
        purposes=frozenset(ConsentPurpose(each) for each in row.purposes),
        expiry=ConsentExpiry(row.expiry),
        signed_on=row.signed_on,
        effective_at=row.effective_at,
        recipient=row.recipient,
        purpose_text=row.purpose_text,
        expires_on=row.expires_on,
        ended_on=row.ended_on,
        revoked_at=row.revoked_at,
        replaced_at=replacement.effective_at if replacement is not None else None,
    )


def _shown(rows: QuerySet[Consent]) -> QuerySet[Consent]:
    return rows.select_related("patient", "site", "recorded_by", "revoked_by", "replaces", "replaced_by")
