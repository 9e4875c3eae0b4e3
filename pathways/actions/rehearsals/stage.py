"""Where a rehearsal plays: a site, its people, the program and the patient, all invented and never kept.

Nothing of it points at a row that is there: a foreign key to a real row would lock it. What must be unique is made of
the public id of whoever rehearses, who has one rehearsal at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from clinic.actions.locks import lock_name_if_free
from clinic.actions.verbs import action
from clinic.errors import BUSY, Refused
from clinic.models import Actor, ActorKind, Site
from clinic.rules.roles import SCOPES, Permission, Role
from clinic.wording import label
from pathways.actions import programs
from pathways.models import ProgramVersion
from patients.actions import patients
from patients.actions.contacts import NewContactPoint
from patients.models import Patient
from patients.rules.contact import Channel

YOUNGEST, BIRTHDAYS = 35_100, 8_000
"""Days of age, 96 to 118 years: registering holds the birth date to the end, so it is one nobody comes in with."""
AREA_CODES = (270, 208, 302, 319, 308, 318, 402, 406, 417, 505, 509, 605, 701, 715, 802, 907)
FICTION = 100
"""Numbers 555-0100 to 555-0199 of every area are kept free for stories."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a rehearsal takes over from a site: its clock, its hours, what messages call it."""

    name: str
    columns: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Stage:
    """Who and what a rehearsal is played with. `job` does what nobody asks for, `client` hands in forms."""

    site: Site
    staff: Mapping[Role, Actor]
    job: Actor
    client: Actor
    version: ProgramVersion
    patient: Patient

    @property
    def program_key(self) -> str:
        return self.version.program.key

    def who(self, permission: Permission, *wanted: Role) -> Actor:
        """The first of these who may do it, else anybody who may, the supervisor first."""
        asked = [self.staff[role] for role in wanted if role in self.staff]
        may = [each for each in (*asked, self.staff[Role.SUPERVISOR], *self.staff.values()) if each.may(permission)]
        return may[0]


def place_of(site: Site) -> Place:
    """What is taken over from a real site: values, no row."""
    names = ("discreet_name", "time_zone", "region", "contact_opens", "contact_closes", "phone")
    return Place(site.name, {name: getattr(site, name) for name in names})


def take_turn(person: UUID) -> None:
    """One rehearsal at a time for each person: held until it is over. Raises Refused `rehearsal_running`."""
    if not lock_name_if_free(f"rehearsal {person}"):
        raise Refused("rehearsal_running", status=BUSY)


def set_up(*, person: UUID, place: Place, document: Mapping[str, object], language: str, now: datetime) -> Stage:
    """The stage as of `now`, the morning of the first day; `language` is that of the messages.

    Raises Refused `program_problems` for an unsound program.
    """
    manager = Actor(kind=ActorKind.JOB, name=f"rehearsal {person}")
    site = _open_site(by=manager, now=now, person=person, place=place)
    staff = _appoint(by=manager, now=now, site=site)
    version = programs.load(by=manager, now=now, document=_renamed(document, person), publish=True)
    client = staff.pop(Role.API_CLIENT)
    patient = _register(staff[Role.FRONT_DESK], site, person, language, now)
    return Stage(site, staff, manager, client, version, patient)


@action(None, "rehearsal.open_site")
def _open_site(*, by: Actor, now: datetime, person: UUID, place: Place) -> Site:
    """The site of the rehearsal, and the job that runs it."""
    by.save(force_insert=True)
    return Site.objects.create(code=f"r{_number(person, 'site', bits=63):x}", name=place.name, **place.columns)


@action(None, "rehearsal.appoint")
def _appoint(*, by: Actor, now: datetime, site: Site) -> dict[Role, Actor]:
    """Somebody in every role, and a program that hands in what patients fill in themselves."""
    people = [_member(role) for role in Role]
    Actor.objects.bulk_create(people)
    works_at = Actor.sites.through
    works_at.objects.bulk_create(works_at(actor=each, site=site) for each in people)
    return dict(zip(Role, people, strict=True))


def _member(role: Role) -> Actor:
    if role is Role.API_CLIENT:
        return Actor(kind=ActorKind.API_CLIENT, name=label(role), scopes=sorted(SCOPES))
    return Actor(kind=ActorKind.STAFF, name=label(role), roles=[role.value])


def _renamed(document: Mapping[str, object], person: UUID) -> dict[str, object]:
    """The same program under a key nobody else writes at this moment."""
    program = document["program"]
    if not isinstance(program, Mapping):
        raise TypeError("a program document says what the program is")
    return {**document, "program": {**program, "key": f"rehearsal-{_number(person, 'program', bits=63):x}"}}


def _register(by: Actor, site: Site, person: UUID, language: str, now: datetime) -> Patient:
    number = _number(person, "patient", bits=63)
    area, line = AREA_CODES[number % len(AREA_CODES)], 100 + number // len(AREA_CODES) % FICTION
    points = (
        NewContactPoint(Channel.SMS, f"+1{area}5550{line}", confirmed=True, consent=True, ok_to_leave_message=True),
        NewContactPoint(Channel.EMAIL, f"rehearsal.{number:x}@example.org", confirmed=True, consent=True),
    )
    born = now.date() - timedelta(days=YOUNGEST + number % BIRTHDAYS)
    return patients.register(
        by=by, now=now, site=site, given_name="Robin", family_name=f"Rehearsal {number:x}", birth_date=born,
        language=language, contact_points=points, confirm_not_duplicate=True,
    )  # fmt: skip


def _number(person: UUID, of: str, *, bits: int) -> int:
    return int.from_bytes(sha256(f"rehearsal {of} {person}".encode()).digest()[:8]) >> (64 - bits)
