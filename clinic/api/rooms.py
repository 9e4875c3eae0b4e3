"""The rooms of a site. Closing one stands in `pathways.api.rooms`: sessions may be booked there."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.actions import rooms as verbs
from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.errors import not_found
from clinic.models import Room, Site
from clinic.queries import rooms as queries
from clinic.queries.workplaces import site_for
from clinic.rules.rooms import LONGEST_NAME


class RoomBody(Body):
    """What a room is called, and how many people fit in."""

    name = fields.Text(max_length=LONGEST_NAME)
    seats = fields.Whole()


class RoomRow(Row):
    """A room in which sessions take place."""

    id = fields.PublicId()
    site = fields.PublicId()
    name = fields.Text()
    seats = fields.Whole()
    closed_at = fields.Moment(allow_null=True)
    version = fields.Whole()


class RoomsDoor(Door):
    """The rooms of one site."""

    def admit(self, request: Request, **parts: Any) -> None:
        self._site(parts["public_id"])

    @operation("list_rooms", answers=RoomRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """The rooms in use, by name."""
        return self.page(queries.rooms(self.actor, self._site(public_id).public_id), ("name", "id"), room_row)

    @operation("open_room", takes=RoomBody, answers=RoomRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Open a room."""
        given = self.body(RoomBody)
        row = verbs.open_room(by=self.actor, now=self.now, site=self._site(public_id), **given)
        return self.ok(room_row(row), status=201, etag=etag_of(row), location=reverse("api_room", args=[row.public_id]))

    def _site(self, public_id: UUID) -> Site:
        site = site_for(self.actor, public_id)
        if site is None:
            raise not_found()
        return site


class RoomDoor(Door):
    """One room."""

    def admit(self, request: Request, **parts: Any) -> None:
        self._room(parts["public_id"])

    @operation("read_room", answers=RoomRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it, closed or not."""
        row = self._room(public_id)
        return self.ok(room_row(row), etag=etag_of(row))

    @operation("change_room", takes=RoomBody, answers=RoomRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """Say anew what it is called and how many fit in."""
        version, given = self.expected_version(), self.body(RoomBody)
        row = verbs.change_room(
            by=self.actor, now=self.now, room=self._room(public_id), expected_version=version, **given
        )
        return self.ok(room_row(row), etag=etag_of(row))

    def _room(self, public_id: UUID) -> Room:
        row = queries.room(self.actor, public_id)
        if row is None:
            raise not_found()
        return row


def room_row(row: Room) -> dict[str, Any]:
    """A room as JSON; its site must be loaded."""
    names = ("name", "seats", "closed_at", "version")
    values = {name: getattr(row, name) for name in names}
    return dict(RoomRow({**values, "id": row.public_id, "site": row.site.public_id}).data)
