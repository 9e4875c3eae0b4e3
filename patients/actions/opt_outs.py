"""What somebody says about being written to by writing back: stop, start again, or that the address is not theirs."""

from collections.abc import Collection
from datetime import datetime

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.roles import Permission
from patients.actions.contacts import suppress
from patients.actions.locks import lock_points_at
from patients.models import ContactPoint, Patient, Suppression
from patients.queries.records import same_people
from patients.rules.contact import STOP_REPLY


@action(Permission.CONTACT_WRITE, "contact.close_address")
def close_address(
    *, channel: str, address: str, reason: str, by: Actor, now: datetime, evidence: str = ""
) -> Suppression:
    """No automatic message goes to this address, whoever has it or will have it. Doing it twice for the same
    reason changes nothing."""
    lock_points_at(channel, address)
    row, made = Suppression.objects.get_or_create(
        channel=channel, address=address, patient=None, lifted_at=None, reason=reason,
        defaults={"evidence": evidence[:300], "since": now, "added_by": by},
    )  # fmt: skip
    if made:
        details = {"reason": reason, "channel": channel}
        audit.record(
            action="contact.close_address", by=by, now=now, subject=("suppression", row.public_id), details=details
        )
    return row


@action(Permission.CONTACT_WRITE, "contact.opt_out")
def opt_out(
    *, patients: Collection[Patient], channel: str, address: str, by: Actor, now: datetime, evidence: str = ""
) -> None:
    """They wrote STOP: the address is closed, and the channel for everybody who has it. They are locked by the caller.

    Doing it twice changes nothing.
    """
    close_address(channel=channel, address=address, reason=STOP_REPLY, evidence=evidence, by=by, now=now)
    for each in patients:
        suppress(patient=each, reason=STOP_REPLY, channel=channel, by=by, now=now)


@action(Permission.CONTACT_WRITE, "contact.opt_in")
def opt_in(*, patient: Patient, channel: str, address: str, by: Actor, now: datetime) -> list[Suppression]:
    """They wrote START: what their STOP had closed is open again, and nothing else. Returns what was lifted."""
    rows = Suppression.objects.filter(lifted_at__isnull=True, reason=STOP_REPLY, channel=channel).order_by("pk")
    held = rows.select_for_update(no_key=True, of=("self",))
    records = same_people([patient.pk]).records
    people = held.filter(patient__in=records, address="").select_related("patient")
    lifted = [*held.filter(patient=None, address=address), *people]
    for row in lifted:
        row.lifted_at, row.lifted_by = now, by
        row.save(update_fields=["lifted_at", "lifted_by"])
    if lifted:
        details = {"lifted": len(lifted), "channel": channel}
        audit.record(
            action="contact.opt_in", by=by, now=now, subject=("patient", patient.public_id),
            patients=[each.public_id for each in {patient, *(row.patient for row in lifted if row.patient)}],
            details=details,
        )  # fmt: skip
    return lifted


@action(Permission.CONTACT_WRITE, "contact.doubt")
def doubt(*, contact_point: ContactPoint, by: Actor, now: datetime) -> ContactPoint:
    """The address may be somebody else's: it counts as unconfirmed until the person has confirmed it anew."""
    row = ContactPoint.objects.select_for_update(no_key=True, of=("self",)).get(pk=contact_point.pk)
    if row.verified_at is None:
        return row
    row.verified_at, row.verified_by = None, None
    row.version += 1
    row.save(update_fields=["verified_at", "verified_by", "version"])
    audit.record(
        action="contact.doubt", by=by, now=now, subject=("contact_point", row.public_id),
        patients=[contact_point.patient.public_id], details={"channel": row.channel},
    )  # fmt: skip
    return row
