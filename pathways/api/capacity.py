"""Places and beds of a site, and the census by day."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Site
from clinic.queries.workplaces import site_for, workplaces_of
from clinic.rules.sentences import sentence
from pathways.actions import capacity as verbs
from pathways.models import Capacity
from pathways.queries import capacity as queries
from pathways.queries.census import MOST_DAYS, Day, census
from pathways.queries.programs import program
from pathways.rules.capacity import MOST_PLACES, PlaceKind, Places
from pathways.rules.levels import Level

CENSUS_DAYS = 31


class CapacityBody(Body):
    """How many there are from a day on; the number before ends the day before."""

    site = fields.PublicId()
    program = fields.Code()
    number = fields.Whole(min_value=0, max_value=MOST_PLACES)
    kind = fields.Choice(PlaceKind, default=PlaceKind.PLACE)
    level = fields.Choice(Level, required=False, allow_null=True, help_text="Left out: at any level.")
    starts_on = fields.Day(required=False, help_text="Left out: today at the site.")


class SiteFilters(Filters):
    site = fields.PublicId(required=False, help_text="Left out: the only one, or the first by name.")


class CensusFilters(SiteFilters):
    program = fields.Code()
    first = fields.Day(required=False)
    last = fields.Day(required=False)


class CapacityRow(Row):
    """Places or beds: how many, how many taken and held by open offers, and how many free."""

    id = fields.PublicId()
    program = fields.Code()
    level = fields.Choice(Level, allow_null=True)
    kind = fields.Choice(PlaceKind)
    number = fields.Whole()
    taken = fields.Whole()
    held = fields.Whole()
    free = fields.Whole(help_text="Below zero where more people are there than there are places.")
    starts_on = fields.Day()
    ends_on = fields.Day(allow_null=True)
    version = fields.Whole()


class PlacesRow(Row):
    """What is counted at one site now."""

    site = fields.PublicId()
    as_of = fields.Moment()
    places = CapacityRow(many=True)


class DayRow(Row):
    """One day: people at its end, by level ("" where none is decided), and what happened on it."""

    on = fields.Day()
    people = fields.Whole()
    by_level = serializers.DictField(child=fields.Whole())
    admissions = fields.Whole()
    discharges = fields.Whole()
    moved_in = fields.Whole(help_text="From another program or site.")
    moved_out = fields.Whole(help_text="To another program or site.")
    level_changes = fields.Whole()
    places = fields.Whole(allow_null=True)
    occupancy = serializers.FloatField(allow_null=True, help_text="People in percent of places.")


class CensusRow(Row):
    site = fields.PublicId()
    program = fields.Code()
    days = DayRow(many=True)


class CapacityDoor(Door):
    """Places and beds."""

    @operation("read_capacity", answers=PlacesRow, filters=SiteFilters)
    def get(self, request: Request) -> Response:
        """What a site counts now, by program and level."""
        site = site_of(self, self.filters(SiteFilters).get("site"))
        found = queries.places_of(self.actor, site, now=self.now)
        rows = [capacity_row(each.row, each.places) for each in found]
        return self.ok({"site": site.public_id, "as_of": self.now, "places": rows})

    @operation("set_capacity", takes=CapacityBody, answers=CapacityRow, status=201)
    def post(self, request: Request) -> Response:
        """Set how many there are from a day on."""
        given = self.body(CapacityBody)
        row = verbs.set_capacity(
            by=self.actor,
            now=self.now,
            site_id=given["site"],
            program_key=given["program"],
            number=given["number"],
            kind=given["kind"],
            level=given.get("level"),
            starts_on=given.get("starts_on"),
        )
        places = queries.counted([row], now=self.now)[row.pk]
        return self.ok(capacity_row(row, places), status=201)


class CensusDoor(Door):
    """The census."""

    @operation("read_census", answers=CensusRow, filters=CensusFilters)
    def get(self, request: Request) -> Response:
        """Day by day in the site's zone; left out: the last month up to today."""
        given = self.filters(CensusFilters)
        site, found = site_of(self, given.get("site")), program(given["program"])
        last = given.get("last", self.now.astimezone(site.zone).date())
        first = given.get("first", last - timedelta(days=CENSUS_DAYS - 1))
        if first > last:
            raise bad_input(last=sentence("census.refused.order"))
        if (last - first).days >= MOST_DAYS:
            raise bad_input(first=sentence("census.refused.long", most=MOST_DAYS))
        days = [day_row(each) for each in census(site, found, first, last)]
        return self.ok({"site": site.public_id, "program": found.key, "days": days})


def site_of(door: Door, public_id: UUID | None) -> Site:
    """The site that is named, or the caller's first by name. Raises Refused."""
    if public_id is not None:
        named = site_for(door.actor, public_id)
        if named is None:
            raise not_found()
        return named
    first = workplaces_of(door.actor).order_by("name", "id").first()
    if first is None:
        raise Refused("no_site", sentence("refused.no_site"), status=403)
    return first


def capacity_row(row: Capacity, places: Places) -> dict[str, Any]:
    """A number of places as JSON."""
    names = ("kind", "number", "starts_on", "ends_on", "version")
    said = {"id": row.public_id, "program": row.program.key, "level": row.level or None}
    counts = {"taken": places.taken, "held": places.held, "free": places.free}
    return {**{name: getattr(row, name) for name in names}, **said, **counts}


def day_row(day: Day) -> dict[str, Any]:
    """A day of the census as JSON."""
    names = ("on", "admissions", "discharges", "moved_in", "moved_out", "level_changes", "places", "occupancy")
    return {**{name: getattr(day, name) for name in names}, "people": day.total, "by_level": dict(day.people)}
