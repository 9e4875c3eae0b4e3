"""How somebody wants to be written to, as they say by their own link."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions import contacts
from pathways.actions.links.bearers import held, use_up
from pathways.models import PatientLink
from pathways.rules.links import LinkPurpose
from patients.actions import consents, patients
from patients.actions import contacts as addresses
from patients.actions.contacts import NewContactPoint
from patients.models import ContactPoint, ContactPreference
from patients.queries.contacts import written_to

ASKED = "person_asked"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What they want. `opens`, `closes`: not before, not after, wall time where they are; None: as the clinic does."""

    channel: str = ""
    language: str = "en"
    reminders: bool = True
    opens: time | None = None
    closes: time | None = None


@action(None, "link.write_wishes")
def write_wishes(*, by: Actor, now: datetime, link_id: UUID, wishes: Wishes) -> ContactPreference:
    """What they want counts from the next message on; messages still to come move to the hours and the channel.

    Raises Refused: 403, 410, 422 by field.
    """
    row = held(by, link_id, LinkPurpose.PREFERENCES, now)
    addresses.check_hours(row.patient, wishes.opens, wishes.closes)
    for point in written_to(row.patient):
        if (point.opens, point.closes) != (wishes.opens, wishes.closes):
            _hours(point, wishes, by, now)
    patients.speak(patient=row.patient, language=wishes.language, by=by, now=now)
    kept = ContactPreference.objects.filter(patient=row.patient).first()
    made = contacts.prefer(
        patient=row.patient,
        expected_version=kept.version if kept else None,
        preferred_channel=wishes.channel,
        reminders_wanted=wishes.reminders,
        note=kept.note if kept else "",
        by=by,
        now=now,
    )
    use_up(row, by, now, "write_wishes")
    return made


@action(None, "link.stop_messages")
def stop_messages(*, by: Actor, now: datetime, link_id: UUID) -> PatientLink:
    """No automatic message any more, on any address; their consent to being written to is withdrawn, with the link as
    its evidence. Raises Refused: 403, 410."""
    row = held(by, link_id, LinkPurpose.PREFERENCES, now)
    addresses.suppress(patient=row.patient, reason=ASKED, by=by, now=now)
    for point in written_to(row.patient):
        consents.record(
            contact_point=point, given=False, method="link", evidence=f"Link {row.public_id}", by=by, now=now
        )
    use_up(row, by, now, "stop_messages")
    return row


def _hours(point: ContactPoint, wishes: Wishes, by: Actor, now: datetime) -> None:
    contacts.change(
        contact_point=point,
        expected_version=point.version,
        point=NewContactPoint(
            channel=point.channel,
            address=point.address,
            ok_to_leave_message=point.ok_to_leave_message,
            shared=point.shared,
            opens=wishes.opens,
            closes=wishes.closes,
        ),
        by=by,
        now=now,
    )
