"""Level of care: six ratings, what the rules suggest, what a clinician decides, and a second signature where owed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.level_transfers import follow_decision
from pathways.models import Enrollment, LevelOfCareAssessment
from pathways.queries.enrollments import enrollment as visible_enrollment
from pathways.queries.levels import newer, running_enrollment, suggestion_of
from pathways.rules.levels import (
    NEUTRAL,
    Level,
    Need,
    Needs,
    PlacementReason,
    Suggestion,
    decision_problem,
    needs_second_signature,
)
from pathways.rules.moves import RUNNING
from patients.actions.locks import lock_patient
from patients.models import Patient
from patients.queries import patients
from patients.queries.assessments import check_moment
from patients.queries.patients import site_for
from patients.rules.texts import text_problem

NOTE_LIMIT = 400


@action(Permission.LEVEL_DECIDE, "level.rate")
def rate(
    *,
    by: Actor,
    now: datetime,
    patient_id: UUID,
    ratings: Mapping[Need, int | None],
    sud_diagnosis: bool,
    effective_at: datetime | None = None,
    enrollment_id: UUID | None = None,
) -> LevelOfCareAssessment:
    """Record six need ratings (0 to 4, None: not rated) with the suggestion of the rules, its rule and its inputs.

    Ratings are never changed: needs are rated anew. The enrollment is the one named, else the only one under way.
    Raises Refused: 404, 422 for a rating out of range, no rating at all, a moment to come or before birth.
    """
    patient = lock_patient(patients.get(by, patient_id), by)
    at = effective_at or now
    check_moment(patient, at, now)
    needs = _needs(ratings)
    enrollment = _enrollment_of(by, patient, enrollment_id)
    row = LevelOfCareAssessment.objects.create(
        patient=patient,
        site=enrollment.site if enrollment else site_for(by, patient),
        enrollment=enrollment,
        sud_diagnosis=sud_diagnosis,
        effective_at=at,
        recorded_at=now,
        recorded_by=by,
        **{need.value: getattr(needs, need.value) for need in Need},
        **_kept(NEUTRAL.decide(needs, sud_diagnosis)),
    )
    _audit("level.rate", row, by, now, {"rule": row.suggested_rule, "level": row.suggested_level})
    return row


@action(Permission.LEVEL_DECIDE, "level.decide")
def decide(
    *,
    by: Actor,
    now: datetime,
    assessment_id: UUID,
    level: Level,
    reason: PlacementReason = PlacementReason.NONE,
    note: str = "",
) -> LevelOfCareAssessment:
    """Decide the level of care, once. A level that is not the one suggested takes a reason, some reasons a note.

    A lower level than rules I1 to I3 suggest waits for a second signature (`cosign`); any other takes effect at once:
    a stay at the level begins where the person is in a program.
    Raises Refused: 404, 409 `level_decided` or `level_rated_anew`, 422 with the reason or the note.
    """
    row = _locked(by, assessment_id)
    if row.decided_at is not None:
        raise Refused("level_decided", sentence("level.refused.decided", level=Level(row.decided_level)))
    _must_be_newest(row)
    suggestion = suggestion_of(row)
    _check_reason(suggestion, level, reason, note)
    row.decided_level, row.decided_at, row.decided_by = level, now, by
    row.reason = "" if reason is PlacementReason.NONE else reason
    row.reason_note = note.strip()
    row.needs_second_signature = needs_second_signature(suggestion, level)
    row.save()
    if not row.needs_second_signature:
        _take_effect(row, by, now)
    details = {"level": level.value, "reason": row.reason, "waits": row.needs_second_signature}
    _audit("level.decide", row, by, now, details)
    return row


@action(Permission.LEVEL_COSIGN, "level.cosign")
def cosign(*, by: Actor, now: datetime, assessment_id: UUID) -> LevelOfCareAssessment:
    """The second signature of another person: the decision takes effect. Who does not agree rates the needs anew.

    Raises Refused: 404, 403 `level_own_signature`, 409 where none is owed (any more).
    """
    row = _locked(by, assessment_id)
    if not row.needs_second_signature or row.cosigned_at is not None:
        raise Refused("level_no_signature_owed", sentence("level.refused.no_signature_owed"))
    if row.decided_by == by:
        raise Refused("level_own_signature", sentence("level.refused.own_signature"), status=403)
    _must_be_newest(row)
    row.cosigned_at, row.cosigned_by = now, by
    row.save(update_fields=["cosigned_at", "cosigned_by"])
    _take_effect(row, by, now)
    _audit("level.cosign", row, by, now, {"level": row.decided_level})
    return row


def _needs(ratings: Mapping[Need, int | None]) -> Needs:
    wrong = {
        need.value: sentence("level.refused.rating")
        for need, rating in ratings.items()
        if rating is not None and (isinstance(rating, bool) or rating not in range(5))
    }
    if wrong:
        raise bad_input(**wrong)
    if all(ratings.get(need) is None for need in Need):
        raise bad_input(**{Need.WITHDRAWAL.value: sentence("level.refused.nothing_rated")})
    return Needs(**{need.value: ratings.get(need) for need in Need})


def _kept(suggestion: Suggestion) -> dict[str, object]:
    """The suggestion as its columns: what was seen stays what was seen."""
    return {
        "ruleset": suggestion.ruleset,
        "suggested_level": suggestion.level or "",
        "suggested_rule": suggestion.rule_id,
        "flags": [flag.value for flag in suggestion.flags],
        "suggestion": {
            "edition": suggestion.edition,
            "intensity": suggestion.intensity.value if suggestion.intensity else None,
            "medical": suggestion.medical,
            "inputs": [{"need": each.need.value, "rating": each.rating} for each in suggestion.inputs],
        },
    }


def _enrollment_of(by: Actor, patient: Patient, enrollment_id: UUID | None) -> Enrollment | None:
    if enrollment_id is None:
        return running_enrollment(patient)
    found = visible_enrollment(by, enrollment_id)
    if found.patient_id != patient.pk:
        raise bad_input(enrollment=sentence("level.refused.enrollment"))
    return found


def _locked(by: Actor, assessment_id: UUID) -> LevelOfCareAssessment:
    """The person first, then the assessment, as both are now."""
    seen = LevelOfCareAssessment.objects.filter(public_id=assessment_id, patient__in=Patient.objects.visible_to(by))
    found = seen.select_related("patient").first()
    if found is None:
        raise not_found()
    lock_patient(found.patient, by)
    rows = LevelOfCareAssessment.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("patient", "site", "enrollment", "decided_by").get(pk=found.pk)


def _must_be_newest(row: LevelOfCareAssessment) -> None:
    if newer(row):
        raise Refused("level_rated_anew", sentence("level.refused.rated_anew"))


def _check_reason(suggestion: Suggestion, level: Level, reason: PlacementReason, note: str) -> None:
    problem = decision_problem(suggestion.level, level, reason, note)
    if problem is not None:
        field = "note" if problem.code == "level.decision.note_owed" else "reason"
        raise bad_input(**{field: problem})
    too_long = text_problem(note, limit=NOTE_LIMIT, lines=True)
    if too_long is not None:
        raise bad_input(note=too_long)


def _take_effect(row: LevelOfCareAssessment, by: Actor, now: datetime) -> None:
    """A stay at the decided level begins in the enrollment it was rated for, or the only one under way by now."""
    enrollment = row.enrollment or running_enrollment(row.patient)
    if enrollment is None:
        return
    locked = Enrollment.objects.select_for_update(no_key=True, of=("self",)).get(pk=enrollment.pk)
    if row.enrollment_id is None:
        row.enrollment = locked
        row.save(update_fields=["enrollment"])
    if locked.status in RUNNING:
        locked.patient = row.patient
        follow_decision(by=by, now=now, enrollment=locked, rated=row)


def _audit(verb: str, row: LevelOfCareAssessment, by: Actor, now: datetime, details: Mapping[str, object]) -> None:
    subject = ("level_assessment", row.public_id)
    audit.record(action=verb, by=by, now=now, subject=subject, patients=[row.patient.public_id], details=details)
