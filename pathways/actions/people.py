"""Who somebody is, put right, and what follows for the contacts and messages still to come: the verbs every door uses.

The patients app keeps the record and does not know of pathways.
"""

from collections.abc import Collection
from datetime import datetime

from clinic.actions import audit
from clinic.actions.rows import save_columns
from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.opening_hours import to_utc
from clinic.rules.roles import Permission
from pathways.actions.contacts import plan_for_addresses
from pathways.actions.follow_ups.steps import begin
from pathways.actions.reminders.appointments import plan_places_of_person
from pathways.actions.reminders.plan import TOGETHER, replan
from pathways.models import FollowUp
from pathways.queries.follow_ups import untouched
from patients.actions import patients
from patients.actions.details import Details
from patients.actions.locks import lock_patient
from patients.models import Patient

MOVES = ["due_at", "time_zone", "rung", "rung_since", "act_at", "climbs_at", "owner", "owner_role", "version"]


@action(Permission.PATIENT_CORRECT, "person.correct")
def correct(*, patient: Patient, expected_version: int, details: Details, by: Actor, now: datetime) -> Patient:
    """The record of who somebody is, as it should be. Where they live in another time zone now, what is still to come
    is due by the clock there; where they speak another language, it is written in that. Refused: 404, 412, 422."""
    before = lock_patient(patient, by)
    corrected = patients.correct(patient=patient, expected_version=expected_version, details=details, by=by, now=now)
    if corrected.time_zone != before.time_zone:
        plan_for_zone(by=by, now=now, patient=corrected)
    if corrected.language != before.language:
        plan_for_addresses(by=by, now=now, patient=corrected)
    return corrected


@action(None, "person.plan_for_zone")
def plan_for_zone(*, by: Actor, now: datetime, patient: Patient) -> int:
    """Keep the wall time of a person's contacts, and the contact hours of their messages, in the zone they live in now;
    the person is locked.

    What is due already, or would be over by the clock there, stays as it was with its message: nothing is lost, and the
    hours where they live now are asked when it goes. Doing it twice changes nothing. Returns how many messages changed.
    """
    rows = FollowUp.objects.open().filter(patient=patient).order_by("pk").select_related(*TOGETHER)
    moved = _by_the_clock_there(list(rows.select_for_update(no_key=True, of=("self",))), now)
    changed = replan(by=by, now=now, follow_ups=moved) + plan_places_of_person(by=by, now=now, patient=patient)
    if moved or changed:
        audit.record(
            action="person.plan_for_zone", by=by, now=now, subject=("patient", patient.public_id),
            patients=[patient.public_id], details={"messages": changed, "follow_ups": len(moved)},
        )  # fmt: skip
    return changed


def _by_the_clock_there(rows: Collection[FollowUp], now: datetime) -> list[FollowUp]:
    """Contacts still to come, due at their own wall time in the zone of now; set and saved. Those whose first step is
    still to come begin it then, those nobody has worked on anew."""
    fresh = {row.pk for row in untouched(rows)}
    moved = []
    for row in rows:
        due_at = to_utc(datetime.combine(row.due_on, row.due_time), row.patient.time_zone)
        if row.time_zone == row.patient.time_zone or min(row.due_at, due_at) <= now:
            continue
        row.rung_since = due_at if row.rung_since == row.due_at else row.rung_since
        row.due_at, row.time_zone, row.version = due_at, row.patient.time_zone, row.version + 1
        moved.append(row)
    begin([row for row in moved if row.pk in fresh])
    save_columns(moved, MOVES)
    return moved
