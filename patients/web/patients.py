"""The pages of one person: registration and details. The list of people, and correcting one, stand in
`pathways.web.people`.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.errors import Refused, not_found
from clinic.models import Site
from clinic.queries.workplaces import workplaces_of
from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import add_refusal
from clinic.web.pages import go_on
from patients.actions import patients
from patients.models import Patient, SafetyFlag
from patients.queries import flags as flag_queries
from patients.queries import patients as people_queries
from patients.queries.flags import cause_of
from patients.rules.age import age_on
from patients.web.forms import RegistrationForm, SiteForm


def register(request: HttpRequest) -> HttpResponse:
    """A new person; who may be the same is shown side by side before anything is saved."""
    if request.method != "POST":
        return _registration(request, RegistrationForm(initial={"sex_for_clinical_use": "unknown"}))
    form = RegistrationForm(request.POST)
    if not form.is_valid():
        return _registration(request, form, status=422)
    try:
        patient = patients.register(
            by=request.actor,  # type: ignore[attr-defined]
            now=clock.now(),
            site=_own_site(request),
            contact_points=form.contact_points(),
            confirm_not_duplicate=request.POST.get("confirm_not_duplicate") == "yes",
            **{name: getattr(form.details(), name) for name in form.details().__dataclass_fields__},
        )
    except Refused as refused:
        return _registration_refused(request, form, refused)
    messages.success(request, _("%(name)s is registered as %(number)s.") % {
        "name": patient.display_name, "number": patient.record_number})  # fmt: skip
    return go_on(request, reverse("patient", args=[patient.public_id]))


def details(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who somebody is, where they are seen, how they may be reached."""
    patient = people_queries.detail(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    sites = {stay.site_id for stay in patient.current_stays}  # type: ignore[attr-defined]
    more = [each for each in workplaces_of(request.actor) if each.pk not in sites]  # type: ignore[attr-defined]
    flags = flag_queries.open_of([patient.pk]).get(patient.pk, [])
    context = {"patient": patient, "age": _age(patient), "more_sites": more, "flags": _named(flags)}
    return render(request, "patients/details.html", context)


def add_site(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Another of one's sites sees this person from now on."""
    patient = people_queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    form = SiteForm(request.POST)
    site = _site(request, str(form.cleaned_data["site"])) if form.is_valid() else None
    if site is None:
        raise not_found()
    patients.add_site(patient=patient, site=site, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("%(site)s sees this person from now on.") % {"site": site.name})
    return go_on(request, reverse("patient", args=[public_id]))


def _registration(
    request: HttpRequest, form: RegistrationForm, *, matches: list[dict[str, Any]] | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "matches": matches or []}
    return render(request, "patients/register.html", context, status=status)


def _registration_refused(request: HttpRequest, form: RegistrationForm, refused: Refused) -> HttpResponse:
    if refused.code == "possible_duplicate" and isinstance(refused.details, dict):
        matches = [_match(request, each) for each in refused.details["matches"]]
        return _registration(request, form, matches=matches, status=refused.status)
    given = form.points_given()
    for name, said in list(refused.fields.items()):
        if name.startswith("contact_points."):
            refused.fields[given[int(name.split(".")[1])]] = refused.fields.pop(name) or said
    add_refusal(form, refused)
    return _registration(request, form, status=refused.status)


def _match(request: HttpRequest, match: dict[str, Any]) -> dict[str, Any]:
    patient = people_queries.detail(request.actor, match["patient"])  # type: ignore[attr-defined]
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    reasons = [sentence(code) for code in match["reasons"]]
    return {"patient": patient, "age": _age(patient), "strength": match["strength"], "reasons": reasons}


def _age(patient: Patient) -> int:
    return age_on(patient.birth_date, clock.now().astimezone(patient.zone).date())


def _site(request: HttpRequest, public_id: str) -> Site | None:
    """One of the person's own sites by its public id; None where none is named."""
    if not public_id:
        return None
    chosen = [each for each in request.sites if str(each.public_id) == public_id]  # type: ignore[attr-defined]
    if not chosen:
        raise not_found()
    return chosen[0]


def _own_site(request: HttpRequest) -> Site:
    site: Site | None = request.site  # type: ignore[attr-defined,assignment]
    if site is None:
        raise Refused("no_site", sentence("refused.no_site"), status=403)
    return site


def _named(flags: Iterable[SafetyFlag]) -> list[tuple[SafetyFlag, str | Sentence]]:
    """Each flag with the short name of the form or the test that raised it."""
    return [(flag, cause_of(flag).name) for flag in flags]
