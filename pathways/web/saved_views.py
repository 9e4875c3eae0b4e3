"""Views kept of a page: a choice of filters under a name."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused, not_found
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, add_refusal
from clinic.web.pages import go_on
from pathways.actions.saved_views import change_view, delete_view, keep_view
from pathways.models import SavedView
from pathways.queries import saved_views as queries
from pathways.rules.saved_views import FIELDS, LONGEST_NAME, ViewPage
from pathways.web.places import reader_of


class ViewForm(Form):
    """Its name, and how it is kept."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    shared = forms.BooleanField(label=_("Share with colleagues at my sites"), required=False)
    default = forms.BooleanField(label=_("Open the page with it"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def keep(request: HttpRequest) -> HttpResponse:
    """What a page is narrowed to is kept, and the page opens with it; under no name that will not do: it is asked for
    again, with what was chosen and typed."""
    reader, page = reader_of(request), request.POST.get("page", "")
    if page not in set(ViewPage):
        raise not_found()
    known = {name: value for name, value in request.POST.items() if name in FIELDS[ViewPage(page)]}
    form = ViewForm(request.POST)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "shared", "default")}
        try:
            row = keep_view(by=reader.actor, now=reader.now, page=ViewPage(page), filters=known, **given)
            return go_on(request, address_of(row), sentence("saved_view.saved", name=row.name))
        except Refused as refused:
            if "name" not in refused.fields:
                said = next(iter(refused.fields.values()), refused.sentence)
                return go_on(request, reverse(page), said, level=messages.ERROR)
            add_refusal(form, refused, reader.language)
    back = f"{reverse(page)}?{urlencode(known)}"
    context = {"form": form, "page": page, "filters": known, "back": back}
    return render(request, "pathways/views/keep.html", context, status=422)


def address_of(row: SavedView) -> str:
    """The page with this view."""
    return f"{reverse(row.page)}?view={row.public_id}"


def view(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Its name, whether it is shared, and whether the page opens with it."""
    reader = reader_of(request)
    row = _own(queries.view(reader.actor, public_id), reader.actor.pk)
    form, status = ViewForm(request.POST if request.method == "POST" else None, initial=_initial(row)), 200
    if form.is_bound and form.is_valid():
        try:
            kept = _changed(form, row, reader)
            return go_on(request, address_of(kept), sentence("saved_view.saved", name=kept.name))
        except Refused as refused:
            add_refusal(form, refused, reader.language)
            status = refused.status
    status = 422 if form.errors and status == 200 else status
    context = {"form": form, "row": row, "back": address_of(row)}
    return render(request, "pathways/views/view.html", context, status=status)


def _initial(row: SavedView) -> dict[str, Any]:
    return {"name": row.name, "shared": row.shared, "default": queries.is_default(row), "version": row.version}


def _changed(form: ViewForm, row: SavedView, reader: Any) -> SavedView:
    given = form.cleaned_data
    return change_view(
        by=reader.actor, now=reader.now, view_id=row.public_id, name=given["name"], shared=given["shared"],
        default=given["default"], expected_version=given["version"],
    )  # fmt: skip


def _own(row: SavedView, me: int) -> SavedView:
    """Somebody else's view is opened, not changed."""
    if row.owner_id != me:
        raise Refused("saved_view_not_own", sentence("saved_view.refused.not_own"), status=403)
    return row


def delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Gone; the page opens with everything again."""
    reader = reader_of(request)
    row = queries.view(reader.actor, public_id)
    name = delete_view(by=reader.actor, now=reader.now, view_id=public_id)
    return go_on(request, reverse(row.page), sentence("saved_view.deleted", name=name))
