"""What was asked and answered: definitions, drafts, readings."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.sentences import Sentence, sentence
from patients import instruments
from patients.models import Assessment, AssessmentDraft, Patient
from patients.models.assessment import AssessmentStatus
from patients.rules.instruments import Definition
from patients.rules.scoring import Scoring, score


def definition_of(key: str, version: int | None = None) -> Definition:
    """The definition of an instrument. Raises Refused (404, unknown_instrument)."""
    try:
        return instruments.definition(key, version)
    except instruments.UnknownInstrument:
        raise Refused("unknown_instrument", sentence("refused.unknown_instrument"), status=404) from None


def definitions() -> tuple[Definition, ...]:
    """The newest definition of every instrument, by key."""
    return instruments.definitions()


def score_only(key: str, answers: Mapping[str, object], context: Mapping[str, object]) -> Scoring:
    """Scores without storing. Raises Refused (404) for an unknown instrument; bad answers are a status, no error."""
    return score(definition_of(key), answers, context)


def context_of(patient: Patient, given: Mapping[str, object]) -> dict[str, object]:
    """What scoring may use beside the answers. Sex for clinical use is the record's, whatever the caller says."""
    kept = {key: given[key] for key in ("taken_as_prescribed", "preface_shown") if key in given}
    return {"sex": patient.sex_for_clinical_use, **kept}


def get(actor: Actor, public_id: UUID | str) -> Assessment:
    """An assessment of somebody the actor may see. Raises Refused (404)."""
    rows = Assessment.objects.filter(patient__in=Patient.objects.visible_to(actor))
    rows = rows.select_related("patient", "site", "recorded_by", "retracted_by", "amends", "amended_as", "intake")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def draft(actor: Actor, patient: Patient, instrument: str) -> AssessmentDraft | None:
    """The draft of one form of one person, if there is one."""
    rows = AssessmentDraft.objects.filter(patient__in=Patient.objects.visible_to(actor))
    return rows.filter(patient=patient, instrument=instrument).select_related("patient", "site", "saved_by").first()


def drafts(actor: Actor, patient: Patient) -> QuerySet[AssessmentDraft]:
    """Every open draft of a person, newest saved first."""
    rows = AssessmentDraft.objects.filter(patient__in=Patient.objects.visible_to(actor), patient=patient)
    return rows.select_related("patient", "site", "saved_by", "started_by").order_by("-saved_at", "-id")


def listed(actor: Actor, patient: Patient | None = None, *, instrument: str = "") -> QuerySet[Assessment]:
    """Assessments, whatever became of them, newest first; of one person, or of all the actor may see."""
    rows = Assessment.objects.filter(patient__in=Patient.objects.visible_to(actor))
    if patient is not None:
        rows = rows.filter(patient=patient)
    if instrument:
        rows = rows.filter(instrument=instrument)
    return rows.select_related("patient", "site", "recorded_by", "amends").order_by("-effective_at", "-id")


def readings(patients: Iterable[int], *, at: datetime | None = None) -> QuerySet[Assessment]:
    """The assessments that count (final, not amended away, not in error), newest first, for many people at once."""
    rows = Assessment.objects.filter(patient_id__in=list(patients), status=AssessmentStatus.FINAL)
    if at is not None:
        rows = rows.filter(effective_at__lte=at)
    return rows.order_by("patient_id", "instrument", "-effective_at", "-id")


def newest(patients: Iterable[int], *, at: datetime | None = None) -> Mapping[int, dict[str, Assessment]]:
    """The newest reading per instrument, for many people at once, in one query."""
    found: dict[int, dict[str, Assessment]] = {}
    for each in readings(patients, at=at).distinct("patient_id", "instrument"):
        found.setdefault(each.patient_id, {})[each.instrument] = each
    return found


def history(patient: Patient, instrument: str) -> list[Assessment]:
    """All readings of one instrument, oldest first: what a trend is drawn from."""
    rows = Assessment.objects.filter(patient=patient, instrument=instrument, status=AssessmentStatus.FINAL)
    return list(rows.order_by("effective_at", "id"))


def too_soon(patient: Patient, instrument: str, effective_at: datetime, *, but: UUID | None = None) -> Sentence | None:
    """A warning, never a refusal: the instrument looks back further than to its last reading (PHQ-9: 14 days)."""
    least = definition_of(instrument).min_interval_days
    if least is None:
        return None
    near = timedelta(days=least)
    rows = Assessment.objects.filter(patient=patient, instrument=instrument, status=AssessmentStatus.FINAL)
    rows = rows.filter(effective_at__gt=effective_at - near, effective_at__lt=effective_at + near)
    if but is not None:
        rows = rows.exclude(public_id=but)
    last = rows.order_by("-effective_at").first()
    if last is None:
        return None
    name = definition_of(instrument).short_name
    return sentence("assessment.too_soon", instrument=name, days=least, last=last.effective_at.date())


def check_moment(patient: Patient, effective_at: datetime, now: datetime) -> None:
    """Something was found at or before now and after birth. Raises Refused (422)."""
    if effective_at > now:
        raise bad_input(effective_at=sentence("assessment.effective.future"))
    if effective_at.astimezone(patient.zone).date() < patient.birth_date:
        raise bad_input(effective_at=sentence("assessment.effective.before_birth"))
