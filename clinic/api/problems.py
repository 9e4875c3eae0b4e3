"""Every refusal of the REST door as an RFC 9457 problem document: one shape, one sentence, machine-readable parts."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer

from clinic.actions import audit
from clinic.api.authentication import NotRecognised
from clinic.errors import AWAY, BAD_INPUT, BUSY, NOT_FOUND, Refused, forbidden, not_found
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import codes, say

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
LOCK_NOT_AVAILABLE = "55P03"
log = logging.getLogger("clinic.api")


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad part of the input: a JSON pointer into the body (or the name of a parameter), words, and a code."""

    pointer: str
    detail: str
    code: str


class BadBody(Refused):
    """422: the body or the query is not of the declared shape; `faults` says where."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("bad_input", status=BAD_INPUT)


def handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """The exception handler of every door: nothing leaves as a page or a bare status."""
    request = context["request"]._request
    refused = refusal_of(exc)
    if refused is None:
        return _our_fault(exc, request)
    response = problem(refused, request)
    if refused.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = context["view"].get_authenticate_header(context["request"])
    if isinstance(exc, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    if isinstance(exc, exceptions.Throttled):
        response["Retry-After"] = str(int(getattr(exc, "wait", None) or RETRY_SECONDS))
    return response


def problem(refused: Refused, request: HttpRequest) -> HttpResponse:
    """The problem document of a refusal, in the language of the caller."""
    language = language_of(request)
    body = document(
        code=refused.code,
        status=refused.status,
        detail=say(refused.sentence, language),
        language=language,
        errors=_errors_of(refused, language),
    )
    body = _parts_of(refused, language) | body
    response = HttpResponse(JSONRenderer().render(body), status=refused.status, content_type=MEDIA_TYPE)
    if refused.status == AWAY:
        response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def document(
    *, code: str, status: int, detail: str, language: str = "en", errors: Iterable[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The members of RFC 9457 plus `code` and `errors`. `instance` is the id the logs and the audit know it by."""
    listed = list(errors)
    return {
        "type": f"/problems/{code}",
        "title": title_of(status, language),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": audit.request_id.get(),
    } | ({"errors": listed} if listed else {})


def title_of(status: int, language: str = "en") -> str:
    """The short name of a kind of problem."""
    code = f"problem.title.{status}"
    return say(sentence(code), language) if code in codes() else HTTPStatus(status).phrase


def language_of(request: HttpRequest) -> str:
    """The person's language, or the one the request asks for."""
    return str(getattr(request, "language", "") or getattr(request, "LANGUAGE_CODE", "") or "en")[:2]


def refusal_of(exc: Exception) -> Refused | None:
    """The refusal behind an exception; None for a fault of ours."""
    for kinds, told in _REFUSALS:
        if isinstance(exc, kinds):
            return told(exc)
    return None


def too_large() -> Refused:
    """The body is larger than one request may be."""
    return Refused("too_large", sentence("problem.too_large"), status=413)


def _refusal_of_api(exc: exceptions.APIException) -> Refused | None:
    match exc:
        case exceptions.ValidationError():
            return BadBody(faults_of(exc.detail))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Refused("anonymous", sentence("problem.anonymous"), status=401)
        case exceptions.PermissionDenied():
            return forbidden()
        case exceptions.NotFound():
            return not_found()
    code = _CODES.get(exc.status_code)
    return Refused(code, sentence(f"problem.{code}"), status=exc.status_code) if code else None


_CODES = {400: "malformed", 405: "no_method", 406: "not_acceptable", 415: "media_type", 429: "too_many"}


def _refusal_of_database(exc: Exception) -> Refused:
    if getattr(exc.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE:
        return Refused("busy", status=BUSY)
    return Refused("database_away", status=AWAY)


def _our_fault(exc: Exception, request: HttpRequest) -> HttpResponse:
    got_request_exception.send(sender=None, request=request)
    log.error("request failed", exc_info=exc)
    return problem(Refused("fault", sentence("problem.fault"), status=500), request)


def faults_of(detail: Any, pointer: str = "") -> list[Fault]:
    """DRF's nested error lists, flattened to pointers (RFC 6901)."""
    if isinstance(detail, Mapping):
        return [fault for key, inner in detail.items() for fault in faults_of(inner, _below(pointer, key))]
    if isinstance(detail, list | tuple):
        nested = any(isinstance(one, Mapping | list) for one in detail)
        places = [_below(pointer, index) if nested else pointer for index in range(len(detail))]
        return [fault for place, inner in zip(places, detail, strict=True) for fault in faults_of(inner, place)]
    return [Fault(pointer, str(detail), getattr(detail, "code", "invalid"))]


def _below(pointer: str, key: object) -> str:
    # Errors of the whole object stand at the object itself.
    return pointer if key == "non_field_errors" else f"{pointer}/{_escaped(str(key))}"


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _errors_of(refused: Refused, language: str) -> list[dict[str, str]]:
    if isinstance(refused, BadBody):
        return [_worded(fault, language) for fault in refused.faults]
    return [
        {"pointer": _pointer(name), "detail": say(said, language), "code": said.code}
        for name, said in refused.fields.items()
    ]


def _worded(fault: Fault, language: str) -> dict[str, str]:
    code = f"field.{fault.code}"
    words = say(sentence(code), language) if code in codes() else fault.detail
    return {"pointer": fault.pointer, "detail": words, "code": fault.code}


def _pointer(name: str) -> str:
    return "" if not name else "/" + "/".join(_escaped(part) for part in name.split("."))


def _parts_of(refused: Refused, language: str) -> dict[str, Any]:
    """A gate's criteria and other parts, beside the members every problem has."""
    if not refused.details:
        return {}
    parts = refused.details if isinstance(refused.details, Mapping) else {"criteria": refused.details}
    return {str(key): _spoken(value, language) for key, value in parts.items()}


def _spoken(value: Any, language: str) -> Any:
    if isinstance(value, Sentence):
        return say(value, language)
    if isinstance(value, Mapping):
        return {str(key): _spoken(inner, language) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spoken(inner, language) for inner in value]
    return value


def _unreadable(_: Exception) -> Refused:
    return Refused("malformed", sentence("problem.malformed"), status=400)


# In this order: an oversized body is also a suspicious request.
_REFUSALS: list[tuple[tuple[type[Exception], ...], Callable[[Any], Refused | None]]] = [
    ((Refused,), lambda exc: exc),
    ((NotRecognised,), lambda exc: exc.refused),
    ((exceptions.APIException,), _refusal_of_api),
    ((OperationalError, InterfaceError), _refusal_of_database),
    ((Http404,), lambda _: not_found()),
    ((PermissionDenied,), lambda _: forbidden()),
    ((RequestDataTooBig,), lambda _: too_large()),
    ((DataError,), lambda _: Refused("bad_input", status=BAD_INPUT)),
    ((SuspiciousOperation, UnreadablePostError), _unreadable),
]


def unresolved(status: int) -> Refused:
    """What a status of the machinery before the doors means (no such address, bad host, forbidden)."""
    if status == NOT_FOUND:
        return not_found()
    known = {400: "malformed", 403: "forbidden", 401: "anonymous", 405: "no_method", 413: "too_large", 503: "away"}
    code = known.get(status, "fault" if status >= 500 else "malformed")
    if code == "away":
        return Refused("database_away", status=AWAY)
    return forbidden() if code == "forbidden" else Refused(code, sentence(f"problem.{code}"), status=status)
