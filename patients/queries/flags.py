"""Safety flags: what is open, and for whom."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from clinic.errors import not_found
from clinic.models import Actor, Site
from patients.models import Patient, SafetyFlag
from patients.rules.instruments import Severity

_RANK = Case(
    *(When(severity=each.value, then=Value(each.rank)) for each in Severity),
    default=Value(0),
    output_field=IntegerField(),
)


def get(actor: Actor, public_id: UUID | str) -> SafetyFlag:
    """A flag of somebody the actor may see. Raises Refused (404)."""
    found = _seen(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def listed(
    actor: Actor, *, patient: Patient | None = None, site: Site | None = None, open_only: bool = True
) -> QuerySet[SafetyFlag]:
    """Flags, worst first, then oldest."""
    rows = _seen(actor)
    if patient is not None:
        rows = rows.filter(patient=patient)
    if site is not None:
        rows = rows.filter(site=site)
    if open_only:
        rows = rows.filter(closed_at__isnull=True)
    return rows.annotate(rank=_RANK).order_by("-rank", "raised_at", "id")


def open_of(patients: Iterable[int]) -> Mapping[int, list[SafetyFlag]]:
    """The open flags of many people at once, worst first, in one query."""
    rows = SafetyFlag.objects.filter(patient_id__in=list(patients), closed_at__isnull=True)
    found: dict[int, list[SafetyFlag]] = {}
    for flag in rows.annotate(rank=_RANK).order_by("-rank", "raised_at", "id"):
        found.setdefault(flag.patient_id, []).append(flag)
    return found


def of_source(source_id: UUID) -> dict[str, SafetyFlag]:
    """The flags one form raised, by alert, whatever became of them."""
    rows = SafetyFlag.objects.filter(source_id=source_id).select_related("taken_by", "closed_by")
    return {flag.alert_key: flag for flag in rows}


def _seen(actor: Actor) -> QuerySet[SafetyFlag]:
    rows = SafetyFlag.objects.filter(patient__in=Patient.objects.visible_to(actor))
    return rows.select_related("patient", "site", "assessment", "raised_by", "taken_by", "closed_by", "corrected_by")
