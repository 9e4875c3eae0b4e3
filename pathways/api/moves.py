"""The moves of an enrollment. A gate that is not met answers 409 with every criterion."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body
from pathways.actions import enrollments as verbs
from pathways.api.enrollments import (
    NOTE,
    EnrollmentRow,
    OneEnrollmentDoor,
    SetAsideBody,
    TransitionRow,
    language_of,
    opened,
    set_aside_of,
    transition_row,
)
from pathways.models import Transition
from pathways.rules.moves import Destination, DischargeReason, HoldReason, StepBackReason


class MoveBody(Body):
    """What every move takes."""

    note = fields.Text(max_length=NOTE, default="", allow_blank=True)
    effective_at = fields.Moment(required=False, help_text="When it takes effect; left out: now.")


class AdvanceBody(MoveBody):
    to_phase = fields.Code(required=False, help_text="The key of the phase; may be left out where there is only one.")
    set_aside = SetAsideBody(required=False)


class StepBackBody(MoveBody):
    reason = fields.Choice(StepBackReason)
    to_phase = fields.Code(required=False)


class HoldBody(MoveBody):
    reason = fields.Choice(HoldReason)
    review_on = fields.Day()


class DischargeBody(MoveBody):
    reason = fields.Choice(DischargeReason)
    destination = fields.Choice(Destination, default=Destination.UNKNOWN)
    set_aside = SetAsideBody(required=False)


class ReadmitBody(MoveBody):
    to_phase = fields.Code(required=False)
    counselor = fields.PublicId(required=False)
    set_aside = SetAsideBody(required=False)


class ReverseBody(Body):
    note = fields.Text(max_length=NOTE)


class MoveDoor(OneEnrollmentDoor):
    """What the doors of the moves share."""

    def told(self, public_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
        """The arguments every move takes."""
        return {
            "by": self.actor,
            "now": self.now,
            "enrollment_id": public_id,
            "note": given["note"],
            "effective_at": given.get("effective_at"),
        }

    def moved(self, row: Transition) -> Response:
        """The move that was made; the ETag is the enrollment's new version."""
        self.seen(row.enrollment.patient.public_id)
        return self.ok(transition_row(row, self.actor), etag=etag_of(row.enrollment))


class AdvanceDoor(MoveDoor):
    """On to the next phase."""

    @operation("advance", takes=AdvanceBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Move on where the gate is met; else 409 with every criterion."""
        version, given = self.expected_version(), self.body(AdvanceBody)
        made = verbs.advance(
            to_phase=given.get("to_phase"),
            set_aside=set_aside_of(given),
            expected_version=version,
            language=language_of(self),
            **self.told(public_id, given),
        )
        return self.moved(made)


class StepBackDoor(MoveDoor):
    """A phase back, agreed."""

    @operation("step_back", takes=StepBackBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Step back with its reason."""
        version, given = self.expected_version(), self.body(StepBackBody)
        made = verbs.step_back(
            reason=given["reason"],
            to_phase=given.get("to_phase"),
            expected_version=version,
            language=language_of(self),
            **self.told(public_id, given),
        )
        return self.moved(made)


class HoldDoor(MoveDoor):
    """A pause with its day of review."""

    @operation("hold", takes=HoldBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Pause the pathway."""
        version, given = self.expected_version(), self.body(HoldBody)
        made = verbs.hold(
            reason=given["reason"],
            review_on=given["review_on"],
            expected_version=version,
            **self.told(public_id, given),
        )
        return self.moved(made)


class ResumeDoor(MoveDoor):
    """The end of a pause."""

    @operation("resume", takes=MoveBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Go on where it stopped."""
        version, given = self.expected_version(), self.body(MoveBody)
        return self.moved(verbs.resume(expected_version=version, **self.told(public_id, given)))


class DischargeDoor(MoveDoor):
    """The end of an enrollment."""

    @operation("discharge", takes=DischargeBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Complete it through its gate, or end it with a coded reason; contacts after it are planned."""
        version, given = self.expected_version(), self.body(DischargeBody)
        made = verbs.discharge(
            reason=given["reason"],
            destination=given["destination"],
            set_aside=set_aside_of(given),
            expected_version=version,
            language=language_of(self),
            **self.told(public_id, given),
        )
        return self.moved(made)


class ReadmitDoor(MoveDoor):
    """Somebody comes back."""

    @operation("readmit", takes=ReadmitBody, answers=EnrollmentRow, status=201, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Open a new enrollment on the current version of the program."""
        version, given = self.expected_version(), self.body(ReadmitBody)
        row = verbs.readmit(
            to_phase=given.get("to_phase"),
            counselor_id=given.get("counselor"),
            set_aside=set_aside_of(given),
            expected_version=version,
            language=language_of(self),
            **self.told(public_id, given),
        )
        return opened(self, row)


class ReverseDoor(MoveDoor):
    """Undoing the newest move."""

    @operation("reverse_move", takes=ReverseBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Undo it: another transition, and everything as before."""
        version, given = self.expected_version(), self.body(ReverseBody)
        made = verbs.reverse(
            by=self.actor, now=self.now, enrollment_id=public_id, note=given["note"], expected_version=version
        )
        return self.moved(made)
