"""Early warnings: who may be lost, why, and what it rests on."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.wording import say
from pathways.actions.warnings import note_warnings
from pathways.api.worklist import site_of
from pathways.queries.warnings import early_warnings, warned_people, warnings_of
from pathways.rules.warnings import EarlyWarning, WarningKind
from patients.queries import patients as people


class WarningFilters(Filters):
    site = fields.PublicId(required=False, help_text="Left out: the only one, or the first by name.")


class WarningEvidenceRow(Row):
    """A record a warning rests on."""

    type = fields.Code()
    id = fields.PublicId()
    at = fields.Moment()
    sentence = fields.Text()


class WarningRow(Row):
    """One warning that nobody has noted. `key` names what it rests on: from newer evidence it has another."""

    kind = fields.Choice(WarningKind)
    key = fields.Text()
    since = fields.Moment()
    reason = fields.Text()
    evidence = WarningEvidenceRow(many=True)


class WarnedRow(Row):
    """Somebody, and every warning about them, the gravest first."""

    patient = fields.PublicId()
    warnings = WarningRow(many=True)


class WarnedSiteRow(Row):
    site = fields.PublicId()
    as_of = fields.Moment()
    people = WarnedRow(many=True)


class NotedBody(Body):
    kind = fields.Choice(WarningKind)
    key = fields.Text(max_length=80)


class WarningNotesBody(Body):
    """Which warnings somebody has looked at, and what they noted."""

    warnings = NotedBody(many=True)
    note = fields.Text(max_length=300, default="", allow_blank=True)


class WarningsDoor(Door):
    """Early warnings of a site."""

    @operation("list_warnings", answers=WarnedSiteRow, filters=WarningFilters)
    def get(self, request: Request) -> Response:
        """Everybody at a site about whom there is a warning."""
        site = site_of(self, self.filters(WarningFilters).get("site"))
        found = early_warnings(self.actor, site, now=self.now)
        who = warned_people(found)
        self.seen(*who.values())
        told = [{"patient": who[pk], "warnings": [warning_row(each) for each in found[pk]]} for pk in who]
        return self.ok(dict(WarnedSiteRow({"site": site.public_id, "as_of": self.now, "people": told}).data))


class PatientWarningsDoor(Door):
    """Early warnings about one person."""

    @operation("read_warnings", answers=WarnedRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """What there is, and what it rests on."""
        return answer(self, public_id)


class WarningNotesDoor(Door):
    """Early warnings somebody has looked at."""

    def admit(self, request: Request, **parts: Any) -> None:
        people.get(self.actor, parts["public_id"])

    @operation("note_warnings", takes=WarningNotesBody, answers=WarnedRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Note them: each stays away until there is something new."""
        given = self.body(WarningNotesBody)
        named = [(each["kind"], each["key"]) for each in given["warnings"]]
        note_warnings(by=self.actor, now=self.now, patient_id=public_id, warnings=named, note=given["note"])
        return answer(self, public_id)


def answer(door: Door, public_id: UUID) -> Response:
    """What there is about somebody now."""
    patient = people.get(door.actor, public_id)
    door.seen(public_id)
    found = warnings_of(door.actor, patient, now=door.now)
    told = {"patient": public_id, "warnings": [warning_row(each) for each in found]}
    return door.ok(dict(WarnedRow(told).data))


def warning_row(warning: EarlyWarning) -> dict[str, Any]:
    """A warning as JSON, its sentences in English."""
    return {
        "kind": warning.kind,
        "key": warning.key,
        "since": warning.at,
        "reason": say(warning.reason),
        "evidence": [
            {"type": each.type, "id": each.public_id, "at": each.at, "sentence": say(each.sentence)}
            for each in warning.evidence
        ],
    }
