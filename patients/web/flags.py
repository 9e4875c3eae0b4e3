"""Safety flags: what is open, who sees to it, what was done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.errors import Refused, bad_input
from clinic.rules.sentences import sentence
from clinic.web.forms import add_refusal
from clinic.web.pages import go_on
from patients.actions import flags as verbs
from patients.models import SafetyFlag
from patients.queries import flags as queries
from patients.web.forms import FlagForm, VersionForm

MOST = 200


def flags(request: HttpRequest) -> HttpResponse:
    """Every open flag at one's sites, worst first."""
    found = list(queries.listed(request.actor)[:MOST])  # type: ignore[attr-defined]
    request.seen.update(each.patient.public_id for each in found)  # type: ignore[attr-defined]
    return render(request, "patients/flags.html", {"rows": [_shown(each) for each in found]})


def flag(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One flag, and what can be done about it."""
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    return _page(request, row, FlagForm(initial={"version": row.version}))


def take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The person sees to it."""
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise bad_input(version=sentence("refused.required"))
    verbs.take(flag=row, expected_version=form.cleaned_data["version"], by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("You see to this flag now."))
    return go_on(request, reverse("flag", args=[public_id]))


def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was done, and that it is enough."""
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    form = FlagForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    given = form.cleaned_data
    try:
        verbs.close(
            flag=row, expected_version=given["version"], action_taken=given["action_taken"],
            by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
    except Refused as refused:
        add_refusal(form, refused)
        return _page(request, row, form, status=refused.status)
    messages.success(request, _("The flag is closed."))
    return go_on(request, reverse("flag", args=[public_id]))


def _page(request: HttpRequest, row: SafetyFlag, form: FlagForm, status: int = 200) -> HttpResponse:
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return render(request, "patients/flag.html", {**_shown(row), "form": form}, status=status)


def _shown(row: SafetyFlag) -> dict[str, Any]:
    return {"flag": row, "patient": row.patient, "cause": queries.cause_of(row)}
