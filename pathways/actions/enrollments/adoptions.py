"""Moving people under way to another version of their program: one by one, knowingly, and nothing else changes."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F

from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.course import saved, written
from pathways.actions.enrollments.gating import Asked
from pathways.actions.enrollments.holds import hold_of
from pathways.actions.enrollments.locking import locked
from pathways.actions.enrollments.records import Made
from pathways.actions.enrollments.stays import enter_phase
from pathways.actions.follow_ups.anchors import phase_anchor
from pathways.actions.follow_ups.changes import write
from pathways.actions.follow_ups.planning import cancel_again, cancel_planned, plan_anchor
from pathways.actions.follow_ups.replanning import changes_of
from pathways.models import Enrollment, FollowUp, Phase, PhaseStay, ProgramVersion, Transition
from pathways.models.program import VersionStatus
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import same_contacts
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.phases import MoveNotAllowed, next_status
from pathways.rules.programs import AnchorKind
from patients.rules.texts import text_problem

NOTE_LIMIT = 400
PhaseMap = Mapping[str, str]


@action(Permission.VERSION_ADOPT, "enrollment.adopt_version")
def adopt_version(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    to_version_id: UUID,
    phase_map: PhaseMap,
    note: str,
    expected_version: int | None = None,
) -> Transition:
    """Put one enrollment on another published version of its program, in the phase the map names.

    No gate is asked and no day of a phase is lost: a stay goes on where the phase keeps its key. Only contacts that are
    still to come are planned anew; what was due stays owed. Raises Refused: 403, 404, 409 the same version or one that
    is not published, 409 an enrollment that has ended, 412, 422 `note` or `phase_map`.
    """
    row = locked(by, enrollment_id, expected_version)
    version = published_version(row.program_id, to_version_id)
    return adopt_locked(row, version, phase_map, checked_note(note), by, now)


def checked_note(note: str) -> str:
    """Why people are moved, in a few words."""
    if not note.strip():
        raise bad_input(note=sentence("refused.required"))
    problem = text_problem(note, limit=NOTE_LIMIT, lines=True)
    if problem is not None:
        raise bad_input(note=problem)
    return note.strip()


def published_version(program_id: int, public_id: UUID) -> ProgramVersion:
    """A version of the program that people may be put on."""
    found = ProgramVersion.objects.filter(program=program_id, public_id=public_id).select_related("program").first()
    if found is None:
        raise not_found()
    if found.status != VersionStatus.PUBLISHED:
        raise Refused("version_not_published", sentence("adoption.refused.not_published", number=found.number))
    return found


def adopt_locked(
    row: Enrollment, version: ProgramVersion, phase_map: PhaseMap, note: str, by: Actor, now: datetime
) -> Transition:
    """Move a locked enrollment."""
    if row.program_version_id == version.pk:
        raise Refused("version_already", sentence("adoption.refused.already", number=version.number))
    status, entered = _status(row), entered_phase(row, version, phase_map)
    before, left = row.program_version, row.current_phase
    made = Made(MoveKind.ADOPT_VERSION, status, left, entered, now, note=note, from_version=before, to_version=version)
    transition = written(row, made, Asked(None, None), by, now)
    row.program_version, row.current_phase = version, entered
    _carry_stay(row, transition, left, entered)
    saved(row, status)
    moved = left is not None and entered is not None and left.key != entered.key
    if moved:
        _leave_contacts(row, transition, by, now)
    if moved or not same_contacts(document_of(before), document_of(version)):
        plan_again(row, by, now, came_from=before)
    return transition


def plan_again(row: Enrollment, by: Actor, now: datetime, came_from: ProgramVersion | None = None) -> None:
    """Plan what is still to come by the rules as they read now for this person; contacts fit their ladders.

    `came_from`: the version it stood on until now.
    """
    old = {row.pk: came_from or row.program_version}
    write(changes_of([row], by, now, came_from=old, lock=True)[row.pk], by, now)


def entered_phase(row: Enrollment, version: ProgramVersion, phase_map: PhaseMap) -> Phase | None:
    """The phase of the new version for somebody in a phase of the old one. Refused where the map names none."""
    left = row.current_phase
    if left is None:
        return None
    wanted = phase_map.get(left.key, "")
    found = Phase.objects.filter(program_version=version, key=wanted).first() if wanted else None
    if found is None:
        raise bad_input(phase_map=sentence("adoption.refused.phase", phase=left.title, number=version.number))
    return found


def _status(row: Enrollment) -> EnrollmentStatus:
    status = EnrollmentStatus(row.status)
    try:
        return next_status(MoveKind.ADOPT_VERSION, status)
    except MoveNotAllowed as not_allowed:
        raise Refused("enrollment_ended", not_allowed.sentence) from not_allowed


def _leave_contacts(row: Enrollment, transition: Transition, by: Actor, now: datetime) -> None:
    """Contacts of the phase left are no longer owed. On hold, those of the phase entered wait for its end instead."""
    held = hold_of(row) if row.status == EnrollmentStatus.ON_HOLD else None
    if held is None:
        cancel_planned(by=by, now=now, enrollment=row, transition=transition)
        return
    paused = FollowUp.objects.filter(enrollment=row, anchor_kind=AnchorKind.PHASE_ENTRY, cancelled_by_transition=held)
    paused.update(cancelled_by_transition=transition, version=F("version") + 1)
    anchor = phase_anchor(row, transition, row.current_phase.key if row.current_phase else None)
    plan_anchor(by=by, now=now, enrollment=row, anchor=anchor)
    cancel_again(by=by, now=now, enrollment=row, held=held)


def _carry_stay(row: Enrollment, transition: Transition, left: Phase | None, entered: Phase | None) -> None:
    """A phase of the same key is the same stay: its days count on. Another phase is entered now."""
    if left is None or entered is None:
        return
    if left.key == entered.key:
        PhaseStay.objects.filter(enrollment=row, ended_at__isnull=True).update(phase=entered)
    else:
        enter_phase(row, transition)
