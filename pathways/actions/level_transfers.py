"""Changing the level of care: a dated record of its own, and the stays that follow from it."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.capacity import must_be_free
from pathways.actions.enrollments.locking import locked
from pathways.actions.enrollments.stays import enter_level
from pathways.models import Enrollment, LevelOfCareAssessment, LevelStay, LevelTransfer
from pathways.queries.capacity import places_at
from pathways.queries.levels import in_force
from pathways.rules.capacity import NO_LEVEL, LevelFacts, LevelReason, PlaceKind, level_problems
from pathways.rules.levels import Level
from pathways.rules.moves import RUNNING
from patients.rules.texts import text_problem

NOTE_LIMIT = 300


@action(Permission.ENROLLMENT_MOVE, "level.transfer")
def transfer_level(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    to_level: Level,
    reason: LevelReason,
    effective_at: datetime | None = None,
    note: str = "",
    assessment_id: UUID | None = None,
    despite_full: str = "",
    expected_version: int | None = None,
) -> LevelTransfer:
    """Change the level of care of an enrollment under way; the phase stays. The stay before ends, another begins.

    A level that is not the one the needs indicate takes a note. A place or bed of the new level must be free where they
    are counted, unless `despite_full` says why (by who sets the places). Raises Refused: 404, 412, 409
    `enrollment_not_running` or `place_none_free`, 422 with `to_level`, `reason`, `note`, `effective_at`, `assessment`.
    """
    row = locked(by, enrollment_id, expected_version)
    if row.status not in RUNNING:
        raise Refused("enrollment_not_running", sentence("level_transfer.refused.not_running"))
    at, present = effective_at or now, _present(row)
    rated = _assessment(row, assessment_id)
    facts = LevelFacts(
        level=present.level if present else NO_LEVEL,
        began_at=_not_before(row, present),
        indicated=_indicated(rated, to_level),
    )
    problems = level_problems(facts, to_level=to_level, reason=reason, note=note, effective_at=at, now=now)
    too_long = text_problem(note, limit=NOTE_LIMIT, lines=True)
    if too_long is not None:
        problems["note"] = too_long
    if problems:
        raise bad_input(**problems)
    _check_places(row, to_level, despite_full, by, now)
    return _changed(row, facts.level, to_level, reason, at, note, rated, by, now)


@action(None, "level.follow_decision")
def follow_decision(*, by: Actor, now: datetime, enrollment: Enrollment, rated: LevelOfCareAssessment) -> None:
    """A decision takes effect in a locked enrollment: a first level begins, another one is a transfer on record."""
    present, level = _present(enrollment), Level(rated.decided_level)
    if present is None:
        enter_level(enrollment, level, now)
    elif present.level != level:
        _changed(enrollment, present.level, level, LevelReason.RATED_ANEW, now, "", rated, by, now)


def _changed(
    row: Enrollment,
    from_level: str,
    to_level: Level,
    reason: LevelReason,
    at: datetime,
    note: str,
    rated: LevelOfCareAssessment | None,
    by: Actor,
    now: datetime,
) -> LevelTransfer:
    """The stay before ends, another begins, and the change has a record of its own."""
    enter_level(row, to_level, at)
    stay = LevelStay.objects.get(enrollment=row, ended_at__isnull=True)
    made = LevelTransfer.objects.create(
        enrollment=row,
        from_level=from_level,
        to_level=to_level,
        reason=reason,
        note=note.strip(),
        assessment=rated,
        opened_stay=stay.public_id,
        effective_at=at,
        recorded_at=now,
        recorded_by=by,
    )
    audit.record(
        action="level.transfer",
        by=by,
        now=now,
        subject=("level_transfer", made.public_id),
        patients=[row.patient.public_id],
        details={"enrollment": str(row.public_id), "from": from_level, "to": to_level.value, "reason": reason.value},
    )
    return made


def _present(row: Enrollment) -> LevelStay | None:
    return LevelStay.objects.filter(enrollment=row, ended_at__isnull=True).first()


def _not_before(row: Enrollment, present: LevelStay | None) -> datetime:
    """What a change may not contradict: the stay that goes on, the newest that ended, or the admission."""
    if present is not None:
        return present.started_at
    ended = LevelStay.objects.filter(enrollment=row).order_by("-ended_at").first()
    began = row.admitted_at or row.opened_at
    return max(began, ended.ended_at) if ended is not None and ended.ended_at is not None else began


def _assessment(row: Enrollment, assessment_id: UUID | None) -> LevelOfCareAssessment | None:
    """The ratings it rests on: those named, else the decision in force."""
    if assessment_id is None:
        return in_force(row.patient)
    found = LevelOfCareAssessment.objects.filter(patient=row.patient_id, public_id=assessment_id).first()
    if found is None:
        raise bad_input(assessment=sentence("level_transfer.refused.assessment"))
    return found


def _indicated(rated: LevelOfCareAssessment | None, to_level: Level) -> str:
    """The level the needs call for: the decided one, where it is the one meant (its reason was given then)."""
    if rated is None:
        return NO_LEVEL
    return rated.decided_level if rated.decided_level == to_level else rated.suggested_level


def _check_places(row: Enrollment, to_level: Level, despite_full: str, by: Actor, now: datetime) -> None:
    """Places and beds of the new level, each where it is counted."""
    problem = text_problem(despite_full, limit=NOTE_LIMIT, lines=True)
    if problem is not None:
        raise bad_input(despite_full=problem)
    for kind in PlaceKind:
        must_be_free(places_at(row.site, row.program, to_level, kind, now=now, lock=True), despite_full, by)
