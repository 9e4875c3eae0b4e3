"""Recording what was found, and telling the course of care: the verbs every door uses (architecture.md, flow a).

The patients app keeps the record and does not know of pathways; here the record and what follows from it for open
questionnaires, and for moves that rested on what is put right, happen in one transaction.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from clinic.actions.verbs import action
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from pathways.actions import follow_ups
from pathways.actions.evidence import note_withdrawn
from patients.actions import assessments, drafts, intakes, observations
from patients.actions.drafts import SavedDraft
from patients.actions.intakes import SignedIntake
from patients.models import Assessment, AssessmentDraft, Intake, Observation, Patient
from patients.rules.observations import Entry


@action(Permission.ASSESSMENT_RECORD, "finding.save_draft")
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
    """See `patients.actions.drafts.save_draft`. A draft answers no questionnaire yet."""
    return drafts.save_draft(
        patient=patient, instrument=instrument, answers=answers, expected_version=expected_version, by=by, now=now,
        context=context, site=site, intake=intake, effective_at=effective_at, from_page=from_page,
    )  # fmt: skip


@action(Permission.ASSESSMENT_RECORD, "finding.record_assessment")
def record_assessment(
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
    """A finished form, scored and kept; open questionnaires it answers are kept too. Refused: 404, 422."""
    made = assessments.record(
        patient=patient, instrument=instrument, answers=answers, effective_at=effective_at, by=by, now=now,
        context=context, site=site,
    )  # fmt: skip
    _tell_course([made], by=by, now=now)
    return made


@action(Permission.ASSESSMENT_RECORD, "finding.record_draft")
def record_draft(
    *, draft: AssessmentDraft, expected_version: int, by: Actor, now: datetime, effective_at: datetime | None = None
) -> Assessment:
    """A draft becomes an assessment. Refused: 404, 412, 422."""
    made = assessments.record_draft(
        draft=draft, expected_version=expected_version, by=by, now=now, effective_at=effective_at
    )
    _tell_course([made], by=by, now=now)
    return made


@action(Permission.ASSESSMENT_RECORD, "finding.sign_intake")
def sign_intake(
    *, intake: Intake, expected_version: int, by: Actor, now: datetime, not_asked_reason: str = ""
) -> SignedIntake:
    """Every draft of the intake becomes an assessment, or none. Refused: 403, 404, 409, 412, 422."""
    signed = intakes.sign(
        intake=intake, expected_version=expected_version, by=by, now=now, not_asked_reason=not_asked_reason
    )
    _tell_course(signed.assessments, by=by, now=now)
    return signed


@action(Permission.ASSESSMENT_AMEND, "finding.amend_assessment")
def amend_assessment(
    *,
    assessment: Assessment,
    answers: Mapping[str, object],
    reason: str,
    by: Actor,
    now: datetime,
    context: Mapping[str, object] | None = None,
    effective_at: datetime | None = None,
) -> Assessment:
    """A corrected copy in place of the original. Refused: 404, 409, 422."""
    made = assessments.amend(
        assessment=assessment, answers=answers, reason=reason, by=by, now=now, context=context,
        effective_at=effective_at,
    )  # fmt: skip
    _withdraw(assessment, by, now)
    _tell_course([made], by=by, now=now)
    return made


@action(Permission.ASSESSMENT_AMEND, "finding.retract_assessment")
def retract_assessment(*, assessment: Assessment, reason: str, by: Actor, now: datetime) -> Assessment:
    """Entered in error: it counts for nothing from now on. Refused: 404, 409, 422."""
    retracted = assessments.retract(assessment=assessment, reason=reason, by=by, now=now)
    _withdraw(retracted, by, now)
    return retracted


@action(Permission.ASSESSMENT_AMEND, "finding.amend_observation")
def amend_observation(
    *,
    observation: Observation,
    entry: Entry,
    reason: str,
    by: Actor,
    now: datetime,
    effective_at: datetime | None = None,
    resulted_on: date | None = None,
) -> Observation:
    """A corrected value in place of the original. Refused: 404, 409, 422."""
    made = observations.amend_observation(
        observation=observation, entry=entry, reason=reason, by=by, now=now, effective_at=effective_at,
        resulted_on=resulted_on,
    )  # fmt: skip
    _withdraw_values(made, by, now)
    return made[0]


@action(Permission.ASSESSMENT_AMEND, "finding.retract_observation")
def retract_observation(*, observation: Observation, reason: str, by: Actor, now: datetime) -> Observation:
    """Entered in error: it counts for nothing from now on. Refused: 404, 409, 422."""
    retracted, *judged_again = observations.retract_observation(observation=observation, reason=reason, by=by, now=now)
    _withdraw_value(retracted, by, now)
    _withdraw_values(judged_again, by, now)
    return retracted


def _tell_course(made: Collection[Assessment], *, by: Actor, now: datetime) -> None:
    """The one place where a new finding reaches the pathway."""
    follow_ups.note_assessment(by=by, now=now, assessments=made)


def _withdraw(assessment: Assessment, by: Actor, now: datetime) -> None:
    """Moves that rested on it are looked at again (decisions.md 9); questionnaires it answered are owed again."""
    note_withdrawn(
        by=by, now=now, patient=assessment.patient, evidence_type="assessment", evidence_id=assessment.public_id
    )
    follow_ups.note_withdrawn_assessment(by=by, now=now, assessment=assessment)


def _withdraw_values(made: Collection[Observation], by: Actor, now: datetime) -> None:
    """The values these took the place of count no more."""
    for each in made:
        if each.amends is not None:
            _withdraw_value(each.amends, by, now)


def _withdraw_value(row: Observation, by: Actor, now: datetime) -> None:
    """Moves that rested on it are looked at again."""
    note_withdrawn(by=by, now=now, patient=row.patient, evidence_type="observation", evidence_id=row.public_id)
