"""Enrollments: the list, one with its next gate, coming in, the counselor, the history."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.models import Actor
from pathways.actions import enrollments as verbs
from pathways.actions.enrollments.gating import SetAside
from pathways.models import Enrollment, Transition
from pathways.queries.chart import gate_ahead
from pathways.queries.decisions import criteria_told, decision_told, reads_findings
from pathways.queries.enrollments import enrollment, enrollments
from pathways.queries.narrative import reads_words
from pathways.rules.gates import OverrideReason, Requirement, State
from pathways.rules.moves import EnrollmentStatus, MoveKind

NOTE = 400
ORDER = ("-opened_at", "-id")
FINDING: dict[str, Any] = {"allow_null": True, "help_text": "Null for those who do not read assessments."}


class SetAsideBody(Body):
    """Requirements a person sets aside with a move, and why. A program's token may not."""

    criteria = serializers.ListField(child=fields.Code(), min_length=1, max_length=20)
    reason = fields.Choice(OverrideReason)
    note = fields.Text(max_length=NOTE)


class EnrollmentBody(Body):
    """Into which program, where and with whom; without a site, the one the person and the caller share."""

    patient = fields.PublicId()
    program = fields.Code(help_text="The key of a program.")
    site = fields.PublicId(required=False)
    counselor = fields.PublicId(required=False)
    effective_at = fields.Moment(required=False, help_text="When it takes effect; left out: now.")
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)
    set_aside = SetAsideBody(required=False)


class CounselorBody(Body):
    counselor = fields.PublicId(allow_null=True)


class EnrollmentFilters(Filters):
    patient = fields.PublicId(required=False)
    program = fields.Code(required=False)
    site = fields.PublicId(required=False)
    status = fields.Choice(EnrollmentStatus, required=False)
    phase = fields.Code(required=False)
    counselor = fields.PublicId(required=False)


class NamedRow(Row):
    key = fields.Code()
    title = fields.Text()


class PersonRow(Row):
    id = fields.PublicId()
    name = fields.Text()


class EnrollmentRow(Row):
    """One person on one version of a program."""

    id = fields.PublicId()
    patient = fields.PublicId()
    program = NamedRow()
    program_version = fields.Whole()
    site = fields.PublicId()
    status = fields.Choice(EnrollmentStatus)
    phase = NamedRow(allow_null=True)
    counselor = PersonRow(allow_null=True)
    readmission_of = fields.PublicId(allow_null=True)
    opened_at = fields.Moment()
    admitted_at = fields.Moment(allow_null=True)
    ended_at = fields.Moment(allow_null=True)
    review_on = fields.Day(allow_null=True)
    version = fields.Whole()


class EvidenceRow(Row):
    type = fields.Code()
    public_id = fields.PublicId()
    at = fields.Moment()
    sentence = fields.Text()


class CriterionRow(Row):
    """One requirement of a gate; a group holds its members as `children`, of the same shape. Who does not read
    assessments is told what is asked, and nothing of what was found."""

    key = fields.Code()
    kind = fields.Code()
    state = fields.Choice(State, **FINDING)
    requirement = fields.Choice(Requirement)
    sentence = fields.Text()
    found = fields.Text(**FINDING)
    evidence = EvidenceRow(many=True, **FINDING)
    lapses_on = fields.Day(**FINDING)
    earliest = fields.Day(**FINDING)
    next_step = fields.Text(**FINDING)
    overridable_by = serializers.ListField(child=fields.Code())
    needs_reason = fields.YesNo()
    cosigned_by = serializers.ListField(child=fields.Code())
    set_aside = fields.YesNo(**FINDING)
    children = serializers.ListField(child=serializers.DictField())


class LapseRow(Row):
    criterion = fields.Code()
    on = fields.Day()


