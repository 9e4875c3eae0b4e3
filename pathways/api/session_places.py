"""Places in sessions: somebody is booked in, is here, did not come, gives the place up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.schema import operation
from pathways.actions import sessions as verbs
from pathways.api.session_shapes import SessionCancelBody, SessionDetailRow, SessionPersonBody
from pathways.api.sessions import OneSession
from pathways.models import Attendance
from pathways.queries import sessions as queries


class SessionPeopleDoor(OneSession):
    """Who is booked into a session."""

    @operation("add_person_to_session", takes=SessionPersonBody, answers=SessionDetailRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Book somebody in."""
        given = self.body(SessionPersonBody)
        verbs.add_person(
            by=self.actor, now=self.now, session_id=public_id, patient_id=given["patient"],
            enrollment_id=given.get("enrollment"),
        )  # fmt: skip
        return self.answer(public_id, status=201)


class OnePlace(OneSession):
    """What the doors of one place share; they answer its whole session."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.place(self.actor, parts["public_id"])

    def carry_out(self, verb: Callable[..., Attendance], public_id: UUID, **given: Any) -> Response:
        """The verb done, and the session as it stands now."""
        place = queries.place(self.actor, public_id)
        verb(by=self.actor, now=self.now, attendance_id=public_id, **given)
        return self.answer(place.session.public_id)


class CheckInDoor(OnePlace):
    """Somebody is here."""

    @operation("check_in", answers=SessionDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Check somebody in, on the day itself; who was thought absent can still come."""
        return self.carry_out(verbs.check_in, public_id)


class UndoCheckInDoor(OnePlace):
    """Somebody was not here after all."""

    @operation("undo_check_in", answers=SessionDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take a check-in back."""
        return self.carry_out(verbs.undo_check_in, public_id)


class ConfirmDoor(OnePlace):
    """Somebody says that they will come."""

    @operation("confirm_attendance", answers=SessionDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Note that they will come, at the time the session has now."""
        return self.carry_out(verbs.confirm, public_id)


class UndoConfirmDoor(OnePlace):
    """Nobody said so after all."""

    @operation("undo_confirm_attendance", answers=SessionDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take it back."""
        return self.carry_out(verbs.undo_confirm, public_id)


class NoShowDoor(OnePlace):
    """Somebody did not come."""

    @operation("record_no_show", answers=SessionDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say that somebody did not come, once it has begun."""
        return self.carry_out(verbs.no_show, public_id)


class TakeOffDoor(OnePlace):
    """A place is given up."""

    @operation("cancel_attendance", takes=SessionCancelBody, answers=SessionDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Cancel one person's place; a session of one person ends with it."""
        return self.carry_out(verbs.take_off, public_id, **self.body(SessionCancelBody))
