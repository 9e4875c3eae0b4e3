"""The waitlist: who comes next, what is offered, and what became of it."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from pathways.actions import waits as verbs
from pathways.api.enrollments import EnrollmentRow, SetAsideBody, enrollment_row, language_of, set_aside_of
from pathways.models import PlaceOffer, WaitlistEntry
from pathways.queries import waits as queries
from pathways.queries.enrollments import enrollment
from pathways.queries.narrative import reads_words
from pathways.rules.capacity import (
    DeclineReason,
    OfferAnswer,
    PlaceKind,
    WaitPriority,
    WaitReason,
    WaitStatus,
    days_waited,
)
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason

NOTE = verbs.NOTE_LIMIT


class WaitBody(Body):
    """Who waits, for what, and why."""

    patient = fields.PublicId()
    program = fields.Code()
    site = fields.PublicId(required=False)
    level = fields.Choice(Level, required=False, allow_null=True)
    kind = fields.Choice(PlaceKind, default=PlaceKind.PLACE)
    priority = fields.Choice(WaitPriority, default=WaitPriority.ROUTINE)
    reason = fields.Choice(WaitReason, default=WaitReason.NO_PLACE)
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)


class WaitChangeBody(Body):
    priority = fields.Choice(WaitPriority)
    reason = fields.Choice(WaitReason)
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)


class OfferBody(Body):
    """Until when the place is held; where nothing is free, why it is offered all the same."""

    expires_at = fields.Moment()
    despite_full = fields.Text(max_length=NOTE, default="", allow_blank=True)


class AcceptBody(Body):
    counselor = fields.PublicId(required=False)
    effective_at = fields.Moment(required=False)
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)
    set_aside = SetAsideBody(required=False)


class DeclineBody(Body):
    reason = fields.Choice(DeclineReason)
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)


class TakeBackBody(Body):
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)


class WithdrawBody(Body):
    """Why somebody no longer waits: the enrollment ends with it."""

    reason = fields.Choice(DischargeReason)
    note = fields.Text(max_length=NOTE, default="", allow_blank=True)


class WaitFilters(Filters):
    site = fields.PublicId(required=False)
    program = fields.Code(required=False)
    patient = fields.PublicId(required=False)
    open = serializers.ChoiceField(choices=["true", "false"], required=False)


class OfferRow(Row):
    """A place that was offered; `answer` is null while it is open."""

    id = fields.PublicId()
    offered_at = fields.Moment()
    offered_by = fields.Text()
    expires_at = fields.Moment()
    answer = fields.Choice(OfferAnswer, allow_null=True)
    decline_reason = fields.Choice(DeclineReason, allow_null=True)
    note = fields.Narrative()
    answered_at = fields.Moment(allow_null=True)
    answered_by = fields.Text(allow_null=True)


class WaitRow(Row):
    """Somebody in line, with every place that was offered."""

    id = fields.PublicId()
    enrollment = fields.PublicId()
    patient = fields.PublicId()
    site = fields.PublicId()
    program = fields.Code()
    level = fields.Choice(Level, allow_null=True)
    kind = fields.Choice(PlaceKind)
    priority = fields.Choice(WaitPriority)
    reason = fields.Choice(WaitReason)
    note = fields.Narrative()
    status = fields.Choice(WaitStatus)
    waiting_since = fields.Moment()
    days_waited = fields.Whole()
    ended_at = fields.Moment(allow_null=True)
    offers = OfferRow(many=True)
    version = fields.Whole()


class WaitsDoor(Door):
    """The waitlist of the sites the caller works at."""

    @operation("list_waits", answers=WaitRow, pages=True, filters=WaitFilters)
    def get(self, request: Request) -> Response:
        """In order: by priority, then the longest wait."""
        given = self.filters(WaitFilters)
        rows = queries.waits(self.actor).prefetch_related(_offers())
        for name in ("site", "patient"):
            if name in given:
                path = "enrollment__patient" if name == "patient" else name
                rows = rows.filter(**{f"{path}__public_id": given[name]})
        if "program" in given:
            rows = rows.filter(program__key=given["program"])
        if "open" in given:
            rows = rows.filter(ended_at__isnull=given["open"] == "true")
        return self.page(rows, queries.ORDER, self._seen_row, WaitFilters)

    @operation("put_on_waitlist", takes=WaitBody, answers=WaitRow, status=201)
    def post(self, request: Request) -> Response:
        """Put somebody in line: their enrollment is waitlisted until they begin."""
        given = self.body(WaitBody)
        row = verbs.put_on_waitlist(
            by=self.actor,
            now=self.now,
            patient_id=given["patient"],
            program_key=given["program"],
            site_id=given.get("site"),
            level=given.get("level"),
            **{name: given[name] for name in ("kind", "priority", "reason", "note")},
        )
        return answer_wait(self, row.public_id, 201, reverse("api_wait", args=[row.public_id]))

    def _seen_row(self, row: WaitlistEntry) -> dict[str, Any]:
        self.seen(row.enrollment.patient.public_id)
        return wait_row(row, self)


class OneWaitDoor(Door):
    """What the doors of one wait share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.wait(self.actor, parts["public_id"])


