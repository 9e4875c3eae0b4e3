"""Safety flags: what is open, and for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from clinic.errors import not_found
from clinic.models import Actor, Site
from clinic.rules.sentences import Sentence, sentence
from patients import observations
from patients.models import Patient, SafetyFlag
from patients.queries.assessments import definition_of
from patients.rules.instruments import Severity
from patients.rules.observations import alert_sentence

_RANK = Case(
    *(When(severity=each.value, then=Value(each.rank)) for each in Severity),
    default=Value(0),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What raised a flag (a form or a measured value, by its short and its full name), what it says, and on what."""

    name: str | Sentence
    title: str | Sentence
    said: Sentence
    basis: str | Sentence


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


def sources_with_flags(source_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these forms and values raised flags, whatever became of them."""
    return frozenset(SafetyFlag.objects.filter(source_id__in=list(source_ids)).values_list("source_id", flat=True))


def cause_of(flag: SafetyFlag) -> Cause:
    """What a flag was raised by, and what it says."""
    if flag.instrument in observations.codes():
        test = observations.definition(flag.instrument)
        basis = sentence("observation.flag_basis")
        return Cause(test.title, test.title, alert_sentence(flag.alert_key), basis)
    definition = definition_of(flag.instrument)
    alert = definition.alert(flag.alert_key)
    return Cause(definition.short_name, definition.title, alert.said, alert.basis)


def of_source(source_id: UUID) -> dict[str, SafetyFlag]:
    """The flags one form raised, by alert, whatever became of them."""
    rows = SafetyFlag.objects.filter(source_id=source_id).select_related("taken_by", "closed_by")
    return {flag.alert_key: flag for flag in rows}


def _seen(actor: Actor) -> QuerySet[SafetyFlag]:
    rows = SafetyFlag.objects.filter(patient__in=Patient.objects.visible_to(actor))
    return rows.select_related(
        "patient", "site", "assessment", "observation", "raised_by", "taken_by", "closed_by", "corrected_by"
    )
