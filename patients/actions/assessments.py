"""Recording what was asked and answered; putting right what was recorded.

A form that lacks answers may be recorded: a person may decline a question, and what they did answer belongs in the
record, alerts included. It then has scoring status `incomplete`, no score and no band, and satisfies no gate that asks
for a score. A form without any answer is nothing and is refused.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from patients.actions import flags
from patients.actions.locks import lock_child, lock_patient
from patients.models import Assessment, AssessmentDraft, Intake, Patient
from patients.models.assessment import AssessmentStatus
from patients.queries.assessments import check_moment, context_of, definition_of
from patients.queries.patients import site_for
from patients.rules.instruments import Definition
from patients.rules.scoring import Scoring, score
from patients.rules.texts import plain, text_problem

REASON_LIMIT = 300


@action(Permission.ASSESSMENT_RECORD, "assessment.record")
def record(
    *,
    patient: Patient,
    instrument: str,
    answers: Mapping[str, object],
    effective_at: datetime,
    by: Actor,
    now: datetime,
    context: Mapping[str, object] | None = None,
    site: Site | None = None,
) -> Assessment:
    """A finished form, scored and frozen with its definition's version; its alerts become flags.

    effective_at: when it was found, at or before now and after birth. context: `taken_as_prescribed` (DSM-5),
    `preface_shown`; sex for clinical use is the record's.
    Raises Refused: 404 (also unknown_instrument), 422 with the items.
    """
    fresh = lock_patient(patient, by)
    definition = definition_of(instrument)
    return _write(
        fresh, definition, answers, context or {},
        site=site_for(by, fresh, site), intake=None, effective_at=effective_at, by=by, now=now,
    )  # fmt: skip


@action(Permission.ASSESSMENT_RECORD, "assessment.record_draft")
def record_draft(
    *, draft: AssessmentDraft, expected_version: int, by: Actor, now: datetime, effective_at: datetime | None = None
) -> Assessment:
    """A draft becomes an assessment that keeps its public id and its flags; found when it was last saved, unless said.

    Raises Refused: 404, 412 when it was saved meanwhile, 422 with the items whose answers cannot be taken.
    """
    patient = lock_patient(draft.patient, by)
    return finish(draft, patient, expected_version=expected_version, effective_at=effective_at, by=by, now=now)


@action(Permission.ASSESSMENT_AMEND, "assessment.amend")
def amend(
    *,
    assessment: Assessment,
    answers: Mapping[str, object],
    reason: str,
    by: Actor,
    now: datetime,
    context: Mapping[str, object] | None = None,
    effective_at: datetime | None = None,
) -> Assessment:
    """A corrected copy, scored by the definition the original was; the original stays and is marked amended.

    Flags whose alert is gone are marked corrected, new ones are raised. Raises Refused: 404, 409 when the assessment
    is no longer the current one, 422.
    """
    patient = lock_patient(assessment.patient, by)
    old = _current(assessment)
    _check_reason(reason)
    definition = definition_of(old.instrument, old.definition_version)
    given = {**old.context, **(context or {})}
    Assessment.objects.filter(pk=old.pk).update(status=AssessmentStatus.AMENDED)
    return _write(
        patient, definition, answers, given, site=old.site, intake=old.intake,
        effective_at=effective_at or old.effective_at, by=by, now=now, amends=old, reason=plain(reason),
    )  # fmt: skip


@action(Permission.ASSESSMENT_AMEND, "assessment.retract")
def retract(*, assessment: Assessment, reason: str, by: Actor, now: datetime) -> Assessment:
    """Entered in error: kept, but it counts for nothing any more; its flags are marked corrected and stay open.

    Raises Refused: 404, 409 when it is no longer the current one, 422 without a reason.
    """
    lock_patient(assessment.patient, by)
    row = _current(assessment)
    _check_reason(reason)
    row.status, row.retracted_at, row.retracted_by = AssessmentStatus.ENTERED_IN_ERROR, now, by
    row.retraction_reason = plain(reason)
    row.save(update_fields=["status", "retracted_at", "retracted_by", "retraction_reason"])
    flags.mark_corrected(source_of(row), by=by, now=now)
    _record("assessment.retract", row, by, now)
    return row


def finish(
    draft: AssessmentDraft,
    patient: Patient,
    *,
    expected_version: int | None,
    effective_at: datetime | None,
    by: Actor,
    now: datetime,
) -> Assessment:
    """Turns a draft of a locked person into an assessment; inside an action only."""
    fresh = lock_child(draft, expected_version)
    definition = definition_of(fresh.instrument, fresh.definition_version)
    at = effective_at or fresh.effective_at or fresh.saved_at
    made = _write(
        patient, definition, fresh.answers, fresh.context,
        site=fresh.site, intake=fresh.intake, effective_at=at, by=by, now=now, draft_id=fresh.public_id,
    )  # fmt: skip
    fresh.delete()
    return made


def source_of(assessment: Assessment) -> UUID:
    """The public id flags are kept under: that of the first form, whatever it was amended to."""
    while assessment.amends is not None:
        assessment = assessment.amends
    return assessment.public_id


def _write(
    patient: Patient,
    definition: Definition,
    answers: Mapping[str, object],
    context: Mapping[str, object],
    *,
    site: Site,
    intake: Intake | None,
    effective_at: datetime,
    by: Actor,
    now: datetime,
    draft_id: UUID | None = None,
    amends: Assessment | None = None,
    reason: str = "",
) -> Assessment:
    check_moment(patient, effective_at, now)
    kept = context_of(patient, context)
    scoring = _scored(definition, answers, {**context, **kept})
    made = Assessment.objects.create(
        public_id=draft_id or uuid4(), patient=patient, site=site, intake=intake, instrument=definition.key,
        definition_version=definition.definition_version, definition_digest=definition.digest,
        scoring_status=scoring.status.value, answers=dict(scoring.answers), context=kept, points=dict(scoring.points),
        total=scoring.total, subscores=dict(scoring.subscores), band=_json(scoring.band), alerts=list(scoring.alerts),
        preface_shown=bool(definition.preface) and kept.get("preface_shown") is True,
        effective_at=effective_at, recorded_at=now, recorded_by=by, amends=amends, amendment_reason=reason,
    )  # fmt: skip
    is_new = draft_id is None and amends is None
    flags.follow_assessment(made, definition, source_of(made), by=by, now=now, is_new=is_new)
    _record("assessment.amend" if amends else "assessment.record", made, by, now)
    return made


def _scored(definition: Definition, answers: Mapping[str, object], context: Mapping[str, object]) -> Scoring:
    scoring = score(definition, answers, context)
    if scoring.problems:
        raise bad_input(**scoring.fields)
    if not scoring.answered:
        raise bad_input(answers=sentence("assessment.no_answers"))
    return scoring


def _json(band: object) -> object:
    return dict(band) if isinstance(band, Mapping) else band


def _current(assessment: Assessment) -> Assessment:
    rows = Assessment.objects.select_for_update(no_key=True, of=("self",)).select_related("patient", "site")
    row = rows.get(pk=assessment.pk)
    if row.status != AssessmentStatus.FINAL:
        raise Refused("assessment_not_current")
    return row


def _check_reason(reason: str) -> None:
    problem = text_problem(reason, limit=REASON_LIMIT, required=True)
    if problem is not None:
        raise bad_input(reason=problem)


def _record(name: str, row: Assessment, by: Actor, now: datetime) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("assessment", row.public_id),
        patients=[row.patient.public_id],
        details={"instrument": row.instrument, "scoring": row.scoring_status},
    )
