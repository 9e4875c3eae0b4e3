"""Rooms and sessions, made by the product's own verbs."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from clinic.actions import rooms
from clinic.models import Actor, Room, Site
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.actions.sessions import Came, Person, What
from pathways.models import Attendance, Enrollment, Session
from pathways.rules.sessions import SessionKind
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOMORROW = NOW + DAY
AFTER = TOMORROW + 2 * HOUR
_number = count(1)


def room(site: Site, name: str = "", seats: int = 12) -> Room:
    """A room of the site."""
    by = clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])
    return rooms.open_room(by=by, now=NOW, site=site, name=name or f"Willow {next(_number)}", seats=seats)


def individual(
    patient: Patient,
    *,
    by: Actor,
    leader: Actor | None = None,
    at: datetime = TOMORROW,
    now: datetime = NOW,
    **given: Any,
) -> Session:
    """Fifty minutes of counseling for one person, led by whoever books it unless told otherwise."""
    what = What(**({"modality": "individual-counseling"} | given.pop("what", {})))
    site = given.pop("site", None) or patient.site_stays.get(until__isnull=True).site
    return sessions.book(
        by=by, now=now, site_id=site.public_id, what=what, starts_at=at, leader_id=(leader or by).public_id,
        people=[Person(patient.public_id)], **given,
    )  # fmt: skip


def group(
    site: Site, *people: Patient, by: Actor, leader: Actor | None = None, at: datetime = TOMORROW, now: datetime = NOW,
    **given: Any,
) -> Session:  # fmt: skip
    """Ninety minutes of group therapy with these people."""
    what = What(**({"modality": "group-therapy", "kind": SessionKind.GROUP} | given.pop("what", {})))
    return sessions.book(
        by=by, now=now, site_id=site.public_id, what=what, starts_at=at, leader_id=(leader or by).public_id,
        people=[Person(each.public_id) for each in people], **given,
    )  # fmt: skip


def enrolled_people(site: Site, by: Actor, number: int, *, now: datetime = NOW) -> list[Enrollment]:
    """Several people under way."""
    return [pathways.enrolled(site=site, by=by, now=now) for _ in range(number)]


def place_of(session: Session, patient: Patient) -> Attendance:
    """Somebody's newest place in a session, read again."""
    return Attendance.objects.filter(session=session, patient=patient).latest("pk")


def people(site: Site, by: Actor, number: int) -> list[Patient]:
    """Several people of a site, none of them under way."""
    return [patients.patient(site, by=by) for _ in range(number)]


def came(session: Session, *minutes: int) -> list[Came]:
    """The first people of a session, in the order they were booked, were there so long."""
    places = Attendance.objects.filter(session=session).order_by("pk")
    return [Came(place.public_id, each) for place, each in zip(places, minutes, strict=False)]
