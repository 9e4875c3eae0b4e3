"""How long before a session the people of a site are reminded."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.errors import bad_input, not_found
from clinic.models import Site
from clinic.queries.workplaces import site_for
from clinic.rules.sentences import sentence
from pathways.actions import schedules as verbs
from pathways.models import ReminderSchedule
from pathways.queries.schedules import offsets, schedules_of
from pathways.rules.reminders import MOST_OFFSETS, offset_of, spelled

OTHERS = "every-other"


class ScheduleBody(Body):
    """How long before, each as `7d`, `2h` or `30m`; an empty list reminds nobody."""

    offsets = serializers.ListField(child=fields.Code(max_length=8), max_length=MOST_OFFSETS)


class ScheduleRow(Row):
    """What a site set, for a modality or (`every-other`) for all that are not set by themselves."""

    modality = fields.Code()
    offsets = serializers.ListField(child=fields.Code(), help_text="The longest before the session first.")
    set_at = fields.Moment()
    set_by = fields.Text()
    version = fields.Whole()


class ScheduleListRow(Row):
    """Everything a site set; what is not there follows what is shipped."""

    results = ScheduleRow(many=True)


class AtSite(Door):
    """What the doors of a site's schedules share."""

    def admit(self, request: Request, **parts: Any) -> None:
        self.site(parts["public_id"])

    def site(self, public_id: UUID) -> Site:
        """A site the caller works at. Raises Refused not_found."""
        found = site_for(self.actor, public_id)
        if found is None:
            raise not_found()
        return found

    def kept(self, public_id: UUID, key: str) -> ReminderSchedule | None:
        """What is set there, if anything."""
        return next((each for each in schedules_of(self.site(public_id)) if each.modality == modality_of(key)), None)


class SchedulesDoor(AtSite):
    """What a site set."""

    @operation("list_reminder_schedules", answers=ScheduleListRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Every schedule that is set at the site."""
        return self.ok({"results": [schedule_row(each) for each in schedules_of(self.site(public_id))]})


class ScheduleDoor(AtSite):
    """One of them."""

    @operation("read_reminder_schedule", answers=ScheduleRow)
    def get(self, request: Request, public_id: UUID, key: str) -> Response:
        """404 where nothing is set."""
        row = self.kept(public_id, key)
        if row is None:
            raise not_found()
        return self.ok(schedule_row(row), etag=etag_of(row))

    @operation("set_reminder_schedule", takes=ScheduleBody, answers=ScheduleRow)
    def put(self, request: Request, public_id: UUID, key: str) -> Response:
        """Set it; with `If-Match` where something was set before. Messages planned already follow within minutes."""
        row = verbs.set_schedule(
            by=self.actor, now=self.now, site_id=public_id, modality=modality_of(key),
            offsets=_offsets(self.body(ScheduleBody)["offsets"]), expected_version=self._version(public_id, key),
        )  # fmt: skip
        return self.ok(schedule_row(row), etag=etag_of(row))

    @operation("clear_reminder_schedule", status=204, edits=True)
    def delete(self, request: Request, public_id: UUID, key: str) -> Response:
        """Leave it to what is usual again."""
        verbs.clear_schedule(
            by=self.actor, now=self.now, site_id=public_id, modality=modality_of(key),
            expected_version=self.expected_version(),
        )  # fmt: skip
        return Response(status=204)

    def _version(self, public_id: UUID, key: str) -> int | None:
        known = self.kept(public_id, key) is not None or "If-Match" in self.request.headers
        return self.expected_version() if known else None


def modality_of(key: str) -> str:
    """The modality an address names; "" for every other."""
    return "" if key == OTHERS else key


def _offsets(given: list[str]) -> list[timedelta]:
    try:
        return [offset_of(each) for each in given]
    except ValueError:
        raise bad_input(offsets=sentence("schedule.refused.spelling")) from None


def schedule_row(row: ReminderSchedule) -> dict[str, Any]:
    """A schedule as JSON; `set_by` must be loaded."""
    values = {
        "modality": row.modality or OTHERS,
        "offsets": [spelled(each) for each in offsets(row.offsets_minutes)],
        "set_at": row.set_at,
        "set_by": row.set_by.name,
        "version": row.version,
    }
    return dict(ScheduleRow(values).data)
