"""Plans: opened, looked at together, signed, closed; and the recovery plan as a page to keep."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import not_found
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import plans
from pathways.queries import plans as queries
from pathways.rules.plans import PlanKind, PlanSigner, SigningMethod
from pathways.web.places import reader_of
from pathways.web.plan_forms import ReviewForm, SignForm, WordsForm
from pathways.web.plan_page import asked, carried_out, opened_at, page, sections


def open_plan(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    """Begin a plan of this kind."""
    reader = reader_of(request)
    if kind not in list(PlanKind):
        raise not_found()
    row = plans.open_plan(by=reader.actor, now=reader.now, enrollment_id=public_id, kind=PlanKind(kind))
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return go_on(request, reverse("plan", args=[row.public_id]), sentence("plan.said.opened", kind=PlanKind(kind)))


def plan(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The plan; `edit`, `end`, `add` (with `under`) or `form` in the address unfold a form in its place."""
    opened = opened_at(request, public_id)
    return page(opened, asked(opened) if opened.writable else None)


def keep(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The recovery plan as one page to print and hand over: no word on it tells where it comes from."""
    opened = opened_at(request, public_id)
    if opened.kind is not PlanKind.RECOVERY:
        raise not_found()
    found = queries.shown([opened.row], now=opened.reader.now)[0]
    filled = [each for each in sections(found) if each["lines"]]
    context = {"plan": opened.row, "patient": opened.row.patient, "sections": filled, "back": opened.here}
    return render(request, "pathways/plans/keep.html", context)


def words(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What matters most, in the patient's own words."""
    opened, form = opened_at(request, public_id), WordsForm(request.POST)

    def carry_out(given: Mapping[str, Any]) -> None:
        plans.set_own_words(
            by=opened.reader.actor, now=opened.reader.now, plan_id=public_id, own_words=given["own_words"],
            expected_version=given["version"],
        )  # fmt: skip

    return carried_out(opened, form, carry_out, "words", "plan.said.changed")


def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The plan was looked at together."""
    opened, form = opened_at(request, public_id), ReviewForm(request.POST)

    def carry_out(given: Mapping[str, Any]) -> None:
        plans.review_plan(
            by=opened.reader.actor, now=opened.reader.now, plan_id=public_id, note=given["note"],
            next_review_on=given["next_review_on"], expected_version=given["version"],
        )  # fmt: skip

    return carried_out(opened, form, carry_out, "review", "plan.said.reviewed")


def sign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A name is put to the plan as the page showed it."""
    opened = opened_at(request, public_id)
    form = SignForm(request.POST, language=opened.reader.language)

    def carry_out(given: Mapping[str, Any]) -> None:
        plans.sign_plan(
            by=opened.reader.actor, now=opened.reader.now, plan_id=public_id, signer=PlanSigner(given["signer"]),
            name=given["name"], method=SigningMethod(given["method"]), expected_version=given["version"],
        )  # fmt: skip

    return carried_out(opened, form, carry_out, "sign", "plan.said.signature")


def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The plan stays as it was; another may be opened."""
    reader = reader_of(request)
    row = plans.close_plan(by=reader.actor, now=reader.now, plan_id=public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return go_on(request, reverse("plan", args=[public_id]), sentence("plan.said.closed"))
