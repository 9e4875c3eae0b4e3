"""Closing a room. The other doors of rooms stand in `clinic.api.rooms`."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.etags import etag_of
from clinic.api.rooms import RoomRow, room_row
from clinic.api.schema import operation
from clinic.api.views import Door
from clinic.errors import not_found
from clinic.models import Room
from clinic.queries import rooms as queries
from pathways.actions.sessions.rooms import close_room


class RoomCloseDoor(Door):
    """The end of a room."""

    def admit(self, request: Request, **parts: Any) -> None:
        self._room(parts["public_id"])

    @operation("close_room", answers=RoomRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Close it; 409 `room_booked` while sessions to come are booked there."""
        version = self.expected_version()
        row = close_room(by=self.actor, now=self.now, room=self._room(public_id), expected_version=version)
        return self.ok(room_row(row), etag=etag_of(row))

    def _room(self, public_id: UUID) -> Room:
        row = queries.room(self.actor, public_id)
        if row is None:
            raise not_found()
        return row
