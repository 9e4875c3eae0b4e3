"""How a refusal looks: a page, a fragment for htmx, or a problem document for a program."""

from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from clinic.errors import AWAY, Refused
from clinic.rules.sentences import sentence
from clinic.wording import say

DATABASE_AWAY = (OperationalError, InterfaceError)
RETRY_SECONDS = 5


def language_of(request: HttpRequest) -> str:
    """The language of the person, or of the browser before anybody signed in."""
    return str(getattr(request, "language", "") or getattr(request, "LANGUAGE_CODE", "en"))[:2]


def is_program(request: HttpRequest) -> bool:
    """Whether a program asked: it gets problem documents, never pages."""
    return request.path.startswith(("/api/", "/o/"))


def away() -> Refused:
    """The database cannot be reached."""
    return Refused("database_away", sentence("refused.database_away"), status=AWAY)


def refusal_of(error: Exception) -> Refused | None:
    """The refusal behind an exception; None for a fault of ours."""
    if isinstance(error, Refused):
        return error
    return away() if isinstance(error, DATABASE_AWAY) else None


def refusal_response(request: HttpRequest, refused: Refused) -> HttpResponse:
    """One sentence and the right status, in the shape the caller understands."""
    if is_program(request):
        response: HttpResponse = _problem(request, refused)
    elif getattr(request, "htmx", None):
        response = _fragment(request, refused)
    else:
        response = _page(request, refused)
    if refused.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _said(request: HttpRequest, refused: Refused) -> dict[str, Any]:
    return {"said": say(refused.sentence, language_of(request)), "refused": refused}


def _page(request: HttpRequest, refused: Refused) -> HttpResponse:
    if refused.status == AWAY:
        # Rendered without the request: its session, messages and shell would ask the database that is gone.
        return HttpResponse(render_to_string("clinic/away.html", _said(request, refused)), status=refused.status)
    context = {**_said(request, refused), "back": _came_from(request)}
    return render(request, "clinic/refused.html", context, status=refused.status)


def _came_from(request: HttpRequest) -> str:
    """The page of ours whose form was refused, to be looked at afresh; "" where it came from elsewhere."""
    address = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if request.method == "POST" and ours else ""


def _fragment(request: HttpRequest, refused: Refused) -> HttpResponse:
    return notice(_said(request, refused)["said"], refused.status)


def notice(said: str, status: int) -> HttpResponse:
    """A sentence among the notices of a page that stays as it is, with what was typed into it."""
    response = HttpResponse(render_to_string("clinic/partials/refusal.html", {"said": said}), status=status)
    response["HX-Retarget"] = "#notices"
    response["HX-Reswap"] = "innerHTML"
    return response


def _problem(request: HttpRequest, refused: Refused) -> JsonResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": say(refused.sentence, language_of(request)),
        "code": refused.code,
    }
    return JsonResponse(body, status=refused.status, content_type="application/problem+json")


def sign_in_response(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back afterwards to a page that was only looked at."""
    address = reverse("account_login")
    if request.method in ("GET", "HEAD") and not getattr(request, "htmx", None):
        address = f"{address}?{urlencode({'next': request.path})}"
    if getattr(request, "htmx", None):
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)
