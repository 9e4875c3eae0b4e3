"""The rooms of a site. Closing one stands in `pathways.web.rooms`: sessions may be booked there."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.actions import rooms as acts
from clinic.errors import Refused
from clinic.queries import rooms as queries
from clinic.queries.sites import site_by_public_id
from clinic.rules.rooms import LONGEST_NAME
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import found, go_on


class RoomForm(Form):
    """Its name, and how many people fit in."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    seats = forms.IntegerField(
        label=_("Seats"), help_text=_("For everybody in it, whoever leads the session too."), min_value=0,
        max_value=9999, widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "maxlength": 4}),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A room is opened at a site."""
    place = found(site_by_public_id(public_id))
    form, status = RoomForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            row = acts.open_room(
                by=request.actor,  # type: ignore[attr-defined]
                now=clock.now(),
                site=place,
                name=form.cleaned_data["name"],
                seats=form.cleaned_data["seats"],
            )
            return go_on(request, reverse("site", args=[public_id]), sentence("rooms.opened", name=row.name))
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    return _page(request, {"form": form, "place": place, "room": None}, form, status)


def room(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A room gets another name, or another number of seats."""
    row = found(queries.room(request.actor, public_id))  # type: ignore[attr-defined]
    initial = {"name": row.name, "seats": row.seats, "version": row.version}
    form, status = RoomForm(request.POST or None, initial=initial), 200
    if request.method == "POST" and form.is_valid():
        try:
            acts.change_room(
                by=request.actor,  # type: ignore[attr-defined]
                now=clock.now(),
                room=row,
                name=form.cleaned_data["name"],
                seats=form.cleaned_data["seats"],
                expected_version=form.cleaned_data["version"],
            )
            return go_on(request, reverse("site", args=[row.site.public_id]), sentence("rooms.saved"))
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    return _page(request, {"form": form, "place": row.site, "room": row}, form, status)


def _page(request: HttpRequest, context: dict[str, object], form: Form, status: int) -> HttpResponse:
    return render(request, "clinic/sites/room.html", context, status=422 if form.errors and status == 200 else status)
