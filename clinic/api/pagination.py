"""Cursor pages of the REST door: `?cursor=…&page_size=…`, links in the headers and in the body."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.errors import bad_input
from clinic.queries.pages import MOST, Page, page, page_of
from clinic.rules.sentences import sentence

if TYPE_CHECKING:
    from rest_framework.views import APIView

Row = TypeVar("Row")
USUAL = 50
CURSOR, SIZE = "cursor", "page_size"


class KeysetPagination(BasePagination):
    """Stable under inserts; the hundredth page costs what the first does. The view declares `order`."""

    page: Page

    def paginate_queryset(self, queryset: Any, request: Request, view: "APIView | None" = None) -> list[Any]:
        self.request = request
        order: Sequence[str] = getattr(view, "order", ("id",))
        size, cursor = size_of(request), request.query_params.get(CURSOR) or None
        self.page = page(queryset, order, cursor, size, binding_of(request))
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return paged(self.request, self.page, data)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {"results": schema, "next": link, "previous": link}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
        return [
            {"name": CURSOR, "in": "query", "required": False, "schema": {"type": "string"},
             "description": "Taken from `next` or `previous` of another page of the same list."},
            {"name": SIZE, "in": "query", "required": False, "schema": size, "description": "Rows on a page."},
        ]  # fmt: skip


def answer_page(
    request: Request, queryset: QuerySet[Any], order: Sequence[str], row: Callable[[Any], Mapping[str, Any]]
) -> Response:
    """One page of a list as an answer; `row` makes the JSON of one row."""
    size, cursor = size_of(request), request.query_params.get(CURSOR) or None
    found = page(queryset, order, cursor, size, binding_of(request))
    return paged(request, found, [row(each) for each in found.rows])


def page_asked(request: Request, rows: Sequence[Row], place: Callable[[Row], tuple[Any, ...]]) -> Page:
    """The page that is asked for of a list that was put together in memory, in the order of `place` (unique)."""
    return page_of(rows, place, request.query_params.get(CURSOR) or None, size_of(request), binding_of(request))


def paged(request: Request, found: Page, results: Any) -> Response:
    """The body and the `Link` header."""
    links = links_of(request, found)
    return Response({"results": results, **links}, headers=link_header(links))


def links_of(request: Request, found: Page) -> dict[str, str | None]:
    """The addresses of the pages beside one; None where there is none."""
    return {"next": _link(request, found.next_cursor), "previous": _link(request, found.previous_cursor)}


def link_header(links: Mapping[str, str | None]) -> dict[str, str] | None:
    """The `Link` header that says the same (RFC 8288); None where there is nothing to say."""
    told = ", ".join(f'<{url}>; rel="{"prev" if rel == "previous" else rel}"' for rel, url in links.items() if url)
    return {"Link": told} if told else None


def size_of(request: Request) -> int:
    """How many rows the caller asked for."""
    text = request.query_params.get(SIZE, str(USUAL))
    if not text.isascii() or not text.isdigit() or len(text) > 3 or not 1 <= int(text) <= MOST:
        raise bad_input(page_size=sentence("page.size", most=MOST))
    return int(text)


def binding_of(request: Request) -> str:
    """The list a cursor belongs to: the address and every filter, but not the place in it."""
    filters = sorted((key, values) for key, values in request.query_params.lists() if key not in (CURSOR, SIZE))
    return json.dumps([request.path, filters])


def _link(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    kept = [(key, one) for key, values in request.query_params.lists() for one in values if key != CURSOR]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*kept, (CURSOR, cursor)])}")
