"""Links made for messages that carry one: drafted for a window, and kept where the message goes."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from clinic.models import Actor, Site
from pathways.models import Attendance, FollowUp, PatientLink, Reminder
from pathways.queries.links import address, kind_of_link
from pathways.rules.links import LinkPurpose, expires, new_handle
from pathways.rules.templates import spoken
from patients.models import Patient


@dataclass(frozen=True, slots=True)
class Drafted:
    """A link that is kept if its message goes, and the address the message carries."""

    link: PatientLink
    address: str


def drafted(reminders: Collection[Reminder], *, by: Actor, now: datetime) -> dict[int, Drafted]:
    """A link for each message that can have one, by the message's id; nothing is written yet (`keep`). No query: what
    a message is about must be loaded (`queries.subjects`)."""
    kinds = {each: kind_of_link(each, now) for each in reminders}
    made = {each.pk: _of_message(each, kind, by, now) for each, kind in kinds.items() if kind is not None}
    return {pk: Drafted(row, address(row)) for pk, row in made.items()}


def keep(used: Collection[Drafted]) -> None:
    """Write down the links of messages that go, in one statement. Inside an action only."""
    if used:
        PatientLink.objects.bulk_create([each.link for each in used])


@dataclass(frozen=True, slots=True)
class To:
    """Whom a link is for, from where, and in which language its pages begin."""

    patient: Patient
    site: Site
    language: str


@dataclass(frozen=True, slots=True)
class About:
    """The one thing a link is for."""

    purpose: LinkPurpose
    attendance: Attendance | None = None
    follow_up: FollowUp | None = None
    instrument: str = ""


def new_link(to: To, about: About, by: Actor, now: datetime) -> PatientLink:
    """The row, not saved."""
    return PatientLink(
        handle=new_handle(secrets.choice),
        purpose=about.purpose,
        patient=to.patient,
        site=to.site,
        attendance=about.attendance,
        follow_up=about.follow_up,
        instrument=about.instrument,
        language=spoken(to.language),
        made_at=now,
        made_by=by,
        expires_at=expires(now=now, begins_at=about.attendance.starts_at if about.attendance else None),
    )


def _of_message(reminder: Reminder, kind: LinkPurpose, by: Actor, now: datetime) -> PatientLink:
    form = reminder.follow_up.instrument if reminder.follow_up else ""
    about = About(kind, reminder.attendance, reminder.follow_up, form)
    return new_link(To(reminder.patient, reminder.site, reminder.language), about, by, now)
