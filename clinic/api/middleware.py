"""What is refused before a door is reached (no such address, the database away) is a problem document too."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic.api.problems import MEDIA_TYPE, problem, unresolved

GetResponse = Callable[[HttpRequest], HttpResponse]


class ProblemMiddleware:
    """Outside the middleware that renders pages: under `/api/` a refusal is never one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith("/api/"):
            return response
        if response.get("Content-Type", "").startswith(MEDIA_TYPE) and not _is_bare(response):
            return response
        told = problem(unresolved(response.status_code), request)
        for name in ("Retry-After", "WWW-Authenticate", "Allow"):
            if name in response:
                told[name] = response[name]
        return told


def _is_bare(response: HttpResponse) -> bool:
    """A document without a type of its own, as the middleware of the pages writes it."""
    return json.loads(response.content).get("type") == "about:blank"
