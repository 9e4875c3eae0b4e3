"""The outermost of our own: a refusal that escaped a view becomes a page, an absent database a 503."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse

from clinic.actions import audit
from clinic.web.answers import DATABASE_AWAY, away, refusal_of, refusal_response

Answer = TypeVar("Answer")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Names the request for the audit, and answers what views did not."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = structlog.contextvars.get_contextvars().get("request_id")
        token = audit.request_id.set(str(known or uuid4())[:64])
        try:
            return self.get_response(request)
        finally:
            audit.request_id.reset(token)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refused = refusal_of(error)
        return None if refused is None else refusal_response(request, refused)


def answering(call: Callable[..., Answer]) -> Callable[..., Answer | HttpResponse]:
    """For middleware that asks the database before any view runs: Django would make its absence a plain 500."""

    @wraps(call)
    def answered(self: Any, request: HttpRequest, *args: Any) -> Answer | HttpResponse:
        try:
            return call(self, request, *args)
        except DATABASE_AWAY:
            return refusal_response(request, away())

    return answered
