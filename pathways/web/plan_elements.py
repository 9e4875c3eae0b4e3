"""The lines of a plan: written, changed, moved, ended, taken up again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import plan_elements
from pathways.models import PlanElement
from pathways.queries import plans as queries
from pathways.rules.plans import ElementStatus, PlanElementKind
from pathways.web.plan_forms import EndForm
from pathways.web.plan_page import Opened, add_place, carried_out, id_of, kind_of, line_form, opened_at


def write(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A new line: its kind, and what it stands under, come with the address."""
    opened = opened_at(request, public_id)
    kind, under = kind_of(opened, request.GET.get("add", "")), id_of(request.GET.get("under", ""))
    form = line_form(opened, kind, data=request.POST)

    def carry_out(given: Mapping[str, Any]) -> None:
        plan_elements.write_element(
            by=opened.reader.actor, now=opened.reader.now, plan_id=public_id, kind=kind, content=form.content,
            parent_id=under,
        )  # fmt: skip

    return carried_out(opened, form, carry_out, add_place(kind, under), "plan.said.added")


def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A line said anew."""
    row, opened = _line(request, public_id)
    form = line_form(opened, PlanElementKind(row.kind), row=row, data=request.POST)

    def carry_out(given: Mapping[str, Any]) -> None:
        plan_elements.change_element(
            by=opened.reader.actor, now=opened.reader.now, element_id=public_id, content=form.content,
            expected_version=given["version"],
        )  # fmt: skip

    return carried_out(opened, form, carry_out, f"edit-{public_id}", "plan.said.changed")


def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A line is complete, or stopped."""
    _row, opened = _line(request, public_id)
    form = EndForm(request.POST, language=opened.reader.language)

    def carry_out(given: Mapping[str, Any]) -> None:
        plan_elements.end_element(
            by=opened.reader.actor, now=opened.reader.now, element_id=public_id,
            status=ElementStatus(given["status"]), progress=given["progress"], expected_version=given["version"],
        )  # fmt: skip

    return carried_out(opened, form, carry_out, f"end-{public_id}", "plan.said.line_ended")


def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A line one place up or down among those beside it."""
    row, opened = _line(request, public_id)
    step = -1 if request.POST.get("step") == "up" else 1
    plan_elements.move_element(
        by=opened.reader.actor, now=opened.reader.now, element_id=public_id,
        position=max(0, queries.place_of(row) + step),
    )  # fmt: skip
    return go_on(request, f"{opened.here}#line-{public_id}", sentence("plan.said.moved"))


def reopen(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A line that had ended is taken up again."""
    _row, opened = _line(request, public_id)
    plan_elements.reopen_element(by=opened.reader.actor, now=opened.reader.now, element_id=public_id)
    return go_on(request, f"{opened.here}#line-{public_id}", sentence("plan.said.reopened"))


def _line(request: HttpRequest, public_id: UUID) -> tuple[PlanElement, Opened]:
    row = queries.element(request.actor, public_id)  # type: ignore[attr-defined]
    return row, opened_at(request, row.plan.public_id)