class GateRow(Row):
    """How somebody stands before the next gate: the parts a 409 carries."""

    gate = fields.Code()
    met = fields.YesNo()
    met_count = fields.Whole()
    of_count = fields.Whole()
    summary = fields.Text()
    earliest = fields.Day(**FINDING)
    lapses_next = LapseRow(**FINDING)
    criteria = CriterionRow(many=True)


class EnrollmentDetailRow(EnrollmentRow):
    next_gate = GateRow(allow_null=True)


class NextGateRow(Row):
    """The gate ahead; null where none stands ahead."""

    next_gate = GateRow(allow_null=True)


class TransitionRow(Row):
    """A move as it was made; `criteria` as they were shown. What was set aside, there too, is null for those who do not
    read what was written; what was found is null for those who do not read assessments."""

    id = fields.PublicId()
    enrollment = fields.PublicId()
    kind = fields.Choice(MoveKind)
    from_status = fields.Text()
    to_status = fields.Choice(EnrollmentStatus)
    from_phase = fields.Code(allow_null=True)
    to_phase = fields.Code(allow_null=True)
    effective_at = fields.Moment()
    recorded_at = fields.Moment()
    recorded_by = fields.Text()
    reason = fields.Text()
    destination = fields.Text()
    note = fields.Narrative()
    set_aside = serializers.ListField(child=fields.Code(), allow_null=True)
    cosigned_by = fields.Text(allow_null=True)
    reverses = fields.PublicId(allow_null=True)
    criteria = serializers.ListField(child=serializers.DictField())


class EnrollmentsDoor(Door):
    """Enrollments of the people the caller may see."""

    @operation("list_enrollments", answers=EnrollmentRow, pages=True, filters=EnrollmentFilters)
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        rows = _filtered(enrollments(self.actor), self.filters(EnrollmentFilters))
        return self.page(rows.select_related("readmission_of"), ORDER, self._seen_row, EnrollmentFilters)

    @operation("enroll", takes=EnrollmentBody, answers=EnrollmentRow, status=201)
    def post(self, request: Request) -> Response:
        """Admit a person to the current version of a program, where its entry gate is met."""
        given = self.body(EnrollmentBody)
        row = verbs.enroll(
            by=self.actor,
            now=self.now,
            patient_id=given["patient"],
            program_key=given["program"],
            site_id=given.get("site"),
            counselor_id=given.get("counselor"),
            effective_at=given.get("effective_at"),
            note=given["note"],
            set_aside=set_aside_of(given),
            language=language_of(self),
        )
        return opened(self, row)

    def _seen_row(self, row: Enrollment) -> dict[str, Any]:
        self.seen(row.patient.public_id)
        return enrollment_row(row)


class OneEnrollmentDoor(Door):
    """What the doors of one enrollment share: it is looked for before anything else, also before a replay."""

    def admit(self, request: Request, **parts: Any) -> None:
        self.found(parts["public_id"])

    def found(self, public_id: UUID) -> Enrollment:
        row = enrollment(self.actor, public_id)
        self.seen(row.patient.public_id)
        return row


