"""Undoing the newest move: another transition, which restores only what the move cancelled by itself."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.deaths import records_of, withdraw_from
from pathways.actions.enrollments.gating import Asked
from pathways.actions.enrollments.holds import hold_again, hold_of, review_stands
from pathways.actions.enrollments.locking import locked_other, locked_with_person
from pathways.actions.enrollments.records import Made, refused, write_transition
from pathways.actions.enrollments.stays import undo_entry
from pathways.actions.enrollments.transfers import take_contacts_along
from pathways.actions.enrollments.waits import reopen_wait
from pathways.actions.follow_ups.planning import restore_cancelled, supersede
from pathways.actions.sessions.exits import restore_places
from pathways.models import Attendance, Enrollment, LevelStay, PhaseStay, Transition
from pathways.queries.deaths import ends_made_with, ends_with_death
from pathways.queries.obstacles import obstacles
from pathways.rules.moves import ENDED, OPENINGS, WAITING, EnrollmentStatus, MoveKind
from pathways.rules.phases import MoveNotAllowed, PastMove, reversible
from pathways.rules.sessions import CANCELLATIONS
from patients.actions.patients import leave_site


@action(Permission.ENROLLMENT_MOVE, "enrollment.reverse")
def reverse(
    *, by: Actor, now: datetime, enrollment_id: UUID, note: str, expected_version: int | None = None
) -> Transition:
    """Undo the newest move that stands. History keeps both; stays and contacts are as they were before it.

    With the end by a death the death is taken back, in every record of the person that the actor sees, and with it the
    other ends it had made there: all or none. Returns the reversal of this enrollment's move.

    Raises Refused: nothing to undo, an admission (discharge instead), no note, somebody who died (but for the death
    itself), `built_upon` (409) with what stands in the way: another enrollment opened since, a contact the move planned
    that was made.
    """
    row = locked_with_person(by, enrollment_id, expected_version, every_record=True)
    if not note.strip():
        raise bad_input(note=sentence("refused.required"))
    undone = _newest(row)
    if row.patient.died_on is None:
        _check_nothing_built_on(undone)
        return _reversed(row, undone, note, by, now)
    if not ends_with_death([row.patient]).contains(undone):
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    others = _undone_with(undone, by)
    _check_nothing_built_on(undone, [end for _, end in others])
    withdraw_from(records_of(row.patient, by), by, now)
    reversal, *_ = [_reversed(each, end, note, by, now) for each, end in [(row, undone), *others]]
    return reversal


def _reversed(row: Enrollment, undone: Transition, note: str, by: Actor, now: datetime) -> Transition:
    """Write the reversal of one move, and bring back what the move had changed by itself."""
    made = Made(
        MoveKind.REVERSE,
        EnrollmentStatus(undone.from_status),
        row.current_phase,
        undone.from_phase,
        now,
        note=note,
    )
    reversal = write_transition(
        enrollment=row, made=made, asked=Asked(None, None), by=by, now=now, from_status=row.status, reverses=undone
    )
    _restore(row, undone)
    if undone.to_site is not None:
        _back_from(undone.to_site, row, undone, by, now)
    if undone.from_status in WAITING:
        reopen_wait(by=by, now=now, enrollment=row, undone=undone)
    supersede(by=by, now=now, enrollment=row, reversed_move=undone, reversal=reversal)
    if undone.kind == MoveKind.RESUME:
        hold_again(by=by, now=now, enrollment=row, resumed=undone)
    else:
        restore_cancelled(by=by, now=now, transition=undone)
        restore_places(by=by, now=now, transition=undone)
    held = hold_of(row) if row.status == EnrollmentStatus.ON_HOLD else None
    if held is not None:
        review_stands(row, held)
    return reversal


def _undone_with(undone: Transition, by: Actor) -> list[tuple[Enrollment, Transition]]:
    """The person's other enrollments whose newest move is an end by the same death, under their locks."""
    ends = ends_made_with(by, undone)
    rows = [locked_other(each.enrollment_id) for each in ends]
    return [(row, newest) for row in rows if (newest := _newest(row)) in ends]


def _check_nothing_built_on(undone: Transition, ends: Collection[Transition] = ()) -> None:
    """Only what nothing has been built on is undone; otherwise each thing that stands in the way is told."""
    found = obstacles(undone, ends)
    if found:
        details = {"obstacles": [{"detail": each} for each in found]}
        raise Refused("built_upon", sentence("enrollment.refused.built_upon", things=list(found)), details=details)


def _newest(row: Enrollment) -> Transition:
    history = list(row.transitions.select_related("from_phase", "to_phase").order_by("recorded_at", "pk"))
    undone = {each.reverses_id for each in history if each.reverses_id}
    try:
        past = reversible([_past(each, each.pk in undone) for each in history])
    except MoveNotAllowed as not_allowed:
        raise refused(not_allowed) from not_allowed
    found = next(each for each in history if each.public_id == past.public_id)
    if found.kind in OPENINGS:
        raise refused(MoveNotAllowed(sentence("enrollment.refused.reverse_admission")))
    return found


def _past(row: Transition, is_reversed: bool) -> PastMove:
    return PastMove(
        public_id=row.public_id,
        kind=MoveKind(row.kind),
        from_status=EnrollmentStatus(row.from_status),
        to_status=EnrollmentStatus(row.to_status),
        from_phase=row.from_phase.key if row.from_phase else None,
        to_phase=row.to_phase.key if row.to_phase else None,
        effective_at=row.effective_at,
        reversed=is_reversed,
    )


def _restore(row: Enrollment, undone: Transition) -> None:
    """Status, phase and stays as they were before the move."""
    row.status = undone.from_status
    row.current_phase = undone.from_phase
    if undone.kind in (MoveKind.ADVANCE, MoveKind.STEP_BACK):
        undo_entry(row, undone)
    if undone.from_site is not None:
        row.site = undone.from_site
        if row.counselor is not None and not row.counselor.sites.filter(pk=row.site.pk).exists():
            row.counselor = None
    if undone.to_status in ENDED:
        row.ended_at = row.ended_by = None
        _reopen_stays(row, undone)
    if undone.kind == MoveKind.HOLD:
        row.review_on = None
    row.version += 1
    row.save()


def _back_from(site: Site, row: Enrollment, undone: Transition, by: Actor, now: datetime) -> None:
    """Contacts come back too; a site that saw the person for this transfer alone sees them no longer."""
    take_contacts_along(row, by, now)
    places = Attendance.objects.filter(patient=row.patient_id, session__site=site).exclude(status__in=CANCELLATIONS)
    elsewhere = Enrollment.objects.open().filter(patient=row.patient_id, site=site).exclude(pk=row.pk)
    if not (places.exists() or elsewhere.exists()):
        leave_site(patient=row.patient, site=site, since=undone.recorded_at, by=by, now=now)


def _reopen_stays(row: Enrollment, undone: Transition) -> None:
    for stays in (PhaseStay.objects, LevelStay.objects):
        newest = stays.filter(enrollment=row, ended_at=undone.effective_at).order_by("-started_at", "-pk").first()
        if newest is not None:
            stays.filter(pk=newest.pk).update(ended_at=None)
