"""The lines of a plan: written, said anew, moved, ended, taken up again. Each answers with its whole plan."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body
from clinic.api.views import Door
from pathways.actions import plan_elements as verbs
from pathways.actions.plan_elements import LIMITS, Content
from pathways.api.plans import OnePlanDoor, PlanElementRow, element_row
from pathways.models import PlanElement
from pathways.queries import plans as queries
from pathways.rules.plans import ElementStatus, PlanElementKind


class ContentBody(Body):
    """What a line says. `owner` left out or null: the patient sees to it."""

    text = fields.Text(max_length=LIMITS["text"])
    own_words = fields.Text(max_length=LIMITS["own_words"], default="", allow_blank=True)
    contact = fields.Text(max_length=LIMITS["contact"], default="", allow_blank=True)
    modality = fields.Text(max_length=40, default="", allow_blank=True)
    owner = fields.PublicId(required=False, allow_null=True)
    starts_on = fields.Day(required=False, allow_null=True)
    due_on = fields.Day(required=False, allow_null=True)
    status = fields.Choice(ElementStatus, default=ElementStatus.ACTIVE)
    progress = fields.Text(max_length=LIMITS["progress"], default="", allow_blank=True)
    diagnosis = fields.Text(max_length=12, default="", allow_blank=True)
    co_occurring = fields.YesNo(default=False)
    assessment = fields.PublicId(required=False, allow_null=True, help_text="The form it is built on.")
    observation = fields.PublicId(required=False, allow_null=True, help_text="The observation it is built on.")


class ElementBody(ContentBody):
    """A new line. Goal, objective and intervention stand under a problem, a goal, an objective."""

    kind = fields.Choice(PlanElementKind)
    parent = fields.PublicId(required=False, allow_null=True)  # type: ignore[assignment]


class ElementPlaceBody(Body):
    """Where a line goes: its place from 0 among its kind; beneath another line of the same sort, if named."""

    position = fields.Whole(min_value=0, max_value=999)
    parent = fields.PublicId(required=False, allow_null=True)  # type: ignore[assignment]


class ElementEndBody(Body):
    """How a line ends: complete or stopped."""

    status = fields.Choice(ElementStatus)
    progress = fields.Text(max_length=LIMITS["progress"], default="", allow_blank=True)


class PlanElementsDoor(OnePlanDoor):
    """New lines of a plan."""

    @operation("write_plan_element", takes=ElementBody, answers=PlanElementRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Add a line, last among those it stands with."""
        given = self.body(ElementBody)
        row = verbs.write_element(
            by=self.actor,
            now=self.now,
            plan_id=public_id,
            kind=given["kind"],
            parent_id=given.get("parent"),
            content=_content(given),
        )
        return _answer(self, row, status=201)


class OneElementDoor(Door):
    """What the doors of one line share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.element(self.actor, parts["public_id"])


class PlanElementDoor(OneElementDoor):
    """One line."""

    @operation("read_plan_element", answers=PlanElementRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it; its ETag is its own."""
        return _answer(self, queries.element(self.actor, public_id))

    @operation("change_plan_element", takes=ContentBody, answers=PlanElementRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """Say it anew: what is left out is empty. What was agreed and is changed is signed again."""
        version, given = self.expected_version(), self.body(ContentBody)
        row = verbs.change_element(
            by=self.actor, now=self.now, element_id=public_id, content=_content(given), expected_version=version
        )
        return _answer(self, row)


class PlanElementMoveDoor(OneElementDoor):
    """Its place."""

    @operation("move_plan_element", takes=ElementPlaceBody, answers=PlanElementRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Put it at another place."""
        version, given = self.expected_version(), self.body(ElementPlaceBody)
        row = verbs.move_element(
            by=self.actor,
            now=self.now,
            element_id=public_id,
            position=given["position"],
            parent_id=given.get("parent"),
            expected_version=version,
        )
        return _answer(self, row)


class PlanElementEndDoor(OneElementDoor):
    """Its end."""

    @operation("end_plan_element", takes=ElementEndBody, answers=PlanElementRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """End it: complete once nothing beneath it is open, or stopped with all beneath it."""
        version, given = self.expected_version(), self.body(ElementEndBody)
        row = verbs.end_element(by=self.actor, now=self.now, element_id=public_id, expected_version=version, **given)
        return _answer(self, row)


class PlanElementReopenDoor(OneElementDoor):
    """A line taken up again."""

    @operation("reopen_plan_element", answers=PlanElementRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take it up again."""
        version = self.expected_version()
        row = verbs.reopen_element(by=self.actor, now=self.now, element_id=public_id, expected_version=version)
        return _answer(self, row)


def _content(given: dict[str, Any]) -> Content:
    same = ("text", "own_words", "contact", "modality", "status", "progress", "diagnosis", "co_occurring")
    return Content(
        **{name: given[name] for name in same},
        starts_on=given.get("starts_on"),
        due_on=given.get("due_on"),
        owner_id=given.get("owner"),
        assessment_id=given.get("assessment"),
        observation_id=given.get("observation"),
    )


def _answer(door: Door, row: PlanElement, status: int = 200) -> Response:
    door.seen(row.plan.patient.public_id)
    location = reverse("api_plan_element", args=[row.public_id]) if status == 201 else None
    return door.ok(element_row(row), status=status, etag=etag_of(row), location=location)
