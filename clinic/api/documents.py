"""What describes the API itself: its addresses, its OpenAPI document, a readable page, and the kinds of problems."""

import json
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_resolver, reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.problems import language_of
from clinic.api.views import Door
from clinic.errors import not_found
from clinic.wording import codes, text_of

# The door's own wording comes last and wins over that of the pages.
_KINDS = ("constraint.", "refused.", "problem.")
_CODE = re.compile(r"[a-z][a-z0-9_.]{1,79}\Z")


class RootDoor(Door):
    """Where to begin."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    schema = None

    def get(self, request: Request) -> Response:
        """The collections of this API, by name."""
        return self.ok({name: request.build_absolute_uri(address) for name, address in _addresses().items()})


class SchemaDoor(Door):
    """The OpenAPI 3.1 document. It describes doors and holds no data, so that it may be read before having a token."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    schema = None

    def get(self, request: Request) -> HttpResponse:
        response = HttpResponse(_schema(), content_type="application/vnd.oai.openapi+json; version=3.1")
        response["Cache-Control"] = "public, max-age=300"
        return response


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document as a page on which calls can be tried."""
    return render(
        request,
        "api/docs.html",
        {
            "schema_url": reverse("api_schema"),
            "csrf_cookie": settings.CSRF_COOKIE_NAME,
            "language": language_of(request),
        },
    )


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Every kind of problem document, with what it means."""
    return render(request, "api/problems.html", {"kinds": _kinds(language_of(request)), "chosen": ""})


@require_safe
def problem_kind(request: HttpRequest, code: str) -> HttpResponse:
    """One kind: the address that stands in `type`."""
    language = language_of(request)
    kinds = [kind for kind in _kinds(language) if kind["code"] == code]
    if not kinds and not _CODE.match(code):
        raise not_found()
    kinds = kinds or [{"code": code, "sentence": text_of("api.problem_unlisted", language)}]
    return render(request, "api/problems.html", {"kinds": kinds, "chosen": code})


def _addresses() -> dict[str, str]:
    found = {}
    for name in sorted(key for key in get_resolver().reverse_dict if isinstance(key, str) and key.startswith("api_")):
        (template, needed), *_ = get_resolver().reverse_dict.getlist(name)[0][0]
        if not needed:
            found[name.removeprefix("api_")] = f"/{template}"
    return found


@cache
def _schema() -> bytes:
    """Built once in each process: it depends on the code alone."""
    return json.dumps(SchemaGenerator().get_schema(request=None, public=True), ensure_ascii=False).encode()


def _kinds(language: str) -> list[dict[str, Any]]:
    """Codes with the sentence they are told with; a blank stands where the sentence names something."""
    found = {}
    for prefix in _KINDS:
        for code in codes():
            if code.startswith(prefix) and not code.startswith("problem.title."):
                words = re.sub(r"\{[^}]*\}", "…", text_of(code, language))
                found[code.removeprefix(prefix)] = words
    return [{"code": code, "sentence": words} for code, words in sorted(found.items())]
