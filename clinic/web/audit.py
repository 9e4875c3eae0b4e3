"""The privacy officer's page: who did what, and who looked at whose record."""

import json
from binascii import Error as NotText
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from clinic import sealing
from clinic.errors import not_found
from clinic.models import Site
from clinic.queries.audit import Stretch, Wanted, actors, entries
from clinic.web.forms import Form

PURPOSE = "audit page"


class FilterForm(Form):
    """What the officer looks for."""

    actor = forms.UUIDField(label=_("Who"), required=False)
    patient = forms.UUIDField(
        label=_("Patient record"), required=False, help_text=_("The record's id, as in its address.")
    )
    action = forms.CharField(label=_("What"), max_length=80, required=False, help_text=_("As in read. or staff.invite"))
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Any")), ("done", _("Done")), ("refused", _("Not allowed"))]
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [("", _("Anybody")), *((str(each.public_id), each.name) for each in actors())]
        self.fields["actor"].widget = forms.Select(choices=people)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"

    def wanted(self, zone: ZoneInfo) -> Wanted:
        """The filter, with days as the site's own."""
        given = self.cleaned_data
        return Wanted(
            actor=given["actor"],
            patient=given["patient"],
            action=given["action"],
            outcome=given["outcome"],
            since=_midnight(given["since"], zone),
            until=_midnight(given["until"] and given["until"] + timedelta(days=1), zone),
        )


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(0), zone)


def audit(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET or None)
    wanted = Wanted()
    if form.is_bound and form.is_valid():
        wanted = form.wanted(_zone(request))
    if wanted.patient is not None:
        request.seen.add(wanted.patient)  # type: ignore[attr-defined]
    stretch = Stretch([], None) if form.errors else entries(wanted, _opened(request.GET.get("before", "")))
    context = {
        "form": form,
        "stretch": stretch,
        "older": _older(request, stretch),
        "first": "before" not in request.GET,
    }
    return render(request, "clinic/audit/list.html", context, status=422 if form.errors else 200)


def _zone(request: HttpRequest) -> ZoneInfo:
    site: Site | None = request.site  # type: ignore[assignment]
    return site.zone if site else ZoneInfo("UTC")


def _older(request: HttpRequest, stretch: Stretch) -> str | None:
    """The address of the next page: the filter as it is, and where to go on, which nobody can read or make up."""
    if stretch.before is None:
        return None
    moment, entry_id = stretch.before
    sealed = sealing.seal(PURPOSE, json.dumps([moment.isoformat(), entry_id]).encode()).decode()
    kept = {name: str(value) for name, value in request.GET.items() if name != "before" and value}
    return f"?{urlencode({**kept, 'before': sealed})}"


def _opened(cursor: str) -> tuple[datetime, int] | None:
    if not cursor:
        return None
    try:
        moment, entry_id = json.loads(sealing.unseal(PURPOSE, cursor.encode()))
    except (ValueError, NotText, UnicodeError) as error:
        raise not_found() from error
    return datetime.fromisoformat(moment), int(entry_id)
