"""Before the first day, and going on elsewhere: proposals, waits, admissions of who waited, transfers, adoptions."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body
from clinic.api.views import Door
from pathways.actions import enrollments as verbs
from pathways.api.enrollments import (
    NOTE,
    EnrollmentRow,
    SetAsideBody,
    TransitionRow,
    language_of,
    opened,
    set_aside_of,
)
from pathways.api.moves import MoveBody, MoveDoor
from pathways.rules.moves import TransferReason


class ProposalBody(Body):
    """For whom, which program, where; without a site, the one the person and the caller share."""

    patient = fields.PublicId()
    program = fields.Code()
    site = fields.PublicId(required=False)
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)


class AdmitBody(MoveBody):
    to_phase = fields.Code(required=False)
    counselor = fields.PublicId(required=False)
    set_aside = SetAsideBody(required=False)


class TransferBody(MoveBody):
    """To another program here."""

    program = fields.Code()
    reason = fields.Choice(TransferReason)
    to_phase = fields.Code(required=False)
    counselor = fields.PublicId(required=False)
    set_aside = SetAsideBody(required=False)


class SiteTransferBody(MoveBody):
    """To another site, in the same program."""

    site = fields.PublicId()
    reason = fields.Choice(TransferReason)
    counselor = fields.PublicId(required=False)


class AdoptBody(Body):
    """The version to go on with, and the phase that follows each phase."""

    version = fields.PublicId(help_text="The id of a published version of the same program.")
    phase_map = serializers.DictField(child=fields.Code(), help_text="Phase key left → phase key entered.")
    note = fields.Text(max_length=NOTE)


class ProposalsDoor(Door):
    """Enrollments that have not begun."""

    @operation("propose_enrollment", takes=ProposalBody, answers=EnrollmentRow, status=201)
    def post(self, request: Request) -> Response:
        """Propose a program to a person; a day of review is planned."""
        given = self.body(ProposalBody)
        row = verbs.propose(
            by=self.actor,
            now=self.now,
            patient_id=given["patient"],
            program_key=given["program"],
            site_id=given.get("site"),
            note=given["note"],
        )
        return opened(self, row)


class AdmitDoor(MoveDoor):
    """The first day of somebody who waited."""

    @operation("admit", takes=AdmitBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Begin on the current version where the entry gate is met; else 409 with every criterion."""
        version, given = self.expected_version(), self.body(AdmitBody)
        made = verbs.admit(
            to_phase=given.get("to_phase"),
            counselor_id=given.get("counselor"),
            set_aside=set_aside_of(given),
            expected_version=version,
            language=language_of(self),
            **self.told(public_id, given),
        )
        return self.moved(made)


class TransferDoor(MoveDoor):
    """Going on in another program."""

    @operation("transfer", takes=TransferBody, answers=EnrollmentRow, status=201, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """End this enrollment and begin the other at once, through its entry gate; else 409 with every criterion."""
        version, given = self.expected_version(), self.body(TransferBody)
        row = verbs.transfer_program(
            program_key=given["program"],
            reason=given["reason"],
            to_phase=given.get("to_phase"),
            counselor_id=given.get("counselor"),
            set_aside=set_aside_of(given),
            expected_version=version,
            language=language_of(self),
            **self.told(public_id, given),
        )
        return opened(self, row)


class SiteTransferDoor(MoveDoor):
    """Going on at another site."""

    @operation("transfer_site", takes=SiteTransferBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Go on at another site: phase and days go on, open contacts go along."""
        version, given = self.expected_version(), self.body(SiteTransferBody)
        made = verbs.transfer_site(
            site_id=given["site"],
            reason=given["reason"],
            counselor_id=given.get("counselor"),
            expected_version=version,
            **self.told(public_id, given),
        )
        return self.moved(made)


class AdoptDoor(MoveDoor):
    """Going on with another version of the program."""

    @operation("adopt_version", takes=AdoptBody, answers=TransitionRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Put one enrollment on a published version; contacts still to come are planned anew."""
        version, given = self.expected_version(), self.body(AdoptBody)
        made = verbs.adopt_version(
            by=self.actor,
            now=self.now,
            enrollment_id=public_id,
            to_version_id=given["version"],
            phase_map=given["phase_map"],
            note=given["note"],
            expected_version=version,
        )
        return self.moved(made)
