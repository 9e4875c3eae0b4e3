"""Patients' own links: known again by their address, listed for staff, and what they lead to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import Attendance, FollowUp, PatientLink, Reminder, Session
from pathways.queries.sender_names import links_work
from pathways.queries.subjects import place_stands
from pathways.rules.links import LinkPurpose, LinkState, address_of, handle_of, key_from, state, token
from pathways.rules.sessions import AttendanceStatus
from patients import instruments
from patients.models import Patient

TOGETHER = ("patient", "site", "attendance__session__site", "follow_up", "made_by", "used_by", "revoked_by")
MOST_SHOWN = 20


def keys() -> Sequence[bytes]:
    """The keys links may be signed with: today's first, then those it took the place of."""
    return [key_from(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def address(link: PatientLink) -> str:
    """The whole address of a link. Empty where this installation has no address for links."""
    return address_of(token(link.handle, keys()[0]), settings.PATIENT_LINK_URL) if links_work() else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a token leads to. `signed`: it is one of ours; `link`: the row, open or not."""

    signed: bool
    link: PatientLink | None = None
    open: bool = False


def found(given: str, now: datetime) -> Found:
    """What a token of an address leads to, whatever is written there. No query for one that is not ours."""
    handle = handle_of(given, keys())
    if handle is None:
        return Found(signed=False)
    link = PatientLink.objects.select_related(*TOGETHER).filter(handle=handle).first()
    if link is None:
        return Found(signed=True)
    return Found(True, link, works(link, now))


def state_of(link: PatientLink, now: datetime) -> LinkState:
    """Where a link stands."""
    return state(now=now, expires_at=link.expires_at, used_at=link.used_at, revoked_at=link.revoked_at)


def was_used(link: PatientLink, now: datetime) -> bool:
    """Whether a link is closed because what it is for was done, and for no other reason yet."""
    return link.used_at is not None and link.revoked_at is None and now < link.expires_at


def works(link: PatientLink, now: datetime) -> bool:
    """Whether a link can still be used: it is open, and what it is about still is."""
    person = link.patient
    if state_of(link, now) is not LinkState.OPEN or person.died_on is not None or person.merged_into_id is not None:
        return False
    if link.purpose == LinkPurpose.APPOINTMENT:
        return link.attendance is not None and still_comes(link.attendance, now)
    return link.purpose != LinkPurpose.QUESTIONNAIRE or link.follow_up is None or link.follow_up.outcome == ""


def kind_of_link(reminder: Reminder, now: datetime) -> LinkPurpose | None:
    """What a link in a message would be for; None where it can have none. No query where its subject is loaded."""
    place, follow_up = reminder.attendance, reminder.follow_up
    if not links_work():
        return None
    if place is not None:
        return LinkPurpose.APPOINTMENT if place.starts_at > now else None
    return LinkPurpose.QUESTIONNAIRE if follow_up is not None and fills_in_alone(follow_up.instrument) else None


def fills_in_alone(instrument: str) -> bool:
    """Whether there is such a form, and the person it is about may fill it in themselves."""
    try:
        return bool(instrument) and instruments.definition(instrument).by_patient
    except instruments.UnknownInstrument:
        return False


def still_comes(place: Attendance, now: datetime) -> bool:
    """Whether somebody is still expected there."""
    return place_stands(place) and place.starts_at > now


def links(actor: Actor) -> QuerySet[PatientLink]:
    """Every link of the people the actor may see, with what it is shown by."""
    return PatientLink.objects.visible_to(actor).select_related(*TOGETHER)


def links_of(actor: Actor, patient: Patient) -> QuerySet[PatientLink]:
    """A person's links, the newest first."""
    return links(actor).filter(patient=patient).order_by("-made_at", "-id")


def link(actor: Actor, public_id: UUID) -> PatientLink:
    """One link. Raises Refused not_found."""
    row = links(actor).filter(public_id=public_id).first()
    if row is None:
        raise not_found()
    return row


def places_to_link(actor: Actor, patient: Patient, now: datetime) -> list[Attendance]:
    """The sessions a person is still expected at, at sites of the actor, the soonest first."""
    rows = Attendance.objects.filter(
        patient=patient, status=AttendanceStatus.BOOKED, starts_at__gt=now,
        session__in=Session.objects.visible_to(actor),
    )  # fmt: skip
    found = rows.select_related("session__site").order_by("starts_at", "pk")[:MOST_SHOWN]
    return [each for each in found if still_comes(each, now)]


def forms_due(actor: Actor, patient: Patient) -> list[FollowUp]:
    """The open contacts of a person that ask for a form they may fill in themselves, the earliest due first."""
    rows = FollowUp.objects.open().filter(patient=patient).visible_to(actor).exclude(instrument="")
    return [each for each in rows.order_by("due_at", "pk")[:MOST_SHOWN] if fills_in_alone(each.instrument)]
