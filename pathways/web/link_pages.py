"""What patients' own pages have in common: their headers, their language, the page for what is not open any more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from clinic.rules.sites import spoken_number
from pathways.models import PatientLink
from pathways.rules.templates import LANGUAGES

GONE, NOT_FOUND, TOO_MANY = 410, 404, 429
LABELS = {"en": "English", "es": "Español"}
# Nothing is kept anywhere, nothing is told to another site, nothing of it is listed.
HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a link's page."""

    request: HttpRequest
    token: str
    link: PatientLink
    now: datetime
    language: str

    @property
    def act(self) -> str:
        """What was pressed; "" for a page that is only looked at."""
        return self.request.POST.get("act", "") if self.request.method == "POST" else ""

    @property
    def name(self) -> str:
        """The first name they go by."""
        return self.link.patient.preferred_name or self.link.patient.given_name

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """A page of this link, in the language that was chosen."""
        until = self.link.expires_at.astimezone(self.link.site.zone)
        shared = {
            "place": self.link.site.discreet_name,
            "phone": self.link.site.phone,
            "phone_spoken": spoken_number(self.link.site.phone),
            "here": _address(self.token, self.language),
            "until": until.date(),
            "until_at": until.time(),
            "name": self.name,
        }
        return _shown(self.request, template, shared | context, self.language, self.token, status)


def language_of(request: HttpRequest, otherwise: str) -> str:
    """The language a page was asked for in."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else otherwise


def kind_page(
    request: HttpRequest, token: str, *, link: PatientLink | None = None, used: bool = False, busy: bool = False
) -> HttpResponse:
    """The same page for what is over, was taken back, or never was; `used`: it says that it was used, and no more. A
    number to call stands on it only where the address was one of ours."""
    spoken = (translation.get_language() or "en")[:2]
    language = language_of(request, link.language if link else spoken if spoken in LANGUAGES else "en")
    context = {
        "place": link.site.discreet_name if link else "",
        "phone": link.site.phone if link else "",
        "phone_spoken": spoken_number(link.site.phone) if link else "",
        "used": used,
        "busy": busy,
    }
    status = TOO_MANY if busy else GONE if link else NOT_FOUND
    response = _shown(request, "pathways/links/gone.html", context, language, token, status)
    if busy:
        response["Retry-After"] = "60"
    return response


def left(request: HttpRequest) -> HttpResponse:
    """Where "Close and leave this page" leads: a page that says nothing of where one was."""
    language = language_of(request, (translation.get_language() or "en")[:2])
    return _shown(request, "pathways/links/left.html", {"place": ""}, language, "", 200)


def _shown(
    request: HttpRequest, template: str, context: dict[str, Any], language: str, token: str, status: int
) -> HttpResponse:
    other = next(each for each in LANGUAGES if each != language)
    switch = {"href": _address(token, other), "code": other, "label": LABELS[other]} if token else None
    own = {"other_language": switch, "staff": None, "theme": "auto", "leave": f"{reverse('link_left')}?lang={language}"}
    with translation.override(language):
        response = render(request, template, own | context, status=status)
    for name, value in HEADERS.items():
        response[name] = value
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _address(token: str, language: str) -> str:
    return f"{reverse('link', args=[token])}?lang={language}"
