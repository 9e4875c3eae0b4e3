"""Reminders: what goes out, what went, what did not and why. Only a person may say what became of an unclear one."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.wording import say
from pathways.actions import reminders as verbs
from pathways.models import Attempt, Reminder
from pathways.queries import messages as queries
from pathways.rules.links import masked
from pathways.rules.reminders import OutcomeKind, ReminderStatus
from patients.rules.contact import Channel


class ReminderFilters(Filters):
    """What is listed; all given ones hold together."""

    site = fields.PublicId(required=False)
    patient = fields.PublicId(required=False)
    follow_up = fields.PublicId(required=False)
    attendance = fields.PublicId(required=False, help_text="A place in a session.")
    status = fields.Choice(ReminderStatus, required=False)
    channel = fields.Choice(Channel, required=False)


class ReminderRow(Row):
    """A message that goes out once, or did not and why."""

    id = fields.PublicId()
    patient = fields.PublicId()
    follow_up = fields.PublicId(allow_null=True, help_text="The contact it is about; it is about one of the three.")
    attendance = fields.PublicId(allow_null=True, help_text="The place in a session it reminds of.")
    reply = fields.PublicId(allow_null=True, help_text="The reply it acknowledges.")
    contact_point = fields.PublicId()
    channel = fields.Choice(Channel)
    template = fields.Code()
    language = fields.Code()
    due_at = fields.Moment()
    next_at = fields.Moment(help_text="When it is next tried; while uncertain, next asked about.")
    status = fields.Choice(ReminderStatus)
    status_at = fields.Moment()
    reason_code = fields.Code(allow_null=True)
    reason = fields.Text(allow_null=True, help_text="Why it stands where it stands, in words.")
    needs_person = fields.YesNo()
    tries = fields.Whole()


class AttemptRow(Row):
    """One try, its words as sent."""

    id = fields.PublicId(help_text="The reference the provider was given.")
    number = fields.Whole()
    provider = fields.Code()
    address = fields.Text()
    subject = fields.Text()
    text = fields.Text(help_text="The token of a patient's link is hidden; empty once retention has let the words go.")
    started_at = fields.Moment()
    finished_at = fields.Moment(allow_null=True)
    outcome = fields.Choice(OutcomeKind, allow_null=True)
    purged_at = fields.Moment(allow_null=True)
    provider_id = fields.Text()
    detail_code = fields.Text()


class ReminderDetailRow(ReminderRow):
    attempts = AttemptRow(many=True)


class DecideBody(Body):
    """What a person found out."""

    arrived = fields.YesNo()


class MissedBody(Body):
    """A person's decision on a message that fell due while messages were paused."""

    send = fields.YesNo()


class RemindersDoor(Door):
    """Reminders to the people the caller may see."""

    @operation("list_reminders", answers=ReminderRow, pages=True, filters=ReminderFilters)
    def get(self, request: Request) -> Response:
        """List them, the latest due first."""
        rows = _filtered(queries.messages(self.actor), self.filters(ReminderFilters))
        return self.page(rows, queries.ORDER, self._seen_row, ReminderFilters)

    def _seen_row(self, row: Reminder) -> dict[str, Any]:
        self.seen(row.patient.public_id)
        return reminder_row(row)


def _filtered(rows: QuerySet[Reminder], given: dict[str, Any]) -> QuerySet[Reminder]:
    paths = {
        "site": "site__public_id",
        "patient": "patient__public_id",
        "follow_up": "follow_up__public_id",
        "attendance": "attendance__public_id",
        "status": "status",
        "channel": "channel",
    }
    return rows.filter(**{path: given[name] for name, path in paths.items() if name in given})


class OneReminder(Door):
    """What the doors of one reminder share."""

    def detail(self, public_id: UUID) -> dict[str, Any]:
        """The reminder with its tries."""
        row = queries.message(self.actor, public_id)
        self.seen(row.patient.public_id)
        return {**reminder_row(row), "attempts": [attempt_row(each) for each in queries.attempts(row)]}


class ReminderDoor(OneReminder):
    """One reminder."""

    @operation("read_reminder", answers=ReminderDetailRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it with every try to send it."""
        return self.ok(self.detail(public_id))


class DecideDoor(OneReminder):
    """The word of a person on a message nobody was sure about."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.message(self.actor, parts["public_id"])

    @operation("decide_reminder", takes=DecideBody, answers=ReminderDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say whether an uncertain message arrived. It is never sent again by itself."""
        arrived = self.body(DecideBody)["arrived"]
        verbs.decide_uncertain(by=self.actor, now=self.now, reminder_id=public_id, arrived=arrived)
        return self.ok(self.detail(public_id))


class MissedDoor(OneReminder):
    """The word of a person on a message that fell due while messages were paused."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.message(self.actor, parts["public_id"])

    @operation("decide_missed_reminder", takes=MissedBody, answers=ReminderDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say whether it still goes. If so it is asked once more whether it may."""
        send = self.body(MissedBody)["send"]
        verbs.decide_missed(by=self.actor, now=self.now, reminder_id=public_id, send=send)
        return self.ok(self.detail(public_id))


class ToldDoor(OneReminder):
    """The word of a person who told somebody that the time their message says no longer holds."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.message(self.actor, parts["public_id"])

    @operation("tell_reminder", answers=ReminderDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say that they have been told; from now on nobody has to see to it."""
        verbs.record_told(by=self.actor, now=self.now, reminder_id=public_id)
        return self.ok(self.detail(public_id))


def reminder_row(row: Reminder) -> dict[str, Any]:
    """A reminder as JSON; `queries.messages.TOGETHER` must be loaded."""
    why = queries.why(row)
    names = ("channel", "template", "language", "due_at", "next_at", "status", "status_at", "needs_person", "tries")
    values = {name: getattr(row, name) for name in names}
    values |= {
        "id": row.public_id,
        "patient": row.patient.public_id,
        "follow_up": row.follow_up.public_id if row.follow_up else None,
        "attendance": row.attendance.public_id if row.attendance else None,
        "reply": row.reply.public_id if row.reply else None,
        "contact_point": row.contact_point.public_id,
        "reason_code": row.status_code or None,
        "reason": say(why) if why else None,
    }
    return dict(ReminderRow(values).data)


def attempt_row(row: Attempt) -> dict[str, Any]:
    """A try as JSON."""
    names = ("number", "provider", "address", "subject", "started_at", "finished_at", "provider_id",
             "purged_at")  # fmt: skip
    values = {name: getattr(row, name) for name in names}
    own = {
        "id": row.public_id,
        "text": masked(row.text),
        "outcome": row.outcome or None,
        "detail_code": row.detail_code,
    }
    return dict(AttemptRow({**values, **own}).data)
