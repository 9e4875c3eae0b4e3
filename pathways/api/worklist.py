"""What is owed today, in the order in which the pages show it."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Filters, Row
from clinic.api.views import Door
from clinic.errors import Refused, not_found
from clinic.models import Site
from clinic.queries.workplaces import site_for, workplaces_of
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.models import EvidenceReview, FollowUp, LevelOfCareAssessment, OverrideRequest, Reminder, ReturnToUse
from pathways.queries.worklist import Owed, Scope, Subject, owed
from pathways.rules.worklist import Line, LineGroup, LineKind, Risk, tally
from patients.models import SafetyFlag
from patients.rules.instruments import Severity

TYPES: dict[type, str] = {
    EvidenceReview: "evidence_review",
    FollowUp: "follow_up",
    SafetyFlag: "safety_flag",
    OverrideRequest: "override_request",
    LevelOfCareAssessment: "level_of_care_assessment",
    Reminder: "reminder",
    ReturnToUse: "return_to_use",
}


class WorklistFilters(Filters):
    """Whose work, and where."""

    scope = fields.Choice(Scope, required=False, help_text="`mine` (theirs, and nobody's of their roles) or `site`.")
    site = fields.PublicId(required=False, help_text="Left out: the only one, or the first by name.")


class LineRow(Row):
    """One thing owed."""

    group = fields.Choice(LineGroup)
    kind = fields.Choice(LineKind)
    type = serializers.ChoiceField(sorted(TYPES.values()), help_text="What `id` names.")
    id = fields.PublicId()
    patient = fields.PublicId()
    severity = fields.Choice(Severity, allow_null=True)
    risks = serializers.ListField(child=fields.Choice(Risk))
    due_at = fields.Moment()
    days_late = fields.Whole()
    why = fields.Text()
    due = fields.Text()


class WorklistRow(Row):
    """Today's list of one site, safety first."""

    site = fields.PublicId()
    scope = fields.Choice(Scope)
    as_of = fields.Moment()
    tally = serializers.DictField(child=fields.Whole())
    cut = fields.YesNo(help_text="Whether the site owes more than one list can hold.")
    lines = LineRow(many=True)


class WorklistDoor(Door):
    """Today."""

    @operation("read_worklist", answers=WorklistRow, filters=WorklistFilters)
    def get(self, request: Request) -> Response:
        """What is owed at a site: in order, each with its reason."""
        given = self.filters(WorklistFilters)
        site, scope = self._site(given.get("site")), given.get("scope", Scope.SITE)
        found = owed(self.actor, site, scope, now=self.now)
        self.seen(*(line.item.patient for line in found.lines))
        answer = {
            "site": site.public_id,
            "scope": scope,
            "as_of": self.now,
            "tally": {group.value: count for group, count in tally(found.lines).items()},
            "cut": found.cut,
            "lines": [line_row(line, found) for line in found.lines],
        }
        return self.ok(dict(WorklistRow(answer).data))

    def _site(self, public_id: UUID | None) -> Site:
        if public_id is not None:
            site = site_for(self.actor, public_id)
            if site is None:
                raise not_found()
            return site
        first = workplaces_of(self.actor).order_by("name", "id").first()
        if first is None:
            raise Refused("no_site", sentence("refused.no_site"), status=403)
        return first


def line_row(line: Line, found: Owed) -> dict[str, Any]:
    """A line as JSON, its sentences in English."""
    item = line.item
    return {
        "group": line.group,
        "kind": item.kind,
        "type": type_of(found.subject(line)),
        "id": item.public_id,
        "patient": item.patient,
        "severity": item.severity,
        "risks": line.risks,
        "due_at": item.due_at,
        "days_late": line.days_late,
        "why": say(line.why),
        "due": say(line.due),
    }


def type_of(subject: Subject) -> str:
    """The word for what stands behind a line."""
    return TYPES[type(subject)]
