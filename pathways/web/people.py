"""The people of one's sites, each with where they are on their way: list and search; and one of them put right."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
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
from pathways.queries.people import listed, places
from pathways.queries.standings import standings
from pathways.rules.levels import Level
from pathways.rules.saved_views import FIELDS, OF_A_PERSON, ViewPage, read
from pathways.rules.worklist import Risk
from pathways.web.lines import Reader
from pathways.web.places import reader_of
from pathways.web.wishes import EVERYTHING, Wishes, told, wishes_of
from patients.models import Patient
from patients.queries import patients as queries
from patients.rules.age import age_on
from patients.web.forms import CorrectionForm

ROWS = 50
ORDER = ("family_name", "given_name", "id")
NOT_NARROWING = frozenset({"cursor", "view"})


def people(request: HttpRequest) -> HttpResponse:
    """Everybody at one's sites who fits, by name. Takes no parameter that names a patient (decisions.md 17)."""
    if request.GET.keys() - FIELDS[ViewPage.PATIENTS].keys() - NOT_NARROWING:
        raise Refused("search_by_post", sentence("refused.search_by_post"), status=400)
    reader = reader_of(request)
    site = _site(request, request.GET.get("site", ""))
    wishes = wishes_of(request, reader, ViewPage.PATIENTS)
    if site is None and wishes.wanted.site:
        wishes, site = _at_the_view(request, wishes)
    rows = listed(reader.actor, wishes.wanted, site=site, now=reader.now)
    found = page(rows, ORDER, request.GET.get("cursor") or None, ROWS, f"patients {wishes.query}")
    context = {
        **_filter(request, wishes, reader),
        "rows": _rows(request, found.rows),
        "previous": _link(found.previous_cursor, wishes),
        "following": _link(found.next_cursor, wishes),
        "chosen": site,
    }
    return render(request, "pathways/people/people.html", context)


def _at_the_view(request: HttpRequest, wishes: Wishes) -> tuple[Wishes, Site | None]:
    """The site a view names; left out where the person does not work there (any more)."""
    own = next((each for each in request.sites if str(each.public_id) == wishes.wanted.site), None)  # type: ignore[attr-defined]
    return (wishes, own) if own else (replace(wishes, wanted=replace(wishes.wanted, site="")), None)


def _filter(request: HttpRequest, wishes: Wishes, reader: Reader) -> dict[str, Any]:
    """What the list is narrowed to, and what it can be narrowed to. One query."""
    sites = request.sites  # type: ignore[attr-defined]
    offered = standings(sites)
    names = dict(
        [*offered.programs, *offered.phases, *offered.counselors, *((str(each.public_id), each.name) for each in sites)]
    )
    return {
        "wishes": wishes,
        "wanted": wishes.wanted,
        "told": told(wishes, names, reader.language),
        "offered": offered,
        "levels": list(Level),
        "risks": [each for each in Risk if each.value not in OF_A_PERSON],
        "elsewhere": wishes.without("site"),
    }


def search(request: HttpRequest) -> HttpResponse:
    """What a typed line finds; the rows alone for htmx, the whole page without script."""
    line = request.POST.get("q", "")[:200]
    partial = request.htmx and request.headers.get("HX-Target") == "people"  # type: ignore[attr-defined]
    if not partial and not line.strip():
        return redirect("patients")
    found = queries.find(request.actor, line) if line.strip() else []  # type: ignore[attr-defined]
    context = {"rows": _rows(request, found), "line": line, "searched": bool(line.strip()), "most": len(found) >= 20}
    if partial and not line.strip():
        context["rows"] = _rows(request, _as_before(request))
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


def _as_before(request: HttpRequest) -> list[Patient]:
    """The list that stood there before something was typed, as it was narrowed."""
    known = {name: value for name, value in request.POST.items() if name in FIELDS[ViewPage.PATIENTS]}
    wanted, _problems = read(ViewPage.PATIENTS, known)
    return list(listed(request.actor, wanted, site=_site(request, wanted.site), now=clock.now())[:ROWS])  # type: ignore[attr-defined]


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


def _link(cursor: str | None, wishes: Wishes) -> str | None:
    """The page beside this one, narrowed alike; of the whole list, lest one's own default narrows it."""
    if cursor is None:
        return None
    kept = wishes.wanted.given or {"view": EVERYTHING}
    return f"{reverse('patients')}?{urlencode({**kept, 'cursor': cursor})}"
