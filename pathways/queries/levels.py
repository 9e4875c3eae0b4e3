"""Level-of-care assessments as seen by somebody: one, a person's, those that wait for a second signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Enrollment, LevelOfCareAssessment
from pathways.rules.gates.facts import instrument_name
from pathways.rules.levels import (
    Input,
    Intensity,
    Level,
    Need,
    Needs,
    Rating,
    Suggestion,
    SuggestionFlag,
    age_warning,
)
from pathways.rules.levels.hints import TELLING_INSTRUMENTS
from pathways.rules.moves import RUNNING
from patients.models import Assessment, Patient
from patients.queries.assessments import newest
from patients.rules.instruments import band_sentence

TOGETHER = ("patient", "site", "enrollment__program", "enrollment__current_phase", "recorded_by", "decided_by",
            "cosigned_by")  # fmt: skip


def level_assessments(actor: Actor) -> QuerySet[LevelOfCareAssessment]:
    """Every level-of-care assessment of the people the actor may see, newest first."""
    rows = LevelOfCareAssessment.objects.filter(patient__in=Patient.objects.visible_to(actor))
    return rows.select_related(*TOGETHER).order_by("-effective_at", "-id")


def level_assessment(actor: Actor, public_id: UUID) -> LevelOfCareAssessment:
    """One of them. Raises Refused not_found: a foreign one looks like none."""
    found = level_assessments(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def of_patient(actor: Actor, patient_id: UUID) -> QuerySet[LevelOfCareAssessment]:
    """A person's assessments, newest first."""
    return level_assessments(actor).filter(patient__public_id=patient_id)


def in_force(patient: Patient) -> LevelOfCareAssessment | None:
    """The newest decision that stands: decided and, where it needs one, signed by a second person."""
    rows = LevelOfCareAssessment.objects.filter(patient=patient, decided_at__isnull=False)
    rows = rows.exclude(needs_second_signature=True, cosigned_at__isnull=True)
    return rows.order_by("-effective_at", "-id").first()


def awaiting_signature(actor: Actor) -> QuerySet[LevelOfCareAssessment]:
    """Decisions that take effect only when a second person signs, oldest first; those rated anew since left out."""
    at, pk = OuterRef("effective_at"), OuterRef("pk")
    later = LevelOfCareAssessment.objects.filter(_newer(at, pk), patient=OuterRef("patient"))
    rows = LevelOfCareAssessment.objects.filter(
        ~Exists(later),
        patient__in=Patient.objects.visible_to(actor),
        needs_second_signature=True,
        decided_at__isnull=False,
        cosigned_at__isnull=True,
    )
    return rows.select_related(*TOGETHER).order_by("decided_at", "id")


def newer(row: LevelOfCareAssessment) -> bool:
    """Whether the person was rated again since."""
    later = _newer(row.effective_at, row.pk)
    return LevelOfCareAssessment.objects.filter(later, patient=row.patient_id).exists()


def _newer(at: object, pk: object) -> Q:
    """Rated later; the same moment goes by the order of recording."""
    return Q(effective_at__gt=at) | Q(effective_at=at, pk__gt=pk)


def running_enrollment(patient: Patient) -> Enrollment | None:
    """The enrollment a level of care concerns where none is named: the only one under way."""
    rows = list(Enrollment.objects.filter(patient=patient, status__in=RUNNING).order_by("pk")[:2])
    return rows[0] if len(rows) == 1 else None


def needs_of(row: LevelOfCareAssessment) -> Needs:
    """The six ratings."""
    return Needs(**{need.value: getattr(row, need.value) for need in Need})


def suggestion_of(row: LevelOfCareAssessment) -> Suggestion:
    """The suggestion as it was made, whatever the rules say today."""
    kept = row.suggestion
    return Suggestion(
        level=Level(row.suggested_level) if row.suggested_level else None,
        intensity=Intensity(kept["intensity"]) if kept["intensity"] is not None else None,
        medical=kept["medical"],
        rule_id=row.suggested_rule,
        flags=tuple(SuggestionFlag(flag) for flag in row.flags),
        inputs=tuple(Input(Need(each["need"]), each["rating"]) for each in kept["inputs"]),
        ruleset=row.ruleset,
        edition=kept["edition"],
    )


def age_warning_of(row: LevelOfCareAssessment, now: datetime) -> Sentence | None:
    """A warning where the ratings are too old to decide on."""
    zone = row.site.zone
    rated_on = row.effective_at.astimezone(zone).date()
    rated = [Rating(need, rated_on) for need in Need if getattr(row, need.value) is not None]
    phase = row.enrollment.current_phase if row.enrollment else None
    return age_warning(rated, phase.ordinal if phase else 1, now.astimezone(zone).date())


@dataclass(frozen=True, slots=True)
class Hint:
    """One recent finding that bears on a need."""

    public_id: UUID
    said: Sentence


def hints(patient: Patient, *, at: datetime, zone: ZoneInfo) -> Mapping[Need, list[Hint]]:
    """The newest reading of each instrument that says something about a need. One query."""
    found = newest([patient.pk], at=at).get(patient.pk, {})
    return {
        need: [_hint(found[key], zone) for key in keys if key in found] for need, keys in TELLING_INSTRUMENTS.items()
    }


def _hint(row: Assessment, zone: ZoneInfo) -> Hint:
    on = row.effective_at.astimezone(zone).date()
    return Hint(
        row.public_id, sentence("level.hint", instrument=instrument_name(row.instrument), found=_found(row), on=on)
    )


def _found(row: Assessment) -> Sentence:
    if row.scoring_status != "complete":
        return sentence("level.hint.incomplete")
    if row.total is None:
        scores = [sentence("level.hint.score", score=key, value=value) for key, value in row.subscores.items()]
        return sentence("level.hint.scores", scores=scores) if scores else _band(row)
    total = int(row.total) if row.total == int(row.total) else row.total
    if isinstance(row.band, str):
        return sentence("level.hint.total_band", total=total, band=band_sentence(row.band))
    return sentence("level.hint.total", total=total)


def _band(row: Assessment) -> Sentence:
    return band_sentence(row.band) if isinstance(row.band, str) else sentence("level.hint.done")
