"""How many places and beds there are: set from a day on, the number before it closed."""

from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found, stale
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Capacity, Program
from pathways.rules.capacity import NO_LEVEL, PlaceKind, Places, full_problem, number_problem
from pathways.rules.levels import Level
from patients.queries.patients import works_at


@action(Permission.CAPACITY_WRITE, "capacity.set")
def set_capacity(
    *,
    by: Actor,
    now: datetime,
    site_id: UUID,
    program_key: str,
    number: int,
    kind: PlaceKind = PlaceKind.PLACE,
    level: Level | None = None,
    starts_on: date | None = None,
    expected_version: int | None = None,
) -> Capacity:
    """Set how many places (or beds) a site has in a program, at a level or at any, from a day on (left out: today).

    The number in force ends the day before; one that began on the same day is corrected. People there stay where they
    are, and offers given stand. Raises Refused: 404, 412, 422 with `program`, `number` or `starts_on`.
    """
    site, program = own_site(by, site_id), known_program(program_key)
    problem = number_problem(number)
    if problem is not None:
        raise bad_input(number=problem)
    from_day = starts_on or now.astimezone(site.zone).date()
    former = _in_force(site, program, level or NO_LEVEL, kind, expected_version)
    if former is not None and from_day < former.starts_on:
        raise bad_input(starts_on=sentence("capacity.refused.starts_before", on=former.starts_on))
    if former is not None and former.starts_on == from_day:
        row = _corrected(former, number, by, now)
    else:
        row = _follows(former, Capacity(site=site, program=program, level=level or NO_LEVEL, kind=kind,
                                        number=number, starts_on=from_day, set_at=now, set_by=by))  # fmt: skip
    audit.record(
        action="capacity.set",
        by=by,
        now=now,
        subject=("capacity", row.public_id),
        details={"program": program.key, "level": row.level, "kind": row.kind, "number": number},
    )
    return row


def _in_force(
    site: Site, program: Program, level: str, kind: PlaceKind, expected_version: int | None
) -> Capacity | None:
    rows = Capacity.objects.filter(site=site, program=program, level=level, kind=kind, ends_on__isnull=True)
    found = rows.select_for_update(no_key=True, of=("self",)).first()
    if expected_version is not None and (found is None or found.version != expected_version):
        raise stale()
    return found


def _corrected(row: Capacity, number: int, by: Actor, now: datetime) -> Capacity:
    row.number, row.set_at, row.set_by, row.version = number, now, by, row.version + 1
    row.save(update_fields=["number", "set_at", "set_by", "version"])
    return row


def _follows(former: Capacity | None, row: Capacity) -> Capacity:
    if former is not None:
        former.ends_on, former.version = row.starts_on - timedelta(days=1), former.version + 1
        former.save(update_fields=["ends_on", "version"])
        row.version = former.version + 1
    row.save(force_insert=True)
    return row


def own_site(by: Actor, site_id: UUID) -> Site:
    """A site the actor works at. Raises Refused: a foreign or closed one looks like none."""
    found = Site.objects.filter(public_id=site_id, closed_at__isnull=True).first()
    if found is None or not works_at(by, found):
        raise not_found()
    return found


def known_program(key: str) -> Program:
    """The program of this key. Raises Refused: 422 with `program`."""
    found = Program.objects.filter(key=key).first()
    if found is None:
        raise bad_input(program=sentence("capacity.refused.program"))
    return found


def must_be_free(places: Places | None, despite: str, by: Actor) -> None:
    """A place is given where one is free; despite it only by who sets the places, with a reason.

    Raises Refused: 409 `place_none_free`, 403 for a reason given by somebody else.
    """
    problem = full_problem(places, despite)
    if problem is not None:
        raise Refused("place_none_free", problem)
    if full_problem(places, "") is not None and not by.may(Permission.CAPACITY_WRITE):
        raise Refused("forbidden", sentence("capacity.refused.despite"), status=403)