class WaitDoor(OneWaitDoor):
    """One wait."""

    @operation("read_wait", answers=WaitRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it with every offer."""
        return answer_wait(self, public_id)

    @operation("change_wait", takes=WaitChangeBody, answers=WaitRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """How urgent, and why; the day they began to wait stays."""
        version, given = self.expected_version(), self.body(WaitChangeBody)
        verbs.change_wait(by=self.actor, now=self.now, wait_id=public_id, expected_version=version, **given)
        return answer_wait(self, public_id)


class OffersDoor(OneWaitDoor):
    """Places offered in one wait."""

    @operation("offer_place", takes=OfferBody, answers=WaitRow, status=201, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Offer a place and hold it; 409 where nothing is free."""
        version, given = self.expected_version(), self.body(OfferBody)
        verbs.offer_place(by=self.actor, now=self.now, wait_id=public_id, expected_version=version, **given)
        return answer_wait(self, public_id, 201)


class WithdrawDoor(OneWaitDoor):
    """The end of a wait."""

    @operation("withdraw_wait", takes=WithdrawBody, answers=WaitRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Nobody waits any longer: the enrollment ends as left."""
        version, given = self.expected_version(), self.body(WithdrawBody)
        verbs.withdraw(by=self.actor, now=self.now, wait_id=public_id, expected_version=version, **given)
        return answer_wait(self, public_id)


class OneOfferDoor(Door):
    """What the doors of one offer share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.offer(self.actor, parts["public_id"])

    def answer(self, public_id: UUID) -> Response:
        """The wait it belongs to, as it stands now."""
        return answer_wait(self, queries.offer(self.actor, public_id).wait.public_id)


class OfferAcceptDoor(OneOfferDoor):
    """A place taken."""

    @operation("accept_offer", takes=AcceptBody, answers=EnrollmentRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Admit the person through the entry gate; answers with the enrollment that begins."""
        given = self.body(AcceptBody)
        began = verbs.accept_offer(
            by=self.actor,
            now=self.now,
            offer_id=public_id,
            counselor_id=given.get("counselor"),
            effective_at=given.get("effective_at"),
            note=given["note"],
            set_aside=set_aside_of(given),
            language=language_of(self),
        )
        row = enrollment(self.actor, began.enrollment.public_id)
        self.seen(row.patient.public_id)
        return self.ok(enrollment_row(row), etag=etag_of(row))


class OfferDeclineDoor(OneOfferDoor):
    """A place not taken."""

    @operation("decline_offer", takes=DeclineBody, answers=WaitRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Not this time: the place in line is kept."""
        verbs.decline_offer(by=self.actor, now=self.now, offer_id=public_id, **self.body(DeclineBody))
        return self.answer(public_id)


class OfferTakeBackDoor(OneOfferDoor):
    """An offer taken back."""

    @operation("take_back_offer", takes=TakeBackBody, answers=WaitRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """The clinic takes it back: the place in line is kept."""
        verbs.take_back_offer(by=self.actor, now=self.now, offer_id=public_id, **self.body(TakeBackBody))
        return self.answer(public_id)


def _offers() -> Prefetch:
    return Prefetch("offers", queries.offers_shown())


def answer_wait(door: Door, public_id: UUID, status: int = 200, location: str | None = None) -> Response:
    """The wait as it stands now."""
    row = queries.wait(door.actor, public_id)
    door.seen(row.enrollment.patient.public_id)
    return door.ok(wait_row(row, door), status=status, etag=etag_of(row), location=location)


def wait_row(row: WaitlistEntry, door: Door) -> dict[str, Any]:
    """A wait as JSON."""
    names = ("kind", "priority", "reason", "status", "waiting_since", "ended_at", "version")
    reads = reads_words(door.actor)
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "patient": row.enrollment.patient.public_id,
        "site": row.site.public_id,
        "program": row.program.key,
        "level": row.level or None,
        "days_waited": days_waited(row.waiting_since, row.ended_at or door.now, row.site.zone),
        "note": row.note if reads else None,
        "offers": [_offer(each, reads) for each in row.offers.all()],
    }


def _offer(row: PlaceOffer, reads: bool) -> dict[str, Any]:
    names = ("offered_at", "expires_at", "answered_at")
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.public_id,
        "offered_by": row.offered_by.name,
        "note": row.note if reads else None,
        "answer": row.answer or None,
        "decline_reason": row.decline_reason or None,
        "answered_by": row.answered_by.name if row.answered_by else None,
    }
