"""Safety flags: what is open, taking one; closing is a person's."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.errors import not_found
from clinic.queries.workplaces import workplaces_of
from patients.actions import flags
from patients.api.patients import PeopleDoor
from patients.api.shapes import ClosingBody, FlagFilters, FlagRow
from patients.models import SafetyFlag
from patients.queries import flags as queries
from patients.queries import patients as people

ORDER = ("-rank", "raised_at", "id")


class FlagDoorBase(PeopleDoor):
    """What the doors about one flag share."""

    def admit(self, request: Request, **parts: UUID) -> None:
        if "public_id" in parts:
            queries.get(self.actor, parts["public_id"])

    def one(self, public_id: UUID) -> SafetyFlag:
        found = queries.get(self.actor, public_id)
        self.seen(found.patient.public_id)
        return found

    def told(self, public_id: UUID) -> Response:
        row = self.one(public_id)
        return self.ok(FlagRow(row).data, etag=etag_of(row))


class FlagsDoor(FlagDoorBase):
    """Flags, worst first, then oldest."""

    @operation("list_safety_flags", answers=FlagRow, pages=True, filters=FlagFilters)
    def get(self, request: Request) -> Response:
        """Open ones, unless all are asked for."""
        wanted = self.filters(FlagFilters)
        patient = people.get(self.actor, wanted["patient"]) if "patient" in wanted else None
        site = None
        if "site" in wanted:
            site = workplaces_of(self.actor).filter(public_id=wanted["site"]).first()
            if site is None:
                raise not_found()
        listed = queries.listed(self.actor, patient=patient, site=site, open_only=wanted["state"] == "open")
        return self.page(listed, ORDER, self._row, FlagFilters)

    def _row(self, flag: SafetyFlag) -> dict[str, object]:
        self.seen(flag.patient.public_id)
        return dict(FlagRow(flag).data)


class FlagDoor(FlagDoorBase):
    """One flag."""

    @operation("read_safety_flag", answers=FlagRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """What raised it, who sees to it, what was done."""
        return self.told(public_id)


class TakingDoor(FlagDoorBase):
    """Somebody sees to it."""

    @operation("take_safety_flag", answers=FlagRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take a flag, or take it over."""
        version = self.expected_version()
        flags.take(flag=self.one(public_id), expected_version=version, by=self.actor, now=self.now)
        return self.told(public_id)


class ClosingDoor(FlagDoorBase):
    """Only a person closes a flag."""

    @operation("close_safety_flag", takes=ClosingBody, answers=FlagRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Close a flag with what was done. A program's token is never enough."""
        version, said = self.expected_version(), self.body(ClosingBody)["action_taken"]
        flags.close(flag=self.one(public_id), expected_version=version, action_taken=said, by=self.actor, now=self.now)
        return self.told(public_id)
