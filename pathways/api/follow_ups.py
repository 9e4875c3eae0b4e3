"""Follow-ups: the contacts owed, what came of calls, their end, their day, their owner."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

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
from clinic.rules.roles import Role
from pathways.actions import follow_ups as verbs
from pathways.models import CallResult, FollowUp
from pathways.queries import follow_ups as queries
from pathways.queries.calls import call_results
from pathways.queries.narrative import reads_words
from pathways.queries.overdue import overdue
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.follow_ups import Outcome
from pathways.rules.programs import ContactMode, Purpose
from pathways.rules.worklist import is_overdue

YES_NO = [("true", "true"), ("false", "false")]
LONGEST_NOTE = 300
SAME_NAME = (
    "rule_key", "occurrence", "title", "purpose", "mode", "due_on", "due_time", "time_zone", "due_at", "window_days",
    "ladder", "rung", "act_at", "closed_at", "need", "version",
)  # fmt: skip


class FollowUpFilters(Filters):
    """What is listed; all given ones hold together."""

    site = fields.PublicId(required=False)
    owner = fields.PublicId(required=False, help_text="The id of the actor who has it.")
    patient = fields.PublicId(required=False)
    enrollment = fields.PublicId(required=False)
    open = serializers.ChoiceField(YES_NO, required=False, help_text="Without an outcome, or with one.")
    overdue = serializers.ChoiceField(YES_NO, required=False, help_text="`true`: open, and its last day has passed.")


class OwnerRow(Row):
    id = fields.PublicId()
    name = fields.Text()


class FollowUpRow(Row):
    """One dated contact owed to a person. `due_on` and `due_time` are wall time in `time_zone`."""

    id = fields.PublicId()
    patient = fields.PublicId()
    enrollment = fields.PublicId()
    site = fields.PublicId()
    rule_key = fields.Code()
    occurrence = fields.Whole()
    title = fields.Text()
    purpose = fields.Choice(Purpose)
    mode = fields.Choice(ContactMode)
    instrument = fields.Code(allow_null=True)
    due_on = fields.Day()
    due_time = fields.WallTime()
    time_zone = fields.Text()
    due_at = fields.Moment()
    window_days = fields.Whole()
    overdue = fields.YesNo()
    ladder = fields.Code()
    rung = fields.Whole(help_text="Where on its ladder it stands, from 0.")
    act_at = fields.Moment(help_text="When the next person or message is due.")
    owner = OwnerRow(allow_null=True)
    owner_role = fields.Choice(Role, allow_null=True)
    outcome = fields.Choice(Outcome, allow_null=True)
    outcome_note = fields.Narrative()
    closed_at = fields.Moment(allow_null=True)
    need = fields.YesNo(allow_null=True)
    version = fields.Whole()


class CallRow(Row):
    """What came of one call."""

    id = fields.PublicId()
    result = fields.Choice(Result)
    note = fields.Narrative()
    try_again_at = fields.Moment(allow_null=True)
    made_at = fields.Moment()
    made_by = fields.Text()
    undone_at = fields.Moment(allow_null=True)


class FollowUpDetailRow(FollowUpRow):
    call_results = CallRow(many=True)


class CallBody(Body):
    """What happened. Reached and declined end the follow-up; otherwise it is tried again, or climbs its ladder."""

    result = fields.Choice(Result)
    note = fields.Text(max_length=LONGEST_NOTE, default="", allow_blank=True)
    try_again_at = fields.Moment(required=False, help_text="Left out: at another hour of the next day.")
    need = fields.YesNo(required=False, help_text="What a recovery check-up found: whether more care is needed.")


class CloseBody(Body):
    """How it ends; some outcomes take a note."""

    outcome = fields.Choice(Outcome)
    note = fields.Text(max_length=LONGEST_NOTE, default="", allow_blank=True)
    need = fields.YesNo(required=False)


class RescheduleBody(Body):
    """Another day; without a time, at the same hour."""

    on = fields.Day()
    at = fields.WallTime(required=False)


class AssignBody(Body):
    """Whose it is; null: nobody's in particular."""

    owner = fields.PublicId(allow_null=True)


class FollowUpsDoor(Door):
    """Follow-ups of the people the caller may see."""

    @operation("list_follow_ups", answers=FollowUpRow, pages=True, filters=FollowUpFilters)
    def get(self, request: Request) -> Response:
        """List them, the earliest due first."""
        rows = _filtered(queries.follow_ups(self.actor), self.filters(FollowUpFilters), self.now)
        return self.page(rows, ("due_at", "id"), self._seen_row, FollowUpFilters)

    def _seen_row(self, row: FollowUp) -> dict[str, Any]:
        self.seen(row.patient.public_id)
        return follow_up_row(row, self.now, self.actor)


