"""Moving many people to another version: a run, its progress, and who was not moved."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.wording import say
from pathways.actions import adoptions as verbs
from pathways.api.enrollments import NOTE
from pathways.models import Adoption, AdoptionItem
from pathways.queries import adoptions as queries
from pathways.queries import programs
from pathways.rules.adoptions import RunStatus
from pathways.rules.gates import sentence_from_record


class AdoptionBody(Body):
    """Which version, the phase map, why; over everybody one may see, or the enrollments named."""

    version = fields.Whole(help_text="The number of a published version of the program.")
    phase_map = serializers.DictField(child=fields.Code(), help_text="Phase key left → phase key entered.")
    note = fields.Text(max_length=NOTE)
    enrollments = serializers.ListField(child=fields.PublicId(), required=False, min_length=1, max_length=10_000)


class NotMovedRow(Row):
    enrollment = fields.PublicId()
    code = fields.Code()
    detail = fields.Text()


class AdoptionRow(Row):
    """A run, and how far it has come."""

    id = fields.PublicId()
    program = fields.Code()
    to_version = fields.Whole()
    phase_map = serializers.DictField(child=fields.Code())
    note = fields.Text()
    status = fields.Choice(RunStatus)
    requested_at = fields.Moment()
    requested_by = fields.Text()
    total = fields.Whole()
    adopted = fields.Whole()
    skipped = fields.Whole()
    refused = fields.Whole()
    not_moved = NotMovedRow(many=True, help_text="The first of those refused, whom the caller may see.")


class AdoptionsDoor(Door):
    """Runs of a program."""

    @operation("start_adoption", takes=AdoptionBody, answers=AdoptionRow, status=201)
    def post(self, request: Request, key: str) -> Response:
        """Begin a run; a worker moves each enrollment in a transaction of its own."""
        given = self.body(AdoptionBody)
        version = programs.version_of(programs.program(key), given["version"])
        made = verbs.start_adoption(
            by=self.actor,
            now=self.now,
            to_version_id=version.public_id,
            phase_map=given["phase_map"],
            note=given["note"],
            enrollment_ids=given.get("enrollments"),
        )
        location = reverse("api_adoption", args=[made.public_id])
        return self.ok(self.row(made), status=201, location=location)

    def row(self, made: Adoption) -> dict[str, Any]:
        return adoption_row(self, made)


class AdoptionDoor(Door):
    """One run."""

    @operation("read_adoption", answers=AdoptionRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """How far it has come."""
        return self.ok(adoption_row(self, queries.run(public_id)))


class AdoptionStopDoor(Door):
    """Stopping a run."""

    @operation("stop_adoption", answers=AdoptionRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Nobody else is moved; who was moved stays moved."""
        return self.ok(adoption_row(self, verbs.stop_adoption(by=self.actor, now=self.now, adoption_id=public_id)))


class AdoptionResumeDoor(Door):
    """Going on with a run that was stopped."""

    @operation("resume_adoption", answers=AdoptionRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """It goes on where it stood."""
        return self.ok(adoption_row(self, verbs.resume_adoption(by=self.actor, now=self.now, adoption_id=public_id)))


def adoption_row(door: Door, row: Adoption) -> dict[str, Any]:
    """A run as JSON."""
    stands = queries.progress(row)
    return {
        "id": row.public_id,
        "program": row.program.key,
        "to_version": row.to_version.number,
        "phase_map": row.phase_map,
        "note": row.note,
        "status": row.status,
        "requested_at": row.requested_at,
        "requested_by": row.requested_by.name,
        "total": stands.total,
        "adopted": stands.adopted,
        "skipped": stands.skipped,
        "refused": stands.refused,
        "not_moved": [_not_moved(door, each) for each in queries.refused_items(door.actor, row)],
    }


def _not_moved(door: Door, item: AdoptionItem) -> dict[str, Any]:
    door.seen(item.enrollment.patient.public_id)
    detail = say(sentence_from_record(item.said)) if item.said else ""
    return {"enrollment": item.enrollment.public_id, "code": item.code, "detail": detail}
