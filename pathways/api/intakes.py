"""Intakes: opened, looked at, signed."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.etags import etag_of
from clinic.api.schema import operation
from pathways.actions import findings
from pathways.api.finding_shapes import IntakeRow, SigningBody
from pathways.api.findings import FindingsDoor
from patients.actions import intakes
from patients.models import Intake
from patients.queries import intakes as queries


class IntakesDoor(FindingsDoor):
    """The intakes of a person."""

    @operation("list_intakes", answers=IntakeRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Newest first."""
        listed = queries.listed(self.actor, self.patient(public_id))
        return self.page(listed, ("-opened_at", "-id"), intake_row)

    @operation("open_intake", answers=IntakeRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """The intake under way, or a new one."""
        made = intakes.open_intake(patient=self.patient(public_id), by=self.actor, now=self.now)
        return _told(self, queries.get(self.actor, made.public_id))


class IntakeDoorBase(FindingsDoor):
    """What the doors about one intake share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.get(self.actor, parts["public_id"])

    def one(self, public_id: UUID) -> Intake:
        found = queries.get(self.actor, public_id)
        self.seen(found.patient.public_id)
        return found


class IntakeDoor(IntakeDoorBase):
    """One intake."""

    @operation("read_intake", answers=IntakeRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Its sections in the order they are to be asked, and how far each is."""
        return _told(self, self.one(public_id))


class SigningDoor(IntakeDoorBase):
    """A person signs."""

    @operation("sign_intake", takes=SigningBody, answers=IntakeRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Every draft of it becomes an assessment, or none. A program's token is never enough."""
        version, given = self.expected_version(), self.body(SigningBody)
        findings.sign_intake(intake=self.one(public_id), expected_version=version, by=self.actor, now=self.now, **given)
        return _told(self, self.one(public_id))


def intake_row(intake: Intake) -> dict[str, Any]:
    """An intake with its sections."""
    intake.shown_sections = [view.section for view in queries.progress(intake)]  # type: ignore[attr-defined]
    return dict(IntakeRow(intake).data)


def _told(door: FindingsDoor, intake: Intake) -> Response:
    door.seen(intake.patient.public_id)
    return door.ok(intake_row(intake), etag=etag_of(intake))
