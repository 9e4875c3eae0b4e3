"""Replies: what people wrote back, what it did, and what a person does about it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from pathways.actions import replies as verbs
from pathways.models import Reply
from pathways.queries import replies as queries
from pathways.rules.links import masked
from pathways.rules.replies import BY_A_PERSON, Handling, Intent, ReplyChannel, ReplyEffect

YES_NO = [("true", "true"), ("false", "false")]


class ReplyFilters(Filters):
    """What is listed; all given ones hold together."""

    site = fields.PublicId(required=False)
    patient = fields.PublicId(required=False)
    intent = fields.Choice(Intent, required=False)
    channel = fields.Choice(ReplyChannel, required=False)
    waiting = serializers.ChoiceField(YES_NO, required=False, help_text="`true`: a person has to see to it still.")


class ReplyRow(Row):
    """Something a person wrote. `patient` is null while it is not known who did."""

    id = fields.PublicId()
    site = fields.PublicId(allow_null=True)
    patient = fields.PublicId(allow_null=True)
    contact_point = fields.PublicId(allow_null=True)
    follow_up = fields.PublicId(allow_null=True, help_text="What the message it answers was about.")
    attendance = fields.PublicId(allow_null=True, help_text="What the message it answers was about.")
    attempt = fields.PublicId(allow_null=True, help_text="The reference of the message it answers.")
    channel = fields.Choice(ReplyChannel)
    address = fields.Text(help_text="Who wrote.")
    text = fields.Text(help_text="Their words; empty once they are kept no longer.")
    language = fields.Code()
    intent = fields.Choice(Intent)
    effect = fields.Choice(ReplyEffect)
    needs_person = fields.YesNo()
    urgent = fields.YesNo(help_text="Words of danger are in it: somebody looks at once.")
    received_at = fields.Moment()
    handling = fields.Choice(Handling, allow_null=True)
    handling_note = fields.Text()
    handled_at = fields.Moment(allow_null=True)
    handled_by = fields.Text(allow_null=True)
    version = fields.Whole()


class HandleBody(Body):
    """What was done about it."""

    handling = serializers.ChoiceField([(each.value, each.value) for each in BY_A_PERSON])
    note = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)


class AskToCallBody(Body):
    """What is kept about it."""

    note = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)


class AssignReplyBody(Body):
    """Who wrote."""

    patient = fields.PublicId()


class RepliesDoor(Door):
    """Replies of people the caller may see, and those to their sites whose sender is not known."""

    @operation("list_replies", answers=ReplyRow, pages=True, filters=ReplyFilters)
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        rows = _filtered(queries.replies(self.actor), self.filters(ReplyFilters))
        return self.page(rows, queries.ORDER, self._seen_row, ReplyFilters)

    def _seen_row(self, row: Reply) -> dict[str, Any]:
        if row.patient is not None:
            self.seen(row.patient.public_id)
        return reply_row(row)


def _filtered(rows: QuerySet[Reply], given: dict[str, Any]) -> QuerySet[Reply]:
    paths = {"site": "site__public_id", "patient": "patient__public_id", "intent": "intent", "channel": "channel"}
    rows = rows.filter(**{path: given[name] for name, path in paths.items() if name in given})
    if "waiting" not in given:
        return rows
    waiting = queries.that_wait(rows)
    return waiting if given["waiting"] == "true" else rows.exclude(pk__in=waiting.values("pk"))


class OneReply(Door):
    """What the doors of one reply share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.reply(self.actor, parts["public_id"])

    def answer(self, public_id: UUID) -> Response:
        """The reply as it stands now."""
        row = queries.reply(self.actor, public_id)
        if row.patient is not None:
            self.seen(row.patient.public_id)
        return self.ok(reply_row(row), etag=etag_of(row))


class ReplyDoor(OneReply):
    """One reply."""

    @operation("read_reply", answers=ReplyRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it."""
        return self.answer(public_id)


class HandleReplyDoor(OneReply):
    """Somebody has seen to it."""

    @operation("handle_reply", takes=HandleBody, answers=ReplyRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say what was done about it. Automatic messages to the person may go again."""
        version, given = self.expected_version(), self.body(HandleBody)
        verbs.handle(
            by=self.actor, now=self.now, reply_id=public_id, handling=Handling(given["handling"]), note=given["note"],
            expected_version=version,
        )  # fmt: skip
        return self.answer(public_id)


class AskToCallDoor(OneReply):
    """They are asked to call."""

    @operation("ask_to_call", takes=AskToCallBody, answers=ReplyRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Ask them, on the channel they wrote on, to call the clinic. That is what was done about the reply."""
        version, note = self.expected_version(), self.body(AskToCallBody)["note"]
        verbs.ask_to_call(by=self.actor, now=self.now, reply_id=public_id, note=note, expected_version=version)
        return self.answer(public_id)


class AssignReplyDoor(OneReply):
    """It is known who wrote."""

    @operation("assign_reply", takes=AssignReplyBody, answers=ReplyRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say who wrote, where several people or nobody known has the address. What it asks for is done for them."""
        version, patient = self.expected_version(), self.body(AssignReplyBody)["patient"]
        verbs.assign(by=self.actor, now=self.now, reply_id=public_id, patient_id=patient, expected_version=version)
        return self.answer(public_id)


def reply_row(row: Reply) -> dict[str, Any]:
    """A reply as JSON; `queries.replies.TOGETHER` must be loaded."""
    names = (
        "channel", "address", "language", "intent", "effect", "needs_person", "urgent", "received_at",
        "handling_note", "handled_at", "version",
    )  # fmt: skip
    values = {name: getattr(row, name) for name in names}
    links = ("site", "patient", "contact_point", "follow_up", "attendance")
    values |= {name: each.public_id if (each := getattr(row, name)) is not None else None for name in links}
    values |= {
        "id": row.public_id,
        "text": masked(row.text),
        "attempt": row.attempt_reference,
        "handling": row.handling or None,
        "handled_by": row.handled_by.name if row.handled_by is not None else None,
    }
    return dict(ReplyRow(values).data)
