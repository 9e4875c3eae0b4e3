"""What is owed today, in the order in which the pages show it."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.pagination import link_header, links_of, page_asked
from clinic.api.schema import operation
from clinic.api.serializers import Filters, Row
from clinic.api.views import Door
from clinic.errors import Refused, not_found
from clinic.models import Site
from clinic.queries.workplaces import site_for, workplaces_of
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.queries import saved_views
from pathways.queries.worklist import Dressed, Owed, Staff, choose, dressed, numbers, owed, with_courses
from pathways.rules.holders import Scope
from pathways.rules.saved_views import NOBODY, ViewPage, Wanted
from pathways.rules.worklist import Line, LineGroup, LineKind, LineType, Risk, due_said, place, tally, why_said
from patients.rules.instruments import Severity


class WorklistFilters(Filters):
    """Whose work, where, and of which sort; all given ones hold together. `view` stands for the filters it keeps."""

    scope = fields.Choice(
        Scope, required=False, help_text="`mine` (theirs, and nobody's of their roles), `team` or `site`."
    )
    site = fields.PublicId(required=False, help_text="Left out: the only one, or the first by name.")
    kind = fields.Choice(LineKind, required=False)
    owner = fields.Code(required=False, help_text="The id of the actor who has it today, or `nobody`.")
    program = fields.Code(required=False)
    phase = fields.Code(required=False)
    risk = fields.Choice(Risk, required=False)
    view = fields.PublicId(required=False, help_text="A saved view of Today; other filters are not given beside it.")


class HolderRow(Row):
    id = fields.PublicId()
    name = fields.Text()


class OwedLineRow(Row):
    """One thing owed."""

    group = fields.Choice(LineGroup)
    kind = fields.Choice(LineKind)
    type = fields.Choice(LineType, help_text="What `id` names; of an early warning it is the patient.")
    id = fields.PublicId()
    patient = fields.PublicId(allow_null=True, help_text="Null for work that is about no one person.")
    severity = fields.Choice(Severity, allow_null=True)
    risks = serializers.ListField(child=fields.Choice(Risk))
    due_at = fields.Moment()
    days_late = fields.Whole()
    title = fields.Text()
    why = fields.Text()
    due = fields.Text()
    owner = HolderRow(allow_null=True, help_text="Whose it is today; null: nobody's.")
    owner_role = fields.Code(allow_null=True, help_text="Whose it is where nobody has it.")
    instead_of = HolderRow(allow_null=True, help_text="Who is away and has it otherwise.")
    program = fields.Code(allow_null=True)
    phase = fields.Code(allow_null=True)


class WorklistRow(Row):
    """Today's list of one site, safety first: a page of its lines, and the sums of all of them."""

    site = fields.PublicId()
    scope = fields.Choice(Scope)
    as_of = fields.Moment()
    tally = serializers.DictField(child=fields.Whole())
    numbers = serializers.DictField(child=fields.Whole(), help_text="How many lines each scope holds, unfiltered.")
    cut = fields.YesNo(help_text="Whether the site owes more than one list can hold.")
    lines = OwedLineRow(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class WorklistDoor(Door):
    """Today."""

    @operation("read_worklist", answers=WorklistRow, filters=WorklistFilters, part=True)
    def get(self, request: Request) -> Response:
        """What is owed at a site: in order, each with its reason, a page at a time."""
        given = self.filters(WorklistFilters)
        site, wanted = site_of(self, given.pop("site", None)), self._wanted(given)
        found = owed(self.actor, site, now=self.now)
        chosen = choose(found, wanted)
        kept = {line.key for line in (*chosen.lines, *chosen.to_sign)}
        whole = [line for line in found.lines if line.key in kept]
        part = page_asked(request, whole, place)
        lines, links = part.rows, links_of(request, part)
        found, told = with_courses(found, lines), dressed(found, lines)
        self.seen(*(line.item.patient for line in lines if line.item.patient))
        answer = {
            "site": site.public_id,
            "scope": wanted.scope,
            "as_of": self.now,
            "tally": {group.value: count for group, count in tally(whole).items()},
            "numbers": {scope.value: number for scope, number in numbers(found).items()},
            "cut": found.cut,
            "lines": [line_row(line, told[line.key], found) for line in lines if line.key in told],
            **links,
        }
        return Response(dict(WorklistRow(answer).data), headers=link_header(links))

    def _wanted(self, given: dict[str, Any]) -> Wanted:
        view = given.pop("view", None)
        if view is None:
            return Wanted(**{"scope": Scope.SITE, **given, "owner": _owner(given.get("owner", ""))})
        row = saved_views.view(self.actor, view)
        if given or row.page != ViewPage.TODAY:
            raise Refused("bad_input", sentence("saved_view.refused.beside"), status=422)
        return saved_views.wanted_of(row)


def _owner(given: str) -> str:
    """A public id in its usual spelling, or "nobody"; anything else fits nothing that is there."""
    if given in ("", NOBODY):
        return given
    try:
        return str(UUID(given))
    except ValueError:
        raise Refused(
            "bad_input", sentence("refused.bad_input"), status=422,
            fields={"owner": sentence("saved_view.refused.value")},
        ) from None  # fmt: skip


def site_of(door: Door, public_id: UUID | None) -> Site:
    """The site that is named, or the caller's first by name. Raises Refused: a foreign one, or none at all."""
    if public_id is not None:
        site = site_for(door.actor, public_id)
        if site is None:
            raise not_found()
        return site
    first = workplaces_of(door.actor).order_by("name", "id").first()
    if first is None:
        raise Refused("no_site", sentence("refused.no_site"), status=403)
    return first


def line_row(line: Line, told: Dressed, found: Owed) -> dict[str, Any]:
    """A line as JSON, its sentences in English."""
    item, course, held = line.item, found.course(line), found.held(line)
    return {
        "group": line.group,
        "kind": item.kind,
        "type": item.type,
        "id": item.public_id,
        "patient": item.patient,
        "severity": item.severity,
        "risks": line.risks,
        "due_at": item.due_at,
        "days_late": line.days_late,
        "title": told.title if isinstance(told.title, str) else say(told.title),
        "why": say(why_said(line, told.why)),
        "due": say(due_said(line, found.asked.now)),
        "owner": _holder(found.holder(line)),
        "owner_role": held.role or None,
        "instead_of": _holder(found.instead_of(line)),
        "program": course.program if course else None,
        "phase": (course.phase or None) if course else None,
    }


def _holder(who: Staff | None) -> dict[str, Any] | None:
    return {"id": who.public_id, "name": who.name} if who else None
