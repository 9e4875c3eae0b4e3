"""Sessions: listed, booked, moved, cancelled, documented."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.etags import etag_of
from clinic.api.problems import language_of
from clinic.api.schema import operation
from clinic.api.views import Door
from clinic.errors import bad_input
from clinic.models import Site
from clinic.queries.workplaces import workplaces_of
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions import sessions as verbs
from pathways.actions.sessions import BookedSeries, Came, Move, Person, What
from pathways.api.session_shapes import (
    SessionAmendBody,
    SessionBookBody,
    SessionCancelBody,
    SessionDetailRow,
    SessionDocumentBody,
    SessionFilters,
    SessionMoveBody,
    SessionRow,
    SessionSeriesBody,
    SessionSeriesRow,
    detail_row,
    session_row,
)
from pathways.models import Session
from pathways.queries import sessions as queries
from pathways.rules.sessions import Recurrence

RECURS = ("every_weeks", "weekdays", "starts_on", "ends_on", "starts_time", "minutes")
NAMED = {"leader": "leader_id", "room": "room_id"}


class OneSession(Door):
    """What the doors of one session share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.session(self.actor, parts["public_id"])

    def answer(self, public_id: UUID, status: int = 200) -> Response:
        """The session as it stands now, with its roster."""
        row = queries.session(self.actor, public_id)
        roster = queries.roster(self.actor, row)
        self.seen(*(each.patient.public_id for each in roster.places))
        location = reverse("api_session", args=[public_id]) if status == 201 else None
        return self.ok(detail_row(row, roster, self.actor), status=status, etag=etag_of(row), location=location)


class SessionsDoor(OneSession):
    """Sessions of the sites the caller works at."""

    def admit(self, request: Request, **parts: Any) -> None:
        """A list and a booking name no session."""

    @operation("list_sessions", answers=SessionRow, pages=True, filters=SessionFilters)
    def get(self, request: Request) -> Response:
        """List them, the earliest first."""
        rows = queries.with_taken(self._filtered(queries.sessions(self.actor)))
        return self.page(rows, ("starts_at", "id"), session_row, SessionFilters)

    @operation("book_session", takes=SessionBookBody, answers=SessionDetailRow, status=201)
    def post(self, request: Request) -> Response:
        """Book one session. 409 `session_clash` names who or what is taken at that time."""
        given = self.body(SessionBookBody)
        row = verbs.book(
            by=self.actor,
            now=self.now,
            starts_at=given["starts_at"],
            minutes=given.get("minutes"),
            **booked_with(given),
        )
        return self.answer(row.public_id, status=201)

    def _filtered(self, rows: QuerySet[Session]) -> QuerySet[Session]:
        given = self.filters(SessionFilters)
        for name in ("site", "leader", "room", "series"):
            if name in given:
                rows = rows.filter(**{f"{name}__public_id": given[name]})
        for name, path in (("modality", "modality"), ("status", "status"), ("since", "starts_at__gte"),
                           ("until", "starts_at__lt")):  # fmt: skip
            if name in given:
                rows = rows.filter(**{path: given[name]})
        if "on" in given:
            rows = rows.filter(**queries.between(given["on"], self._site(given)))
        return rows

    def _site(self, given: dict[str, Any]) -> Site:
        """The site whose clock says what a day is."""
        if "site" not in given:
            raise bad_input(site=sentence("refused.required"))
        found = workplaces_of(self.actor).filter(public_id=given["site"]).first()
        if found is None:
            raise bad_input(site=sentence("session.refused.site"))
        return found


def booked_with(given: dict[str, Any]) -> dict[str, Any]:
    """The keywords `book` and `book_series` share."""
    what = What(
        modality=given["modality"],
        kind=given.get("kind"),
        title=given["title"],
        topic=given["topic"],
        mode=given["mode"],
        capacity=given.get("capacity"),
        counts_toward_hours=given.get("counts_toward_hours"),
    )
    people = [Person(each["patient"], each.get("enrollment")) for each in given.get("people", [])]
    return {
        "site_id": given["site"],
        "what": what,
        "leader_id": given.get("leader"),
        "room_id": given.get("room"),
        "people": people,
    }


class SeriesDoor(Door):
    """Sessions that come again."""

    @operation("book_session_series", takes=SessionSeriesBody, answers=SessionSeriesRow, status=201)
    def post(self, request: Request) -> Response:
        """Book every date of a series, or by choice those that are free; 409 names what is in the way of each date."""
        given = self.body(SessionSeriesBody)
        recurs = {name: given[name] for name in RECURS}
        made = verbs.book_series(
            by=self.actor,
            now=self.now,
            when=Recurrence(**(recurs | {"weekdays": tuple(given["weekdays"])})),
            those_that_fit=given["those_that_fit"],
            **booked_with(given),
        )
        return self.ok(_series_row(made, language_of(request._request)), status=201)


def _series_row(made: BookedSeries, language: str) -> dict[str, Any]:
    dates = [{"id": each.public_id, "starts_at": each.starts_at, "ends_at": each.ends_at} for each in made.sessions]
    left = [
        {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "sentence": say(each.sentence, language)}
        for slot, found in made.left_out.items()
        for each in found
    ]
    return dict(SessionSeriesRow({"id": made.series.public_id, "sessions": dates, "left_out": left}).data)


class SessionDoor(OneSession):
    """One session."""

    @operation("read_session", answers=SessionDetailRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it with its roster."""
        return self.answer(public_id)


class SessionMoveDoor(OneSession):
    """Its time, leader and room."""

    @operation("move_session", takes=SessionMoveBody, answers=SessionDetailRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Move it, or say other words about it; its places come along."""
        version, given = self.expected_version(), self.body(SessionMoveBody)
        to = Move(**{NAMED.get(name, name): value for name, value in given.items()})
        verbs.move(by=self.actor, now=self.now, session_id=public_id, to=to, expected_version=version)
        return self.answer(public_id)


class SessionCancelDoor(OneSession):
    """Its end before it began."""

    @operation("cancel_session", takes=SessionCancelBody, answers=SessionDetailRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Cancel it; the places still open go with it."""
        version, given = self.expected_version(), self.body(SessionCancelBody)
        verbs.cancel(by=self.actor, now=self.now, session_id=public_id, expected_version=version, **given)
        return self.answer(public_id)


class SessionDocumentDoor(OneSession):
    """Its account."""

    @operation("document_session", takes=SessionDocumentBody, answers=SessionDetailRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Record in one pass who came and for how long."""
        version, given = self.expected_version(), self.body(SessionDocumentBody)
        verbs.document(by=self.actor, now=self.now, session_id=public_id, expected_version=version, **_account(given))
        return self.answer(public_id)


class SessionAmendDoor(OneSession):
    """Its account, corrected."""

    @operation("amend_session", takes=SessionAmendBody, answers=SessionDetailRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Correct the account with a reason; how it stood before is kept."""
        version, given = self.expected_version(), self.body(SessionAmendBody)
        reason = given.pop("reason")
        verbs.amend(
            by=self.actor, now=self.now, session_id=public_id, reason=reason, expected_version=version,
            **_account(given),
        )  # fmt: skip
        return self.answer(public_id)


def _account(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "came": [Came(each["attendance"], each["minutes"], each["note"]) for each in given["came"]],
        "note": given["note"],
        "lines": {each["attendance"]: each["note"] for each in given.get("missed", [])},
    }
