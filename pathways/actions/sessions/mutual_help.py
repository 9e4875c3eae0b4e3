"""Meetings somebody went to by themselves: told by them, voluntary, and never with the names of others."""

from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Enrollment, MutualHelpAttendance
from pathways.queries.attendance import mutual_help
from pathways.rules.sessions import HelpKind, HelpSource
from patients.actions.locks import lock_patient
from patients.models import Patient
from patients.queries.patients import get as seen_patient
from patients.rules.texts import plain, text_problem

NOTE_LIMIT = 300
LONGEST_MEETING = 720
LONGEST_AGO = timedelta(days=366)
"""A meeting longer ago than a year is not put down any more (local default)."""


@action(Permission.SESSION_WRITE, "mutual_help.record")
def record_mutual_help(
    *,
    by: Actor,
    now: datetime,
    patient_id: UUID,
    kind: HelpKind,
    attended_on: date,
    minutes: int | None = None,
    source: HelpSource = HelpSource.SELF_REPORT,
    note: str = "",
) -> MutualHelpAttendance:
    """Put down a meeting as the person tells it, under their open enrollment if they have one.

    Raises Refused: 404, 409 `patient_closed`, 422 `attended_on`, `minutes`, `note`.
    """
    patient = lock_patient(seen_patient(by, patient_id), by)
    if patient.died_on is not None or patient.merged_into_id is not None:
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    if wrong := _problems(patient, attended_on, minutes, note, now):
        raise bad_input(**wrong)
    made = MutualHelpAttendance.objects.create(
        patient=patient,
        enrollment=Enrollment.objects.open().filter(patient=patient).order_by("-opened_at", "-pk").first(),
        kind=kind,
        attended_on=attended_on,
        minutes=minutes,
        source=source,
        note=plain(note),
        recorded_at=now,
        recorded_by=by,
    )
    _audit("mutual_help.record", made, by, now)
    return made


@action(Permission.SESSION_WRITE, "mutual_help.retract")
def retract_mutual_help(*, by: Actor, now: datetime, mutual_help_id: UUID) -> MutualHelpAttendance:
    """Take an entry back that was made in error: it stays visible as taken back and counts no more."""
    found = mutual_help(by, mutual_help_id)
    lock_patient(found.patient, by)
    row = MutualHelpAttendance.objects.select_related("patient", "enrollment", "recorded_by").get(pk=found.pk)
    if row.retracted_at is not None:
        raise Refused("mutual_help_retracted", sentence("mutual_help.refused.retracted"))
    row.retracted_at, row.retracted_by = now, by
    row.save(update_fields=["retracted_at", "retracted_by"])
    _audit("mutual_help.retract", row, by, now)
    return row


def _problems(
    patient: Patient, attended_on: date, minutes: int | None, note: str, now: datetime
) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    today = now.astimezone(patient.zone).date()
    if attended_on > today:
        wrong["attended_on"] = sentence("mutual_help.refused.future")
    elif attended_on < today - LONGEST_AGO:
        wrong["attended_on"] = sentence("mutual_help.refused.long_ago")
    if minutes is not None and not 1 <= minutes <= LONGEST_MEETING:
        wrong["minutes"] = sentence("session.refused.minutes", least=1, most=LONGEST_MEETING)
    problem = text_problem(note, limit=NOTE_LIMIT)
    if problem is not None:
        wrong["note"] = problem
    return wrong


def _audit(name: str, row: MutualHelpAttendance, by: Actor, now: datetime) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("mutual_help", row.public_id),
        patients=[row.patient.public_id],
        details={"kind": row.kind},
    )
