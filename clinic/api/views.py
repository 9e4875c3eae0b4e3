"""The base of every REST door: who asks, when, what the body says, and how the answer looks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from clinic import clock
from clinic.api.authentication import ClientCredentialsAuthentication, StaffSessionAuthentication
from clinic.api.etags import expected_version
from clinic.api.idempotency import IdempotentDoor
from clinic.api.pagination import CURSOR, SIZE, answer_page
from clinic.api.parsers import LARGEST, StrictJSONParser, storable
from clinic.api.permissions import RoutePolicyPermission, actor_of
from clinic.api.problems import BadBody, Fault, faults_of, handler, too_large
from clinic.api.serializers import Body, Filters
from clinic.api.throttles import CallerThrottle
from clinic.models import Actor

Shape = TypeVar("Shape", bound=Body)


class Door(IdempotentDoor, APIView):
    """Parse, call one action or query, render. Methods raise `Refused` or return `self.ok(...)`, `self.page(...)`."""

    authentication_classes = [ClientCredentialsAuthentication, StaffSessionAuthentication]
    permission_classes = [RoutePolicyPermission]
    parser_classes = [StrictJSONParser]
    throttle_classes = [CallerThrottle]

    def get_exception_handler(self) -> Callable[..., Any]:
        return handler

    def initial(self, request: Request, *args: Any, **parts: Any) -> None:
        super().initial(request, *args, **parts)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise too_large()

    @property
    def actor(self) -> Actor:
        """Who asks; the permission let only known callers in."""
        return cast(Actor, actor_of(self.request))

    @cached_property
    def now(self) -> datetime:
        """The clinic's clock, read once per request."""
        return clock.now()

    def body(self, shape: type[Serializer]) -> dict[str, Any]:
        """The validated body. Raises Refused (422) with a pointer to each bad part."""
        return _validated(shape(data=self.request.data, context={"now": self.now}))

    def filters(self, shape: type[Filters]) -> dict[str, Any]:
        """The validated query parameters; an unknown one is refused, and so is a name repeated."""
        given = {key: value for key, value in self._query().items() if key not in (CURSOR, SIZE)}
        return _validated(shape(data=given))

    def expected_version(self) -> int:
        """The version in `If-Match`: 428 where it is missing."""
        return expected_version(self.request)

    def seen(self, *patient_public_ids: Any) -> None:
        """Say whom the answer shows; the middleware writes it down."""
        self.request._request.seen.update(patient_public_ids)  # type: ignore[attr-defined]

    def ok(
        self, row: Mapping[str, Any], status: int = 200, etag: str | None = None, location: str | None = None
    ) -> Response:
        """The answer; `etag` from `etag_of(row)`, `location` the address of what was made."""
        headers = {name: value for name, value in {"ETag": etag, "Location": location}.items() if value}
        return Response(row, status=status, headers=headers or None)

    def page(
        self,
        queryset: QuerySet[Any],
        order: Sequence[str],
        row: Callable[[Any], Mapping[str, Any]],
        shape: type[Filters] = Filters,
    ) -> Response:
        """One cursor page of a list. `order` ends with a unique key; `shape` names the filters that may be given."""
        self.filters(shape)
        return answer_page(self.request, queryset, order, row)

    def finalize_response(self, request: Any, response: Any, *args: Any, **parts: Any) -> Any:
        response = super().finalize_response(request, response, *args, **parts)
        allowance = getattr(getattr(request, "_request", request), "allowance", None)
        for name, value in (allowance.headers() if allowance else {}).items():
            response[name] = value
        response.setdefault("Cache-Control", "no-store")
        return response

    def _query(self) -> dict[str, str]:
        faults = []
        for key, values in self.request.query_params.lists():
            if len(values) > 1:
                faults.append(Fault(f"/{key}", "", "repeated"))
            elif not storable(key) or not storable(values[0]):
                faults.append(Fault("", "", "text"))
        if faults:
            raise BadBody(faults)
        return self.request.query_params.dict()


def _validated(form: Serializer) -> dict[str, Any]:
    if not form.is_valid():
        raise BadBody(faults_of(form.errors))
    return cast(dict[str, Any], form.validated_data)
