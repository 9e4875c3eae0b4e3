"""Who is away, and who has their work meanwhile."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from pathways.actions import absences as verbs
from pathways.models import Absence
from pathways.queries import absences as queries


class AbsenceFilters(Filters):
    """What is listed; all given ones hold together."""

    actor = fields.PublicId(required=False, help_text="Who is away.")
    cover = fields.PublicId(required=False)
    on = fields.Day(required=False, help_text="In force on this day: neither over nor cancelled.")


class AbsenceBody(Body):
    """Days, both included, and who has the work. Without an actor: the caller's own absence."""

    actor = fields.PublicId(required=False)
    cover = fields.PublicId()
    starts_on = fields.Day()
    ends_on = fields.Day()
    note = fields.Text(max_length=200, default="", allow_blank=True)


class AwayRow(Row):
    id = fields.PublicId()
    name = fields.Text()


class AbsenceRow(Row):
    """Days on which somebody is away; what they own shows as their cover's."""

    id = fields.PublicId()
    actor = AwayRow()
    cover = AwayRow()
    starts_on = fields.Day()
    ends_on = fields.Day()
    note = fields.Text()
    cancelled_at = fields.Moment(allow_null=True)
    version = fields.Whole()


class AbsencesDoor(Door):
    """Absences the caller may see."""

    @operation("list_absences", answers=AbsenceRow, pages=True, filters=AbsenceFilters)
    def get(self, request: Request) -> Response:
        """List them, the earliest first."""
        given, rows = self.filters(AbsenceFilters), queries.absences(self.actor)
        for name in ("actor", "cover"):
            if name in given:
                rows = rows.filter(**{f"{name}__public_id": given[name]})
        if "on" in given:
            rows = rows.filter(cancelled_at__isnull=True, starts_on__lte=given["on"], ends_on__gte=given["on"])
        return self.page(rows, ("starts_on", "id"), absence_row, AbsenceFilters)

    @operation("record_absence", takes=AbsenceBody, answers=AbsenceRow, status=201)
    def post(self, request: Request) -> Response:
        """Record one: for oneself, or for a colleague by whoever may give work away."""
        given = self.body(AbsenceBody)
        row = verbs.record_absence(
            by=self.actor, now=self.now, actor_id=given.pop("actor", None), cover_id=given.pop("cover"), **given
        )
        location = reverse("api_absence", args=[row.public_id])
        return self.ok(absence_row(row), status=201, etag=etag_of(row), location=location)


class AbsenceDoor(Door):
    """One absence."""

    @operation("read_absence", answers=AbsenceRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it."""
        row = queries.absence(self.actor, public_id)
        return self.ok(absence_row(row), etag=etag_of(row))


class AbsenceCancelDoor(Door):
    """Its end before its time."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.absence(self.actor, parts["public_id"])

    @operation("cancel_absence", answers=AbsenceRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """It does not take place, or ends now."""
        version = self.expected_version()
        row = verbs.cancel_absence(by=self.actor, now=self.now, absence_id=public_id, expected_version=version)
        return self.ok(absence_row(row), etag=etag_of(row))


def absence_row(row: Absence) -> dict[str, Any]:
    """An absence as JSON; `actor` and `cover` must be loaded."""
    values: dict[str, Any] = {
        name: getattr(row, name) for name in ("starts_on", "ends_on", "note", "cancelled_at", "version")
    }
    people = {
        name: {"id": who.public_id, "name": who.name} for name, who in (("actor", row.actor), ("cover", row.cover))
    }
    return dict(AbsenceRow({**values, **people, "id": row.public_id}).data)
