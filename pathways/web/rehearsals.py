"""Rehearsing a version: choose how an invented patient does, see a year of it in seconds. Nothing is kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import BAD_INPUT, Refused
from clinic.models import Site
from clinic.queries.workplaces import workplaces_of
from clinic.web.forms import Form
from clinic.web.widgets import DatePartsField
from pathways.actions.rehearsals import Wanted, rehearse
from pathways.models import Program, ProgramVersion
from pathways.queries import programs as queries
from pathways.queries.rehearsals import script_for
from pathways.rehearsals.library import SHIPPED, Preset, text_from, text_of
from pathways.rules.rehearsals import LARGEST_SEED, LONGEST, LONGEST_SCRIPT, SHORTEST, EntryKind, Rehearsal
from pathways.web.places import here
from pathways.web.rehearsal_results import Shown, shown

OWN = "own"
A_YEAR, SEED = 365, 7


class RehearsalForm(Form):
    """How the invented patient does, from when, for how long, and where."""

    preset = forms.ChoiceField(label=_("How the patient does"), widget=forms.RadioSelect)
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        widget=forms.TextInput({"inputmode": "numeric", "size": "7"}),
    )
    start_on = DatePartsField(label=_("First day"))
    days = forms.IntegerField(
        label=_("Length in days"),
        min_value=SHORTEST,
        max_value=LONGEST,
        widget=forms.TextInput({"inputmode": "numeric", "size": "4"}),
    )
    site = forms.ChoiceField(label=_("Clock and hours of"))
    script = forms.CharField(
        label=_("Own script"),
        required=False,
        max_length=LONGEST_SCRIPT,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "autocapitalize": "off", "class": "code"}),
    )

    def __init__(self, *args: Any, sites: Sequence[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["preset"].choices = [*((each.value, each) for each in Preset), (OWN, OWN)]  # type: ignore[attr-defined]
        self.fields["site"].choices = [(str(each.public_id), each.name) for each in sites]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Preset | None:
        """The shipped script chosen, or None for one's own."""
        preset = self.cleaned_data["preset"]
        return None if preset == OWN else Preset(preset)


def rehearsal(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The choices, and under an address that holds them, or for a script of one's own, what came of them."""
    program = queries.program(key)
    version = queries.version_of(program, number)
    sites = list(workplaces_of(request.actor).order_by("name", "id"))  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else request.GET
    if "preset" not in given:
        return _page(request, program, version, RehearsalForm(initial=_usual(request, sites), sites=sites))
    form = RehearsalForm(given, sites=sites)
    if not form.is_valid():
        return _page(request, program, version, form, status=BAD_INPUT)
    if request.method == "POST" and form.chosen is not None:
        return HttpResponseRedirect(f"{request.path}?{_address(given)}", status=303)
    try:
        found = _rehearse(request, version, form, sites)
    except Refused as refused:
        form.refuse(refused)
        return _page(request, program, version, form, status=refused.status)
    return _page(request, program, version, form, found)


def _rehearse(request: HttpRequest, version: ProgramVersion, form: RehearsalForm, sites: Sequence[Site]) -> Rehearsal:
    chosen = form.cleaned_data
    seed, days = chosen["seed"], chosen["days"]
    script = script_for(version, preset=form.chosen, given=chosen["script"], seed=seed, days=days)
    site = next(each for each in sites if str(each.public_id) == chosen["site"])
    wanted = Wanted(script, seed, chosen["start_on"], days, request.language)  # type: ignore[attr-defined]
    return rehearse(by=request.actor, now=clock.now(), version=version, site=site, wanted=wanted)  # type: ignore[attr-defined]


def _usual(request: HttpRequest, sites: Sequence[Site]) -> dict[str, object]:
    site = here(request) or next(iter(sites), None)
    today: date = clock.now().astimezone(site.zone).date() if site else clock.now().date()
    return {
        "preset": Preset.STEADY.value,
        "seed": SEED,
        "start_on": today,
        "days": A_YEAR,
        "site": str(site.public_id) if site else "",
        "script": text_of(Preset.STEADY),
    }


def _address(given: QueryDict) -> str:
    """What was chosen as the query of an address: without what only a script of one's own needs."""
    kept = given.copy()
    for name in ("csrfmiddlewaretoken", "script"):
        kept.pop(name, None)
    return kept.urlencode()


def _page(
    request: HttpRequest,
    program: Program,
    version: ProgramVersion,
    form: RehearsalForm,
    found: Rehearsal | None = None,
    status: int = 200,
) -> HttpResponse:
    read = queries.draft_of(version)
    context: dict[str, object] = {
        "program": program,
        "version": version,
        "title": read.drawn.program.title,
        "problems": read.problems,
        "form": form,
        "presets": SHIPPED,
        "random": Preset.RANDOM,
        "own": OWN,
        "chosen": form["preset"].value(),
        "script": form["script"].value() or "",
        "here": reverse("rehearsal", args=[program.key, version.number]),
    }
    if found is not None:
        given = request.POST if request.method == "POST" else request.GET
        context |= _result(found, read.drawn, given, request)
    return render(request, "pathways/rehearsals/rehearsal.html", context, status=status)


def _links(found: Rehearsal, kept: QueryDict, request: HttpRequest) -> Shown:
    """The address of this very rehearsal, and of a random one's next; a script of one's own stands in no address."""
    if request.method == "POST":
        return {}
    again = f"{request.path}?{kept.urlencode()}"
    if kept.get("preset") != Preset.RANDOM:
        return {"again": again}
    following = kept.copy()
    following["seed"] = str((found.seed + 1) % (LARGEST_SEED + 1))
    return {"again": again, "another": f"{request.path}?{following.urlencode()}"}


def _result(found: Rehearsal, document: Any, given: QueryDict, request: HttpRequest) -> Shown:
    kinds = [each for each in EntryKind if each.value in given.getlist("kind")]
    kept = given.copy()
    for name in ("kind", "csrfmiddlewaretoken"):
        kept.pop(name, None)
    return {
        **shown(found, document, kinds),
        **_links(found, kept, request),
        "kept": [(name, value) for name, values in kept.lists() for value in values],
        "method": "post" if request.method == "POST" else "get",
        "script": given.get("script") if given.get("preset") == OWN else text_from(found.scripted),
    }
