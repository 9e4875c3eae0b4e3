"""Autosaving a form that is being filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, stale
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from patients.actions import flags
from patients.actions.locks import lock_child, lock_patient
from patients.models import AssessmentDraft, Intake, Patient, SafetyFlag
from patients.models.assessment import AssessmentStatus
from patients.queries.assessments import check_moment, context_of, definition_of
from patients.queries.patients import site_for
from patients.rules.instruments import Definition
from patients.rules.scoring import Scoring, drop_hidden, score

SITTING = timedelta(minutes=30)
"""Saves of one person closer together than this are one sitting, and one audit entry."""
LONGEST_RAW = 60


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """The draft as stored, what it comes to so far, and the flags this save raised."""

    draft: AssessmentDraft
    scoring: Scoring
    raised: tuple[SafetyFlag, ...]


@action(Permission.ASSESSMENT_RECORD, "assessment.save_draft")
def save_draft(
    *,
    patient: Patient,
    instrument: str,
    answers: Mapping[str, object],
    expected_version: int | None,
    by: Actor,
    now: datetime,
    context: Mapping[str, object] | None = None,
    site: Site | None = None,
    intake: Intake | None = None,
    effective_at: datetime | None = None,
    from_page: bool = False,
) -> SavedDraft:
    """Keeps a form as far as it is filled in, and raises at once what its answers raise, however few they are.

    There is one draft per person and instrument; `expected_version=None` means that the caller knows of none. A page
    (`from_page`) keeps a wrong value to be shown again and loses answers to questions no longer asked; a program is
    refused both (422). Raises Refused: 404, 412 when somebody else saved meanwhile or began the form, 422.
    """
    fresh = lock_patient(patient, by)
    draft = _draft_of(fresh, instrument, expected_version)
    definition = definition_of(instrument, draft.definition_version if draft else None)
    if effective_at is not None:
        check_moment(fresh, effective_at, now)
    scoring, kept = _read(definition, fresh, answers, context or {}, from_page)
    sitting_begins = draft is None or draft.saved_by_id != by.pk or now - draft.saved_at > SITTING
    draft = draft or _begin(fresh, definition, site, intake, by, now)
    draft.answers, draft.context = kept, context_of(fresh, context or draft.context)
    draft.effective_at = effective_at or draft.effective_at
    draft.intake = _intake_of(fresh, draft, intake)
    draft.saved_at, draft.saved_by, draft.version = now, by, draft.version + 1
    draft.save()
    raised = flags.follow_draft(draft, definition, scoring.alerts, by=by, now=now)
    if sitting_begins:
        _record("assessment.save_draft", draft, by, now)
    return SavedDraft(draft, scoring, tuple(raised))


@action(Permission.ASSESSMENT_RECORD, "assessment.discard_draft")
def discard_draft(*, draft: AssessmentDraft, expected_version: int, by: Actor, now: datetime) -> None:
    """Throws a draft away. The flags it raised stay, marked as no longer resting on an answer; a person closes them."""
    lock_patient(draft.patient, by)
    fresh = lock_child(draft, expected_version)
    flags.mark_corrected(fresh.public_id, by=by, now=now)
    _record("assessment.discard_draft", fresh, by, now)
    fresh.delete()


def _draft_of(patient: Patient, instrument: str, expected_version: int | None) -> AssessmentDraft | None:
    rows = AssessmentDraft.objects.select_for_update(no_key=True, of=("self",))
    draft = rows.filter(patient=patient, instrument=instrument).first()
    if (draft.version if draft else None) != expected_version:
        raise stale()
    return draft


def _begin(
    patient: Patient, definition: Definition, site: Site | None, intake: Intake | None, by: Actor, now: datetime
) -> AssessmentDraft:
    return AssessmentDraft(
        patient=patient,
        site=site_for(by, patient, site or (intake.site if intake else None)),
        instrument=definition.key,
        definition_version=definition.definition_version,
        started_at=now,
        started_by=by,
        version=0,
    )


def _intake_of(patient: Patient, draft: AssessmentDraft, intake: Intake | None) -> Intake | None:
    if intake is None:
        return draft.intake or _under_way(patient, draft.instrument)
    if intake.patient_id != patient.pk or draft.instrument not in intake.sections:
        raise bad_input(intake=sentence("refused.not_offered"))
    if Intake.objects.filter(pk=intake.pk, signed_at__isnull=False).exists():
        raise Refused("intake_signed")
    return intake


def _under_way(patient: Patient, instrument: str) -> Intake | None:
    """The open intake that still asks for this form: whoever fills it in on its own fills in the intake."""
    intake = Intake.objects.filter(patient=patient, signed_at__isnull=True, sections__contains=[instrument]).first()
    if intake is None or intake.assessments.filter(instrument=instrument, status=AssessmentStatus.FINAL).exists():
        return None
    return intake


def _read(
    definition: Definition,
    patient: Patient,
    answers: Mapping[str, object],
    context: Mapping[str, object],
    from_page: bool,
) -> tuple[Scoring, dict[str, object]]:
    """The scoring of what is kept, and what is kept."""
    if from_page:
        asked = {item.key for item in definition.items}
        known = {key: value for key, value in answers.items() if key in asked and _storable(value)}
        kept = drop_hidden(definition, known)
        return score(definition, kept, context_of(patient, context)), kept
    scoring = score(definition, answers, {**context, **context_of(patient, context)})
    if scoring.problems:
        raise bad_input(**scoring.fields)
    return scoring, dict(scoring.answers)


def _storable(value: object) -> bool:
    """A wrong value is kept to be shown again, if it is a short plain one."""
    if isinstance(value, str):
        return len(value) <= LONGEST_RAW and value.isprintable()
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _record(name: str, draft: AssessmentDraft, by: Actor, now: datetime) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("assessment_draft", draft.public_id),
        patients=[draft.patient.public_id],
        details={"instrument": draft.instrument},
    )