def _filtered(rows: QuerySet[FollowUp], given: dict[str, Any], now: datetime) -> QuerySet[FollowUp]:
    for name in ("site", "owner", "patient", "enrollment"):
        if name in given:
            rows = rows.filter(**{f"{name}__public_id": given[name]})
    if "open" in given:
        rows = rows.filter(outcome="") if given["open"] == "true" else rows.exclude(outcome="")
    if "overdue" in given:
        late = overdue(rows, now=now)
        rows = late if given["overdue"] == "true" else rows.exclude(pk__in=late.values("pk"))
    return rows


class OneFollowUp(Door):
    """What the doors of one follow-up share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.follow_up(self.actor, parts["public_id"])

    def answer(self, public_id: UUID) -> Response:
        """The follow-up as it stands now, with its calls."""
        row = queries.follow_up(self.actor, public_id)
        self.seen(row.patient.public_id)
        calls = [call_row(each, self.actor) for each in call_results(row)]
        return self.ok({**follow_up_row(row, self.now, self.actor), "call_results": calls}, etag=etag_of(row))


class FollowUpDoor(OneFollowUp):
    """One follow-up."""

    @operation("read_follow_up", answers=FollowUpDetailRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it with the calls made on it."""
        return self.answer(public_id)


class CallResultsDoor(OneFollowUp):
    """What came of calls."""

    @operation("record_call_result", takes=CallBody, answers=FollowUpDetailRow, status=201, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Record what happened on a call."""
        version, given = self.expected_version(), self.body(CallBody)
        verbs.record_call(by=self.actor, now=self.now, follow_up_id=public_id, expected_version=version, **given)
        answer = self.answer(public_id)
        answer.status_code = 201
        answer["Location"] = reverse("api_follow_up", args=[public_id])
        return answer


class CloseDoor(OneFollowUp):
    """Its end."""

    @operation("close_follow_up", takes=CloseBody, answers=FollowUpDetailRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """End it in its one outcome."""
        version, given = self.expected_version(), self.body(CloseBody)
        verbs.close(by=self.actor, now=self.now, follow_up_id=public_id, expected_version=version, **given)
        return self.answer(public_id)


class RescheduleDoor(OneFollowUp):
    """Its day."""

    @operation("reschedule_follow_up", takes=RescheduleBody, answers=FollowUpDetailRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Move it to another day: its ladder begins again, its old messages are withdrawn."""
        version, given = self.expected_version(), self.body(RescheduleBody)
        verbs.reschedule(by=self.actor, now=self.now, follow_up_id=public_id, expected_version=version, **given)
        return self.answer(public_id)


class AssignDoor(OneFollowUp):
    """Its owner."""

    @operation("assign_follow_up", takes=AssignBody, answers=FollowUpDetailRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Give it to somebody of its site."""
        version, owner = self.expected_version(), self.body(AssignBody)["owner"]
        verbs.assign(by=self.actor, now=self.now, follow_up_id=public_id, owner_id=owner, expected_version=version)
        return self.answer(public_id)


class CallUndoDoor(Door):
    """A call result taken back."""

    @operation("undo_call_result", answers=FollowUpRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take it back within ten minutes, by whoever recorded it."""
        row = verbs.undo_call(by=self.actor, now=self.now, call_id=public_id)
        found = queries.follow_up(self.actor, row.public_id)
        self.seen(found.patient.public_id)
        return self.ok(follow_up_row(found, self.now, self.actor), etag=etag_of(found))


def follow_up_row(row: FollowUp, now: datetime, by: Actor) -> dict[str, Any]:
    """A follow-up as JSON, as `by` reads it; `queries.follow_ups.TOGETHER` must be loaded."""
    today = now.astimezone(ZoneInfo(row.time_zone)).date()
    values: dict[str, Any] = {name: getattr(row, name) for name in SAME_NAME}
    values |= {
        "id": row.public_id,
        "patient": row.patient.public_id,
        "enrollment": row.enrollment.public_id,
        "site": row.site.public_id,
        "instrument": row.instrument or None,
        "overdue": is_overdue(row.due_on, row.window_days, today, closed=bool(row.outcome)),
        "owner": {"id": row.owner.public_id, "name": row.owner.name} if row.owner else None,
        "owner_role": row.owner_role or None,
        "outcome": row.outcome or None,
        "outcome_note": row.outcome_note if reads_words(by, row.closed_by_id) else None,
    }
    return dict(FollowUpRow(values).data)


def call_row(row: CallResult, by: Actor) -> dict[str, Any]:
    """A call as JSON, as `by` reads it."""
    names = ("result", "try_again_at", "made_at", "undone_at")
    values = {name: getattr(row, name) for name in names}
    values["note"] = row.note if reads_words(by, row.made_by_id) else None
    return dict(CallRow({**values, "id": row.public_id, "made_by": row.made_by.name}).data)
