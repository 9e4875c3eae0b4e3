"""API clients: programs, what they may, and their secret, which is shown once."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from clinic import clock
from clinic.actions import api_clients as acts
from clinic.errors import Refused
from clinic.models import ApiClient, Site
from clinic.queries.api_clients import api_client, api_clients
from clinic.queries.sites import open_sites
from clinic.rules.roles import SCOPES
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from clinic.web.pages import found, go_on


class ClientForm(Form):
    """What an administrator says about a program."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What the program is, as people here call it."))
    scopes = forms.MultipleChoiceField(label=_("May"), widget=forms.CheckboxSelectMultiple)
    sites = forms.MultipleChoiceField(label=_("Sites"), widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sites = {str(site.public_id): site for site in sites}
        self.fields["scopes"].choices = [(scope, words(sentence(f"label.Scope.{scope}"))) for scope in SCOPES]  # type: ignore[attr-defined]
        self.fields["sites"].choices = [(key, site.name) for key, site in self._sites.items()]  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        sites = [self._sites[key] for key in self.cleaned_data["sites"]]
        return {"name": self.cleaned_data["name"], "scopes": self.cleaned_data["scopes"], "sites": sites}


def client_list(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/api_clients/list.html", {"clients": api_clients()})


@never_cache
def new(request: HttpRequest) -> HttpResponse:
    form = ClientForm(request.POST or None, sites=open_sites())
    if request.method == "POST" and form.is_valid():
        try:
            client, secret = acts.make(**form.given, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
            return _secret(request, client, secret)
        except Refused as refused:
            form.refuse(refused)
    return render(request, "clinic/api_clients/new.html", {"form": form}, status=422 if form.errors else 200)


def client(request: HttpRequest, public_id: UUID) -> HttpResponse:
    row = found(api_client(public_id))
    sites = sorted({*open_sites(), *row.actor.sites.all()}, key=lambda site: (site.name, site.pk))
    form = ClientForm(request.POST or None, initial=_initial(row), sites=sites)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return _changed(request, row, form)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    status = 422 if form.errors and status == 200 else status
    return render(request, "clinic/api_clients/client.html", {"form": form, "client": row}, status=status)


def _initial(row: ApiClient) -> dict[str, object]:
    return {
        "name": row.actor.name,
        "scopes": row.actor.scopes,
        "sites": [str(site.public_id) for site in row.actor.sites.all()],
        "version": row.version,
    }


def _changed(request: HttpRequest, row: ApiClient, form: ClientForm) -> HttpResponse:
    acts.change(
        client=row,
        **form.given,
        by=request.actor,  # type: ignore[attr-defined]
        now=clock.now(),
        expected_version=form.cleaned_data["version"],
    )
    return go_on(request, reverse("api_clients"), sentence("api_clients.saved"))


@never_cache
def rotate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    row = found(api_client(public_id))
    try:
        row, secret = acts.rotate(client=row, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        return go_on(request, reverse("api_clients"), refused.sentence, level=messages.ERROR)
    return _secret(request, row, secret)


def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    row = found(api_client(public_id))
    try:
        acts.revoke(client=row, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        return go_on(request, reverse("api_clients"), refused.sentence, level=messages.ERROR)
    return go_on(request, reverse("api_clients"), sentence("api_clients.revoked", name=row.actor.name))


def _secret(request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
    """The one page that is an answer to a POST: nothing may keep the secret to show it later."""
    context = {"client": client, "secret": secret, "token_url": request.build_absolute_uri("/o/token/")}
    response = render(request, "clinic/api_clients/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
