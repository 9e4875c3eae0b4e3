"""OpenAPI 3.1 from the doors: scopes, problem documents, idempotency and versions stand on every operation."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.urls import get_resolver, reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, extend_schema
from oauth2_provider.scopes import get_scopes_backend

from clinic.api.idempotency import HEADER
from clinic.api.pagination import KeysetPagination
from clinic.api.problems import MEDIA_TYPE, title_of
from clinic.api.serializers import ProblemDocument
from clinic.queries.routes import route_policy
from clinic.rules.roles import PERSON_ONLY, SCOPES, Permission
from clinic.rules.routes import Route

OAUTH, SESSION = "oauth2", "session"
Method = TypeVar("Method", bound=Callable[..., Any])


def operation(
    name: str,
    *,
    takes: Any = None,
    answers: Any = None,
    status: int = 200,
    pages: bool = False,
    part: bool = False,
    filters: Any = None,
    edits: bool = False,
    also: Mapping[int, Any] | None = None,
) -> Callable[[Method], Method]:
    """Describe one method of a door.

    name: the operation id, a verb and a noun (`register_patient`), unique · takes: the Body · answers: the Row
    (None: no content) · pages: a cursor page of that Row · part: the Row holds such a page in it ·
    filters: the Filters · edits: needs `If-Match` ·
    also: more answers.
    """

    def decorate(method: Method) -> Method:
        method.stepwell = {"pages": pages, "part": part, "edits": edits}  # type: ignore[attr-defined]
        shown = answers(many=True) if pages else answers
        responses = {status: shown or OpenApiResponse(description="Nothing to say."), **(also or {})}
        return extend_schema(
            operation_id=name, request=takes, responses=responses, parameters=[filters] if filters else []
        )(method)

    return decorate


class DoorSchema(AutoSchema):
    """What all doors have in common, said once."""

    def _traits(self) -> Mapping[str, bool]:
        return getattr(getattr(self.view, self.method.lower(), None), "stepwell", {})

    def _changes(self) -> bool:
        return self.method in ("POST", "PUT", "PATCH", "DELETE") and getattr(self.view, "changes", True)

    def _get_paginator(self) -> Any:
        return KeysetPagination() if self._traits().get("pages") else None

    def _is_list_view(self, serializer: Any = None) -> bool:
        return bool(self._traits().get("pages"))

    def get_tags(self) -> list[str]:
        parts = [part for part in self.path.split("/") if part and "{" not in part]
        return [parts[2]] if len(parts) > 2 else ["api"]

    def _get_parameters(self) -> list[dict[str, Any]]:
        found = super()._get_parameters()
        if self._traits().get("part"):
            found += KeysetPagination().get_schema_operation_parameters(self.view)
        if self._changes():
            found.append(_header(HEADER, "The same key and body within 24 hours give the same answer once.", False))
        if self._traits().get("edits"):
            found.append(_header("If-Match", "The ETag of the version that was seen.", True))
        return found

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            refusal = OpenApiResponse(ProblemDocument, description=title_of(status))
            told = self._get_response_for_code(refusal, str(status), media_types=[MEDIA_TYPE])
            bodies.setdefault(str(status), told)
        return bodies

    def _refusals(self) -> list[int]:
        statuses = {401, 403, 422, 429, 503}
        if "{" in self.path:
            statuses.add(404)
        if self._changes():
            statuses |= {400, 409, 413, 415}
        if self._traits().get("edits"):
            statuses |= {412, 428}
        return sorted(statuses)

    def get_auth(self) -> list[dict[str, list[str]]]:
        super().get_auth()  # registers the two schemes
        needed = self._needed()
        if needed is None:
            return [] if self._is_public() else [{OAUTH: []}, {SESSION: []}]
        scopes = [scope for scope, held in SCOPES.items() if needed in held and needed not in PERSON_ONLY]
        return [*([{OAUTH: scopes}] if scopes else []), {SESSION: []}]

    def _route(self) -> Route | None:
        return route_policy(_names_of_doors().get(type(self.view), ""))

    def _is_public(self) -> bool:
        route = self._route()
        return route is not None and bool(route.public)

    def _needed(self) -> Permission | None:
        route = self._route()
        return None if route is None else route.needed(self.method)


def _header(name: str, description: str, required: bool) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 255}
    return {"in": "header", "name": name, "required": required, "description": description, "schema": schema}


@cache
def _names_of_doors() -> dict[type, str]:
    """Each door's route name, from the addresses themselves."""
    return dict(_walked(get_resolver().url_patterns, ""))


def _walked(patterns: Iterable[Any], namespace: str) -> Iterator[tuple[type, str]]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walked(pattern.url_patterns, inner)
        elif hasattr(pattern.callback, "cls"):
            yield pattern.callback.cls, f"{namespace}{pattern.name}"


class OAuthScheme(OpenApiAuthenticationExtension):
    """Client credentials, with the scopes of the permission table."""

    target_class = "clinic.api.authentication.ClientCredentialsAuthentication"
    name = OAUTH

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        flow = {"tokenUrl": reverse("oauth2_provider:token"), "scopes": get_scopes_backend().get_all_scopes()}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


class SessionScheme(OpenApiAuthenticationExtension):
    """The browser's session; changing calls carry the CSRF token in `X-CSRFToken`."""

    target_class = "clinic.api.authentication.StaffSessionAuthentication"
    name = SESSION

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
