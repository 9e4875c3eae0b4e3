"""How long before a session its people are reminded, at the site one is at."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused, not_found
from clinic.models import Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import Form, words
from clinic.web.pages import go_on
from pathways.actions import schedules as acts
from pathways.modalities import keys, modalities, modality
from pathways.models import ReminderSchedule
from pathways.queries.schedules import offsets, schedules_of
from pathways.rules.reminders import (
    USUAL_BY_KIND,
    Offsets,
    Schedule,
    before,
    offset_of,
    offsets_for,
    offsets_problem,
    spelled,
)
from pathways.rules.sessions import SessionKind
from pathways.web.lines import Reader
from pathways.web.places import reader_of, site_of

Shown = dict[str, Any]
OTHERS = "every-other"
"""What stands in an address for every modality that is not set by itself."""


class ScheduleForm(Form):
    """How long before, as one writes it."""

    offsets = forms.CharField(
        label=_("How long before"), max_length=60, required=False,
        help_text=_("7d, 2d, 1d, 2h: days, hours or minutes (30m), at most six. Leave it empty to remind nobody."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_offsets(self) -> list[timedelta]:
        try:
            found = [offset_of(each) for each in self.cleaned_data["offsets"].replace(",", " ").split()]
        except ValueError:
            raise forms.ValidationError(words(sentence("schedule.refused.spelling"))) from None
        if problem := offsets_problem(found):
            raise forms.ValidationError(words(problem))
        return found


def schedules(request: HttpRequest) -> HttpResponse:
    """What is set here, and what counts where nothing is."""
    reader, site = reader_of(request), site_of(request)
    kept = {each.modality: each for each in schedules_of(site)}
    set_here = [Schedule(key, offsets(row.offsets_minutes)) for key, row in kept.items()]
    rows = [_row(each.key, each.kind, set_here, kept) for each in modalities()]
    context = {
        "rows": rows,
        "others": kept.get(""),
        "others_said": _said(offsets(kept[""].offsets_minutes)) if "" in kept else None,
        "kinds": [(kind, _said(usual)) for kind, usual in USUAL_BY_KIND.items()],
        "others_at": reverse("schedule", args=[OTHERS]),
        "may_set": reader.may(Permission.REMINDER_SCHEDULE),
    }
    return render(request, "pathways/sessions/schedules.html", context)


def _row(key: str, kind: SessionKind, set_here: list[Schedule], kept: dict[str, ReminderSchedule]) -> Shown:
    definition = modality(key)
    shipped = definition.setting(kind).reminders
    source = "here" if key in kept else "others" if "" in kept else "usual" if shipped is None else "shipped"
    return {
        "title": definition.title,
        "kind": kind,
        "said": _said(offsets_for(kind, key, shipped, set_here)),
        "source": sentence(f"schedule.source.{source}"),
        "is_set": key in kept,
        "href": reverse("schedule", args=[key]),
    }


def _said(found: Offsets) -> Sentence:
    return sentence("schedule.before", times=[before(each) for each in found]) if found else sentence("schedule.none")


def schedule(request: HttpRequest, key: str) -> HttpResponse:
    """Set it for a modality, or for every other."""
    reader, site, wanted = reader_of(request), site_of(request), _modality(key)
    kept = next((each for each in schedules_of(site) if each.modality == wanted), None)
    form, status = ScheduleForm(request.POST or None, initial=_as_it_is(kept, wanted, site)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                acts.set_schedule(
                    by=reader.actor, now=reader.now, site_id=site.public_id, modality=wanted,
                    offsets=form.cleaned_data["offsets"], expected_version=form.cleaned_data["version"],
                )  # fmt: skip
                return go_on(request, reverse("schedules"), sentence("schedule.saved"))
            except Refused as refused:
                form.refuse(refused)
                status = refused.status
    context = {"form": form, "title": modality(wanted).title if wanted else None, "row": kept, "key": key}
    return render(request, "pathways/sessions/schedule.html", context, status=status)


def clear(request: HttpRequest, key: str) -> HttpResponse:
    """Leave it to what is usual again."""
    reader, site = reader_of(request), site_of(request)
    given = request.POST.get("version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    _clear(reader, site.public_id, _modality(key), version)
    return go_on(request, reverse("schedules"), sentence("schedule.cleared"))


def _clear(reader: Reader, site_id: UUID, wanted: str, version: int | None) -> None:
    acts.clear_schedule(by=reader.actor, now=reader.now, site_id=site_id, modality=wanted, expected_version=version)


def _modality(key: str) -> str:
    """The modality an address names. Raises Refused not_found."""
    if key == OTHERS:
        return ""
    if key not in keys():
        raise not_found()
    return key


def _as_it_is(row: ReminderSchedule | None, wanted: str, site: Site) -> Shown:
    """What is set, or what counts now where nothing is."""
    if row is not None:
        return {"offsets": _typed(offsets(row.offsets_minutes)), "version": row.version}
    kind = modality(wanted).kind if wanted else SessionKind.INDIVIDUAL
    shipped = modality(wanted).setting(kind).reminders if wanted else None
    set_here = [Schedule(each.modality, offsets(each.offsets_minutes)) for each in schedules_of(site)]
    return {"offsets": _typed(offsets_for(kind, wanted, shipped, set_here)), "version": None}


def _typed(found: Offsets) -> str:
    return ", ".join(spelled(each) for each in found)
