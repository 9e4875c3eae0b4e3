"""`Idempotency-Key` on every verb that changes something: the door's side of `clinic.actions.idempotency.once`."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import clock
from clinic.actions.idempotency import Answer, once
from clinic.api.permissions import actor_of
from clinic.api.problems import problem

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
_CHANGING = ("post", "put", "patch", "delete")
_KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Link", "Allow")
Method = Callable[..., HttpResponseBase]


class IdempotentDoor:
    """Every changing method of a subclass heeds the key, unless the door says `changes = False` (a search, a score)."""

    changes = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.changes:
            for name in _CHANGING:
                if name in cls.__dict__:
                    setattr(cls, name, _answering_once(cls.__dict__[name]))

    def admit(self, request: Request, **parts: Any) -> None:
        """Asked before a replay: raise Refused where the caller may no longer see what the address names."""


def _answering_once(method: Method) -> Method:
    @wraps(method)
    def answering(self: Any, request: Request, *args: Any, **parts: Any) -> HttpResponseBase:
        key = request.headers.get(HEADER)
        actor = actor_of(request)
        if key is None or actor is None:
            return method(self, request, *args, **parts)
        answer = once(
            by=actor,
            key=key,
            method_and_path=f"{request.method} {request._request.get_full_path()}",
            body_hash=_body_hash(request),
            verb=lambda: _kept(method(self, request, *args, **parts), request),
            told=lambda refused: _kept(problem(refused, request._request), request),
            allowed=lambda: self.admit(request, **parts),
            now=clock.real_now(),
        )
        return _sent(answer, request)

    return answering


def _body_hash(request: Request) -> str:
    # If-Match is part of what is asked: the same body against another version is another request.
    meant = request.headers.get("If-Match", "").encode() + b"\n" + request._request.body
    return hashlib.sha256(meant).hexdigest()


def _kept(response: HttpResponseBase, request: Request) -> Answer:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    if isinstance(response, Response):
        # Not rendered yet: the header it carries by now is Django's own guess.
        body = JSONRenderer().render(response.data)
        headers["Content-Type"] = response.content_type or "application/json"
    else:
        body = _content(response)
    return Answer(response.status_code, body, headers, _patients_seen(request))


def _content(response: HttpResponseBase) -> bytes:
    if not isinstance(response, HttpResponse):
        raise TypeError("a streamed answer cannot be kept for a replay")
    return response.content


def _patients_seen(request: Request) -> tuple[str, ...]:
    seen = getattr(request._request, "seen", None)
    return tuple(sorted(str(one) for one in seen.patients)) if seen is not None else ()


def _sent(answer: Answer, request: Request) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
    if answer.replayed:
        response[REPLAYED] = "true"
        seen = getattr(request._request, "seen", None)
        if seen is not None:
            seen.update(answer.patients)
    return response
