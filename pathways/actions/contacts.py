"""How somebody may be reached, and what follows for the messages still to come: the verbs every door uses.

The patients app keeps the addresses and does not know of pathways. What has no consequence for planned messages
(confirming an address, consent, stopping messages: all asked again when one is sent) has its verb there alone.
"""

from collections.abc import Collection
from datetime import datetime

from clinic.actions import audit
from clinic.actions.rows import save_columns
from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.roles import Permission
from pathways.actions.follow_ups.steps import begin, wait_anew
from pathways.actions.reminders.appointments import plan_places_of_person
from pathways.actions.reminders.plan import STEP_LEFT, TOGETHER, replan
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import FollowUp
from pathways.queries.follow_ups import untouched
from patients.actions import contacts
from patients.actions.contacts import NewContactPoint
from patients.models import ContactPoint, ContactPreference, Patient

SET_BY_A_STEP = ["rung", "rung_since", "act_at", "climbs_at", "owner", "owner_role", "version"]


@action(Permission.CONTACT_WRITE, "contact.add")
def add(*, patient: Patient, point: NewContactPoint, by: Actor, now: datetime) -> ContactPoint:
    """One more way to reach the person. Refused: 404, 409 when known already, 422."""
    made = contacts.add(patient=patient, point=point, by=by, now=now)
    plan_for_addresses(by=by, now=now, patient=made.patient)
    return made


@action(Permission.CONTACT_WRITE, "contact.change")
def change(
    *, contact_point: ContactPoint, expected_version: int, point: NewContactPoint, by: Actor, now: datetime
) -> ContactPoint:
    """How a known address may be used, or another one in its place. Refused: 404, 409, 412, 422."""
    changed = contacts.change(
        contact_point=contact_point, expected_version=expected_version, point=point, by=by, now=now
    )
    plan_for_addresses(by=by, now=now, patient=changed.patient)
    return changed


@action(Permission.CONTACT_WRITE, "contact.retire")
def retire(*, contact_point: ContactPoint, expected_version: int, by: Actor, now: datetime) -> ContactPoint:
    """Not used any more. Refused: 404, 409, 412."""
    retired = contacts.retire(contact_point=contact_point, expected_version=expected_version, by=by, now=now)
    plan_for_addresses(by=by, now=now, patient=retired.patient)
    return retired


@action(Permission.CONTACT_WRITE, "contact.prefer")
def prefer(
    *,
    patient: Patient,
    expected_version: int | None,
    preferred_channel: str,
    reminders_wanted: bool,
    note: str = "",
    grace_hours: int | None = None,
    by: Actor,
    now: datetime,
) -> ContactPreference:
    """What the person said they like; messages go to the preferred channel first, and silence is waited for as long as
    they need (`grace_hours` more than usual; None: as before). Refused: 404, 412, 422."""
    kept = contacts.prefer(
        patient=patient, expected_version=expected_version, preferred_channel=preferred_channel,
        reminders_wanted=reminders_wanted, note=note, grace_hours=grace_hours, by=by, now=now,
    )  # fmt: skip
    plan_for_addresses(by=by, now=now, patient=patient, grace_hours=kept.grace_hours)
    return kept


@action(None, "contact.plan_for_addresses")
def plan_for_addresses(*, by: Actor, now: datetime, patient: Patient, grace_hours: int | None = None) -> int:
    """Bring the open follow-ups and the appointments of a person in line with the addresses now in use; the person is
    locked.

    One that has not begun begins with a message where there is an address now, with a person's task where there is
    none any more; the messages still to come go to the present addresses. `grace_hours`: their present patience, which
    every step under way is given too. Returns how many messages changed.
    """
    rows = list(
        FollowUp.objects.open()
        .filter(patient=patient)
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
        .select_related(*TOGETHER)
    )
    if grace_hours is not None:
        _wait_anew(rows, grace_hours)
    moved = _begin_anew(rows, now)
    withdrawn = retire_reminders(by=by, now=now, follow_up_ids=[row.pk for row in moved], code=STEP_LEFT)
    changed = withdrawn + replan(by=by, now=now, follow_ups=rows)
    changed += plan_places_of_person(by=by, now=now, patient=patient)
    if moved or changed:
        audit.record(
            action="contact.plan_for_addresses",
            by=by,
            now=now,
            subject=("patient", patient.public_id),
            patients=[patient.public_id],
            details={"messages": changed, "follow_ups": len(moved)},
        )
    return changed


def _begin_anew(rows: Collection[FollowUp], now: datetime) -> list[FollowUp]:
    """Those nobody has worked on yet and that begin on another step with the present addresses; set and saved."""
    to_come = [row for row in untouched(rows) if row.due_at > now]
    stood_on = {row.pk: row.rung for row in to_come}
    begin(to_come)
    moved = [row for row in to_come if row.rung != stood_on[row.pk]]
    for row in moved:
        row.version += 1
    save_columns(moved, SET_BY_A_STEP)
    return moved


def _wait_anew(rows: Collection[FollowUp], grace_hours: int) -> None:
    changed = wait_anew(rows, grace_hours)
    for row in changed:
        row.version += 1
    save_columns(changed, ["act_at", "climbs_at", "version"])
