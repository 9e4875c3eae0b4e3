"""Care plans and recovery plans: read, opened, said in the patient's words, reviewed, signed, closed."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.wording import say
from pathways.actions import plans as verbs
from pathways.api.enrollments import OneEnrollmentDoor, PersonRow, language_of
from pathways.models import PlanElement, PlanReview, PlanSignature
from pathways.queries import plans as queries
from pathways.queries.plans import PlanShown
from pathways.rules.plans import ElementStatus, PlanElementKind, PlanKind, PlanSigner, SigningMethod, holding


class PlanBody(Body):
    """Which plan is opened."""

    kind = fields.Choice(PlanKind)
    own_words = fields.Text(max_length=verbs.WORDS_LIMIT, default="", allow_blank=True)


class OwnWordsBody(Body):
    own_words = fields.Text(max_length=verbs.WORDS_LIMIT, allow_blank=True)


class ReviewBody(Body):
    """What was found, and the day of the next review; left out: with the next phase."""

    note = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)
    next_review_on = fields.Day(required=False, allow_null=True)


class SignatureBody(Body):
    """Who signs. A member of staff signs in person and with their own name."""

    signer = fields.Choice(PlanSigner)
    name = fields.Text(max_length=verbs.NAME_LIMIT, default="", allow_blank=True)
    method = fields.Choice(SigningMethod, default=SigningMethod.ON_SCREEN)
    effective_at = fields.Moment(required=False, help_text="When it was signed; left out: now.")


class PlanElementRow(Row):
    """One line; `parent` is the line it stands under."""

    id = fields.PublicId()
    parent = fields.PublicId(allow_null=True)  # type: ignore[assignment]
    kind = fields.Choice(PlanElementKind)
    status = fields.Choice(ElementStatus)
    text = fields.Text()
    own_words = fields.Text()
    contact = fields.Text()
    modality = fields.Text()
    owner = PersonRow(allow_null=True, help_text="Who sees to it; null: the patient.")
    starts_on = fields.Day(allow_null=True)
    due_on = fields.Day(allow_null=True)
    progress = fields.Text()
    diagnosis = fields.Text()
    co_occurring = fields.YesNo()
    assessment = fields.PublicId(allow_null=True)
    observation = fields.PublicId(allow_null=True)
    position = fields.Whole()
    written_at = fields.Moment()
    written_by = fields.Text()
    ended_at = fields.Moment(allow_null=True)
    ended_by = fields.Text(allow_null=True)
    version = fields.Whole()


class SignatureRow(Row):
    """A name put to the plan; `holds` while its content is still the one it was given on."""

    id = fields.PublicId()
    signer = fields.Choice(PlanSigner)
    name = fields.Text()
    method = fields.Choice(SigningMethod)
    digest = fields.Text(help_text="SHA-256 of the content in canonical form.")
    plan_version = fields.Whole()
    effective_at = fields.Moment()
    recorded_by = fields.Text()
    holds = fields.YesNo()


class ReviewRow(Row):
    id = fields.PublicId()
    phase = fields.Code(allow_null=True)
    note = fields.Text()
    next_review_on = fields.Day(allow_null=True)
    reviewed_at = fields.Moment()
    reviewed_by = fields.Text()


class ReviewDueRow(Row):
    on = fields.Day()
    is_due = fields.YesNo()
    reason = fields.Text()


class PlanRow(Row):
    """A plan with its lines in order, its signatures and reviews."""

    id = fields.PublicId()
    enrollment = fields.PublicId()
    patient = fields.PublicId()
    kind = fields.Choice(PlanKind)
    own_words = fields.Text()
    digest = fields.Text(help_text="SHA-256 of the content as it is now.")
    opened_at = fields.Moment()
    opened_by = fields.Text()
    changed_at = fields.Moment(help_text="When the content last changed.")
    closed_at = fields.Moment(allow_null=True)
    review = ReviewDueRow(allow_null=True)
    elements = PlanElementRow(many=True)
    signatures = SignatureRow(many=True)
    reviews = ReviewRow(many=True)
    version = fields.Whole()


class PlansRow(Row):
    """Every plan of one enrollment: few, and each whole."""

    plans = PlanRow(many=True)


class EnrollmentPlansDoor(OneEnrollmentDoor):
    """The plans of one enrollment."""

    @operation("list_plans", answers=PlansRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """All of them, open ones first."""
        row = self.found(public_id)
        found = queries.shown(queries.of_enrollment(self.actor, row), now=self.now)
        return self.ok({"plans": [plan_row(each, language_of(self)) for each in found]})

    @operation("open_plan", takes=PlanBody, answers=PlanRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Open a plan; one of each kind at a time."""
        given = self.body(PlanBody)
        row = verbs.open_plan(by=self.actor, now=self.now, enrollment_id=public_id, **given)
        location = reverse("api_plan", args=[row.public_id])
        return answer_plan(self, row.public_id, status=201, location=location)


