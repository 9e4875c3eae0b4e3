"""Closing a site. The other pages of sites stand in `clinic.web.sites`."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from clinic import clock
from clinic.errors import Refused
from clinic.queries.sites import site_by_public_id
from clinic.rules.sentences import sentence
from clinic.web.pages import found, go_on
from pathways.actions import sites


def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Back to the list, which says what became of it."""
    place = found(site_by_public_id(public_id))
    try:
        sites.close(site=place, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        return go_on(request, reverse("sites"), refused.sentence, level=messages.ERROR)
    return go_on(request, reverse("sites"), sentence("sites.closed", name=place.name))
