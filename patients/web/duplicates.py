"""Two records that may be one person, side by side, for somebody who may decide."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from patients.actions import duplicates as verbs
from patients.models import PossibleDuplicate
from patients.queries import patients as people

MOST = 100


def duplicates(request: HttpRequest) -> HttpResponse:
    """Every pair that waits for a decision and of which one sees both."""
    rows = list(people.open_duplicates(request.actor)[:MOST])  # type: ignore[attr-defined]
    for row in rows:
        request.seen.update([row.patient.public_id, row.other.public_id])  # type: ignore[attr-defined]
    return render(request, "patients/duplicates.html", {"rows": [(row, _reasons(row)) for row in rows]})


def duplicate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One pair; a POST decides."""
    row = people.duplicate(request.actor, public_id)  # type: ignore[attr-defined]
    if request.method == "POST":
        decision = request.POST.get("decision", "")
        verbs.decide_duplicate(duplicate=row, decision=decision, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
        messages.success(request, _("Your decision is recorded. It can be taken back."))
        return go_on(request, reverse("duplicate", args=[public_id]))
    pair = [people.detail(request.actor, each.public_id) for each in (row.other, row.patient)]  # type: ignore[attr-defined]
    request.seen.update(each.public_id for each in pair)  # type: ignore[attr-defined]
    return render(request, "patients/duplicate.html", {"row": row, "pair": pair, "reasons": _reasons(row)})


def _reasons(row: PossibleDuplicate) -> list[object]:
    return [sentence(code) for code in row.reasons]