class OnePlanDoor(Door):
    """What the doors of one plan share: it is looked for before anything else, also before a replay."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.plan(self.actor, parts["public_id"])


class PlanDoor(OnePlanDoor):
    """One plan."""

    @operation("read_plan", answers=PlanRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it with its lines, signatures and reviews."""
        return answer_plan(self, public_id)

    @operation("set_own_words", takes=OwnWordsBody, answers=PlanRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """What matters most, in the patient's own words: part of what is signed."""
        version, given = self.expected_version(), self.body(OwnWordsBody)
        verbs.set_own_words(by=self.actor, now=self.now, plan_id=public_id, expected_version=version, **given)
        return answer_plan(self, public_id)


class PlanReviewDoor(OnePlanDoor):
    """Looking at a plan together."""

    @operation("review_plan", takes=ReviewBody, answers=PlanRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Record a review in the phase the person is in."""
        version, given = self.expected_version(), self.body(ReviewBody)
        verbs.review_plan(by=self.actor, now=self.now, plan_id=public_id, expected_version=version, **given)
        return answer_plan(self, public_id)


class PlanSignDoor(OnePlanDoor):
    """A name put to a plan."""

    @operation("sign_plan", takes=SignatureBody, answers=PlanRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Sign the version that was seen: the signature holds for that content alone."""
        version, given = self.expected_version(), self.body(SignatureBody)
        verbs.sign_plan(by=self.actor, now=self.now, plan_id=public_id, expected_version=version, **given)
        return answer_plan(self, public_id)


class PlanCloseDoor(OnePlanDoor):
    """The end of a plan."""

    @operation("close_plan", answers=PlanRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Close it: it stays as it was."""
        version = self.expected_version()
        verbs.close_plan(by=self.actor, now=self.now, plan_id=public_id, expected_version=version)
        return answer_plan(self, public_id)


def answer_plan(door: Door, public_id: UUID, status: int = 200, location: str | None = None) -> Response:
    """The plan as it stands now."""
    row = queries.plan(door.actor, public_id)
    door.seen(row.patient.public_id)
    found = queries.shown([row], now=door.now)[0]
    return door.ok(plan_row(found, language_of(door)), status=status, etag=etag_of(row), location=location)


def plan_row(found: PlanShown, language: str) -> dict[str, Any]:
    """A plan as JSON."""
    row, due = found.row, found.due
    held = {(each.signer, each.name, each.at) for each in holding(found.standing)}
    names = ("kind", "own_words", "opened_at", "changed_at", "closed_at", "version")
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "patient": row.patient.public_id,
        "digest": found.standing.digest,
        "opened_by": row.opened_by.name,
        "review": {"on": due.on, "is_due": due.is_due, "reason": say(due.reason, language)} if due else None,
        "elements": [element_row(each) for each in found.lines],
        "signatures": [
            _signature(each, (PlanSigner(each.signer), each.signer_name, each.effective_at) in held)
            for each in found.signatures
        ],
        "reviews": [_review(each) for each in found.reviews],
    }


def element_row(row: PlanElement) -> dict[str, Any]:
    """A line as JSON."""
    names = ("kind", "status", "text", "own_words", "contact", "modality", "starts_on", "due_on", "progress",
             "diagnosis", "co_occurring", "position", "written_at", "ended_at", "version")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.public_id,
        "parent": row.parent.public_id if row.parent else None,
        "owner": {"id": row.owner.public_id, "name": row.owner.name} if row.owner else None,
        "assessment": row.from_assessment.public_id if row.from_assessment else None,
        "observation": row.from_observation.public_id if row.from_observation else None,
        "written_by": row.written_by.name,
        "ended_by": row.ended_by.name if row.ended_by else None,
    }


def _signature(row: PlanSignature, holds: bool) -> dict[str, Any]:
    names = ("signer", "method", "digest", "plan_version", "effective_at")
    said = {"id": row.public_id, "name": row.signer_name, "recorded_by": row.recorded_by.name, "holds": holds}
    return {**{name: getattr(row, name) for name in names}, **said}


def _review(row: PlanReview) -> dict[str, Any]:
    names = ("note", "next_review_on", "reviewed_at")
    phase = row.phase.key if row.phase else None
    said = {"id": row.public_id, "phase": phase, "reviewed_by": row.reviewed_by.name}
    return {**{name: getattr(row, name) for name in names}, **said}
