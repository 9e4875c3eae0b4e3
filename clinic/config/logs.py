"""What a log line may say. A request is named by its route, an error by its kind and place."""

import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class RequestLogMiddleware(RequestMiddleware):
    """Logs the route pattern: the path could carry a reset key, the query string a name someone typed."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        match = getattr(request, "resolver_match", None)
        return f"{request.method} /{match.route}" if match else f"{request.method} (no route)"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Who acted, by public id. The library would ask the database for the user, also when that is away."""
        actor = getattr(request, "actor", None)
        structlog.contextvars.bind_contextvars(actor=str(actor.public_id) if actor else None)


def drop_addresses(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What Django says of a request ends with its address, which may be a patient's own: only what comes before stays.
    "Forbidden (CSRF token missing.): /l/…" becomes "Forbidden (CSRF token missing.)"."""
    if str(event.get("logger", "")).startswith(("django.request", "django.security")):
        event["event"] = str(event.get("event", "")).partition(": ")[0]
    return event


def drop_exception_words(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its kind and the lines it passed: its words may quote a patient's record."""
    error = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, BaseException):
        error = (type(error), error, error.__traceback__)
    if isinstance(error, tuple) and error[0] is not None:
        event["error"] = f"{error[0].__module__}.{error[0].__qualname__}"
        event["at"] = _places(error[2])
    return event


def _places(tail: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(tail)[-12:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
