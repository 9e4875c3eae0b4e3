"""A death in every record of the person: what is open ends with it, and is owed again where it was a mistake."""

from collections.abc import Iterable
from datetime import date, datetime

from clinic.models import Actor
from pathways.actions.enrollments.course import ended, newest_at
from pathways.actions.enrollments.gating import Asked
from pathways.actions.enrollments.records import Made
from pathways.actions.follow_ups.planning import cancel_everything, end_with_death, restore_after_death
from pathways.actions.sessions.exits import cancel_future_places, cancel_places_of_dead
from pathways.models import Enrollment, Transition
from pathways.queries.deaths import under_way
from pathways.queries.enrollments import TOGETHER
from pathways.rules.moves import DischargeReason, EnrollmentStatus, MoveKind
from patients.actions.deaths import record_death, withdraw_death
from patients.models import Patient
from patients.queries.records import visible_records


def records_of(patient: Patient, by: Actor) -> list[Patient]:
    """This record, then the others of the person that the actor sees. The caller holds their rows."""
    return [patient, *visible_records(by, patient.pk).exclude(pk=patient.pk).order_by("pk")]


def end_person(transition: Transition, by: Actor, now: datetime, on: date) -> None:
    """One enrollment has ended with the death: everything else of the person ends too."""
    own, *others = records_of(transition.enrollment.patient, by)
    end_record(own, on, transition.effective_at, by, now, first=transition, note=transition.note)
    for record in others:
        if record.died_on is None:
            end_record(record, on, transition.effective_at, by, now, note=transition.note)


def end_record(
    record: Patient, on: date, over: datetime, by: Actor, now: datetime, *, first: Transition | None = None,
    note: str = "",
) -> None:  # fmt: skip
    """Keep the day in one record. Its open enrollments end, with what each owes; the rest ends with the first end of
    them, or by itself where there is none.

    `over`: from when on nothing is kept · `first`: the end that was made already.
    """
    record_death(by=by, now=now, patient=record, on=on)
    moves = [_left(row, over, note, by, now) for row in _locked(record)]
    for each in moves:
        cancel_everything(by=by, now=now, enrollment=each.enrollment, transition=each, of_person=False)
    whole = first or next(iter(moves), None)
    if whole is None:
        end_with_death(by=by, now=now, patient=record)
        cancel_places_of_dead(by=by, now=now, patient=record, since=over)
    else:
        cancel_everything(by=by, now=now, enrollment=whole.enrollment, transition=whole, of_person=True)
        cancel_future_places(by=by, now=now, enrollment=whole.enrollment, transition=whole, of_person=True)


def withdraw_from(records: Iterable[Patient], by: Actor, now: datetime) -> None:
    """The death was a mistake: each record may be reached again, and what ended with the death alone is owed again."""
    for record in records:
        if record.died_on is not None:
            restore_after_death(by=by, now=now, patient=record)
            withdraw_death(by=by, now=now, patient=record)


def _locked(record: Patient) -> list[Enrollment]:
    rows = under_way([record]).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)).select_related(*TOGETHER))


def _left(row: Enrollment, over: datetime, note: str, by: Actor, now: datetime) -> Transition:
    """The end of an enrollment with the death: not before it began, nor before what happened in it last."""
    known = (over, row.admitted_at or row.opened_at, newest_at(row, ends=True))
    at = max(each for each in known if each is not None)
    reason = DischargeReason.DIED
    made = Made(MoveKind.DISCHARGE, EnrollmentStatus.LEFT, row.current_phase, None, at, reason, "", note)
    return ended(row, made, Asked(None, None), by, now)