class EnrollmentDoor(OneEnrollmentDoor):
    """One enrollment."""

    @operation("read_enrollment", answers=EnrollmentDetailRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it, with the gate ahead."""
        row = self.found(public_id)
        return self.ok(enrollment_row(row) | {"next_gate": gate_row(row, self)}, etag=etag_of(row))


class GateDoor(OneEnrollmentDoor):
    """The gate ahead of one enrollment."""

    @operation("read_next_gate", answers=NextGateRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """How it stands now: the same parts an unmet gate's 409 carries."""
        row = self.found(public_id)
        return self.ok({"next_gate": gate_row(row, self)}, etag=etag_of(row))


class TransitionsDoor(OneEnrollmentDoor):
    """The history of one enrollment."""

    @operation("list_transitions", answers=TransitionRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Every move, newest first; those undone stay, with the move that undid them."""
        row = self.found(public_id)
        rows = row.transitions.select_related(
            "enrollment", "from_phase", "to_phase", "recorded_by", "cosigned_by", "reverses"
        )
        return self.page(rows, ("-recorded_at", "-id"), self._row)

    def _row(self, row: Transition) -> dict[str, Any]:
        return transition_row(row, self.actor)


class CounselorDoor(OneEnrollmentDoor):
    """Whose caseload an enrollment is in."""

    @operation("assign_counselor", takes=CounselorBody, answers=EnrollmentRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """Hand the person over; open contacts of the former counselor go along."""
        version, given = self.expected_version(), self.body(CounselorBody)
        row = verbs.assign_counselor(
            by=self.actor,
            now=self.now,
            enrollment_id=public_id,
            counselor_id=given["counselor"],
            expected_version=version,
        )
        self.seen(row.patient.public_id)
        return self.ok(enrollment_row(row), etag=etag_of(row))


def _filtered(rows: QuerySet[Enrollment], given: dict[str, Any]) -> QuerySet[Enrollment]:
    paths = {
        "patient": "patient__public_id",
        "program": "program__key",
        "site": "site__public_id",
        "status": "status",
        "phase": "current_phase__key",
        "counselor": "counselor__public_id",
    }
    return rows.filter(**{paths[name]: value for name, value in given.items()})


def opened(door: Door, row: Enrollment) -> Response:
    """The answer to an admission or readmission."""
    door.seen(row.patient.public_id)
    location = reverse("api_enrollment", args=[row.public_id])
    return door.ok(enrollment_row(row), status=201, etag=etag_of(row), location=location)


def language_of(door: Door) -> str:
    """The language sentences are told in."""
    return str(getattr(door.request._request, "language", "") or "en")[:2]


def set_aside_of(given: dict[str, Any]) -> SetAside | None:
    """What the body sets aside."""
    aside = given.get("set_aside")
    return SetAside(tuple(aside["criteria"]), aside["reason"], aside["note"]) if aside else None


def gate_row(row: Enrollment, door: Door) -> dict[str, Any] | None:
    """The gate ahead as JSON; None where the enrollment has ended or nothing is asked."""
    found = gate_ahead(row, at=door.now) if row.ended_at is None else None
    return decision_told(found[1], door.actor, language_of(door)) if found else None


def enrollment_row(row: Enrollment) -> dict[str, Any]:
    """An enrollment as JSON."""
    phase, counselor = row.current_phase, row.counselor
    return {
        "id": row.public_id,
        "patient": row.patient.public_id,
        "program": {"key": row.program.key, "title": row.program.title},
        "program_version": row.program_version.number,
        "site": row.site.public_id,
        "status": row.status,
        "phase": {"key": phase.key, "title": phase.title} if phase else None,
        "counselor": {"id": counselor.public_id, "name": counselor.name} if counselor else None,
        "readmission_of": row.readmission_of.public_id if row.readmission_of else None,
        "opened_at": row.opened_at,
        "admitted_at": row.admitted_at,
        "ended_at": row.ended_at,
        "review_on": row.review_on,
        "version": row.version,
    }


def transition_row(row: Transition, by: Actor) -> dict[str, Any]:
    """A move as JSON, as `by` reads it."""
    reads = reads_words(by, row.recorded_by_id)
    told = row.decision_text if isinstance(row.decision_text, dict) else {}
    return {
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "kind": row.kind,
        "from_status": row.from_status,
        "to_status": row.to_status,
        "from_phase": row.from_phase.key if row.from_phase else None,
        "to_phase": row.to_phase.key if row.to_phase else None,
        "effective_at": row.effective_at,
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by.name,
        "reason": row.reason,
        "destination": row.destination,
        "note": row.note if reads else None,
        "set_aside": (row.override["criteria"] if row.override else []) if reads else None,
        "cosigned_by": row.cosigned_by.name if row.cosigned_by else None,
        "reverses": row.reverses.public_id if row.reverses else None,
        "criteria": criteria_told(told.get("criteria", []), findings=reads_findings(by), aside=reads),
    }
