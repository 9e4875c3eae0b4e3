"""Sites: the places where patients are seen. Closing one stands in `pathways.web.sites`: people may be under way."""

from datetime import time
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.actions import sites as acts
from clinic.errors import Refused
from clinic.models import Site
from clinic.queries.rooms import rooms_of
from clinic.queries.sites import all_sites, site_by_public_id
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import found, go_on

_CLOCK = forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "maxlength": 5, "size": 5})


class SiteForm(Form):
    """What one says about a site."""

    name = forms.CharField(label=_("Name"), max_length=120)
    discreet_name = forms.CharField(
        label=_("Discreet name"),
        max_length=40,
        help_text=_("What messages call this place. It must not tell what kind of place it is."),
    )
    phone = forms.CharField(label=_("Phone"), max_length=30)
    time_zone = forms.CharField(label=_("Time zone"), max_length=64, help_text=_("As in America/New_York."))
    contact_opens = forms.TimeField(label=_("Messages from"), widget=_CLOCK, initial=time(9))
    contact_closes = forms.TimeField(label=_("Messages until"), widget=_CLOCK, initial=time(19))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def place(self) -> acts.Place:
        given = {name: self.cleaned_data[name] for name in acts.Place.__dataclass_fields__ if name in self.cleaned_data}
        return acts.Place(**given)


class NewSiteForm(SiteForm):
    """A site also gets a code, which stays."""

    code = forms.CharField(label=_("Code"), max_length=32, help_text=_("Short, for lists and addresses. It stays."))
    field_order = ["name", "code"]


def site_list(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/sites/list.html", {"places": all_sites()})


def new(request: HttpRequest) -> HttpResponse:
    form = NewSiteForm(request.POST or None, initial={"time_zone": _zone_of(request)})
    if request.method == "POST" and form.is_valid():
        try:
            site = acts.open_site(
                code=form.cleaned_data["code"],
                place=form.place(),
                by=request.actor,  # type: ignore[attr-defined]
                now=clock.now(),
            )
            return go_on(request, reverse("sites"), sentence("sites.opened", name=site.name))
        except Refused as refused:
            form.refuse(refused)
    return render(request, "clinic/sites/new.html", {"form": form}, status=422 if form.errors else 200)


def _zone_of(request: HttpRequest) -> str:
    site: Site | None = request.site  # type: ignore[assignment]
    return site.time_zone if site else "America/New_York"


def site(request: HttpRequest, public_id: UUID) -> HttpResponse:
    place = found(site_by_public_id(public_id))
    initial = {name: getattr(place, name) for name in (*SiteForm.base_fields,)}
    form = SiteForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return _changed(request, place, form)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    context = {"form": form, "place": place, "rooms": rooms_of(place)}
    return render(request, "clinic/sites/site.html", context, status=422 if form.errors and status == 200 else status)


def _changed(request: HttpRequest, place: Site, form: SiteForm) -> HttpResponse:
    acts.change(
        site=place,
        place=form.place(),
        by=request.actor,  # type: ignore[attr-defined]
        now=clock.now(),
        expected_version=form.cleaned_data["version"],
    )
    return go_on(request, reverse("sites"), sentence("sites.saved"))


def reopen(request: HttpRequest, public_id: UUID) -> HttpResponse:
    place = found(site_by_public_id(public_id))
    try:
        acts.reopen(site=place, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        return go_on(request, reverse("sites"), refused.sentence, level=messages.ERROR)
    return go_on(request, reverse("sites"), sentence("sites.opened", name=place.name))
