"""The people of one's sites, each with where they are on their way: list and search; and one of them put right."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.errors import Refused, not_found
from clinic.models import Site
from clinic.queries.pages import page
from clinic.rules.sentences import sentence
from clinic.web.forms import add_refusal
from clinic.web.pages import go_on
from pathways.actions import people as verbs
from pathways.queries.people import places
from patients.models import Patient
from patients.queries import patients as queries
from patients.rules.age import age_on
from patients.web.forms import CorrectionForm

ROWS = 50
ORDER = ("family_name", "given_name", "id")


def people(request: HttpRequest) -> HttpResponse:
    """Everybody at one's sites, by name. Takes no parameter that names a person (decisions.md 17)."""
    unknown = request.GET.keys() - {"cursor", "site"}
    if unknown:
        raise Refused("search_by_post", sentence("refused.search_by_post"), status=400)
    site = _site(request, request.GET.get("site", ""))
    binding = f"patients {site.public_id if site else ''}"
    listed = queries.listed(request.actor, site=site)  # type: ignore[attr-defined]
    found = page(listed, ORDER, request.GET.get("cursor") or None, ROWS, binding)
    context = {
        "rows": _rows(request, found.rows),
        "previous": _link(found.previous_cursor, site),
        "following": _link(found.next_cursor, site),
        "chosen": site,
    }
    return render(request, "pathways/people/people.html", context)


def search(request: HttpRequest) -> HttpResponse:
    """What a typed line finds; the rows alone for htmx, the whole page without script."""
    line = request.POST.get("q", "")[:200]
    partial = request.htmx and request.headers.get("HX-Target") == "people"  # type: ignore[attr-defined]
    if not partial and not line.strip():
        return redirect("patients")
    found = queries.find(request.actor, line) if line.strip() else []  # type: ignore[attr-defined]
    context = {"rows": _rows(request, found), "line": line, "searched": bool(line.strip()), "most": len(found) >= 20}
    if partial and not line.strip():
        listed = queries.listed(request.actor)[:ROWS]  # type: ignore[attr-defined]
        context["rows"] = _rows(request, list(listed))
    return render(request, "pathways/people/rows.html" if partial else "pathways/people/people.html", context)


def correct(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The record put right."""
    patient = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    if request.method != "POST":
        return _correction(request, patient, CorrectionForm.of(patient))
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _correction(request, patient, form, status=422)
    try:
        verbs.correct(
            patient=patient,
            expected_version=form.cleaned_data["version"],
            details=form.details(form.cleaned_data["time_zone"]),
            by=request.actor,  # type: ignore[attr-defined]
            now=clock.now(),
        )
    except Refused as refused:
        add_refusal(form, refused)
        return _correction(request, patient, form, status=refused.status)
    messages.success(request, _("The record is corrected."))
    return go_on(request, reverse("patient", args=[public_id]))


def _correction(request: HttpRequest, patient: Patient, form: CorrectionForm, status: int = 200) -> HttpResponse:
    return render(request, "patients/correct.html", {"patient": patient, "form": form}, status=status)


def _rows(request: HttpRequest, found: list[Patient]) -> list[dict[str, Any]]:
    request.seen.update(each.public_id for each in found)  # type: ignore[attr-defined]
    now = clock.now()
    where = places(request.actor, [each.pk for each in found], now=now, language=request.language)  # type: ignore[attr-defined]
    return [
        {
            "patient": each,
            "age": age_on(each.birth_date, now.astimezone(each.zone).date()),
            "place": where.get(each.pk),
            "uid": f"way-{each.pk}",
        }
        for each in found
    ]


def _site(request: HttpRequest, public_id: str) -> Site | None:
    """One of the person's own sites by its public id; None where none is named."""
    if not public_id:
        return None
    chosen = [each for each in request.sites if str(each.public_id) == public_id]  # type: ignore[attr-defined]
    if not chosen:
        raise not_found()
    return chosen[0]


def _link(cursor: str | None, site: Site | None) -> str | None:
    if cursor is None:
        return None
    chosen = f"&site={site.public_id}" if site else ""
    return f"{reverse('patients')}?cursor={cursor}{chosen}"
