"""One page of a long list: the page after or before a row, never "the rows from the 5000th on".

The cost of a page does not grow with its depth, and rows that appear or vanish meanwhile shift nothing. The cursor
is encrypted (order keys may be names and dates of people) and bound to the list it was made for.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import bad_input
from clinic.rules.sentences import sentence
from clinic.sealing import seal, unseal

PURPOSE = "cursor"
FORWARD, BACKWARD = "next", "previous"
MOST = 200
PUT_TOGETHER = ("place",)
"""The order of a list that no query set gives."""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the declared order; a cursor is None where there is nothing more on that side."""

    rows: list[Any]
    next_cursor: str | None
    previous_cursor: str | None


def page(queryset: QuerySet[Any], order: Sequence[str], cursor: str | None, size: int, binding: str) -> Page:
    """`size` rows of the list after or before the cursor, in one query.

    order: field paths or annotations, `-` for descending; never null, and unique together (end with `id`).
    binding: what the cursor is good for (route and filters); a cursor of another list is refused (422).
    """
    _check(size)
    direction, key = _opened(cursor, binding, order) if cursor else (FORWARD, None)
    walked = list(order) if direction == FORWARD else [_turned(path) for path in order]
    rows = queryset.order_by(*walked)
    if key is not None:
        rows = rows.filter(_beyond(walked, key))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if direction == BACKWARD:
        found.reverse()
    after = more if direction == FORWARD else True
    before = key is not None if direction == FORWARD else more
    return Page(
        rows=found,
        next_cursor=_sealed(FORWARD, _key(found[-1], order), order, binding) if found and after else None,
        previous_cursor=_sealed(BACKWARD, _key(found[0], order), order, binding) if found and before else None,
    )


def page_of(
    rows: Sequence[Row], place: Callable[[Row], tuple[Any, ...]], cursor: str | None, size: int, binding: str
) -> Page:
    """As `page`, of a list that was put together in memory, in the order of `place` (unique)."""
    _check(size)
    direction, key = _opened(cursor, binding, PUT_TOGETHER) if cursor else (FORWARD, None)
    if direction == FORWARD:
        first = 0 if key is None else bisect_right(rows, tuple(key), key=place)
        last = min(len(rows), first + size)
    else:
        last = len(rows) if key is None else bisect_left(rows, tuple(key), key=place)
        first = max(0, last - size)
    found = list(rows[first:last])
    return Page(
        rows=found,
        next_cursor=_sealed(FORWARD, place(found[-1]), PUT_TOGETHER, binding) if found and last < len(rows) else None,
        previous_cursor=_sealed(BACKWARD, place(found[0]), PUT_TOGETHER, binding) if found and first else None,
    )


def _check(size: int) -> None:
    if not 1 <= size <= MOST:
        raise ValueError(f"a page holds 1 to {MOST} rows")


def _turned(path: str) -> str:
    return path[1:] if path.startswith("-") else f"-{path}"


def _beyond(order: Sequence[str], key: Sequence[Any]) -> Q:
    """Rows after the key. The first comparison alone already narrows the index scan; the rest settles ties."""
    reached, ties = Q(), Q()
    for path, value in zip(order, key, strict=True):
        name, comparison = (path[1:], "lt") if path.startswith("-") else (path, "gt")
        reached |= ties & Q(**{f"{name}__{comparison}": value})
        ties &= Q(**{name: value})
    first = order[0].lstrip("-")
    return Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": key[0]}) & reached


def _key(row: Any, order: Sequence[str]) -> list[Any]:
    return [_value(row, path.lstrip("-")) for path in order]


def _sealed(direction: str, key: Sequence[Any], order: Sequence[str], binding: str) -> str:
    written = [_written(value) for value in key]
    content = json.dumps([binding, list(order), direction, written], separators=(",", ":"))
    return seal(PURPOSE, content.encode()).decode()


def _opened(cursor: str, binding: str, order: Sequence[str]) -> tuple[str, list[Any]]:
    try:
        made_for, made_in, direction, key = json.loads(unseal(PURPOSE, cursor.encode()))
    except ValueError:
        raise bad_input(cursor=sentence("page.cursor_unknown")) from None
    if made_for != binding or made_in != list(order):
        raise bad_input(cursor=sentence("page.cursor_foreign"))
    return direction, [_read(kind, text) for kind, text in key]


def _value(row: Any, path: str) -> Any:
    if isinstance(row, Mapping):
        return row[path]
    for name in path.split("__"):
        row = getattr(row, name)
    return row


_KINDS: dict[str, tuple[type, Any]] = {
    "datetime": (datetime, datetime.fromisoformat),
    "date": (date, date.fromisoformat),
    "time": (time, time.fromisoformat),
    "uuid": (UUID, UUID),
    "decimal": (Decimal, Decimal),
    "bool": (bool, lambda text: text == "True"),
    "int": (int, int),
    "float": (float, float),
    "str": (str, str),
}


def _written(value: Any) -> tuple[str, str]:
    for kind, (python, _) in _KINDS.items():
        if isinstance(value, python):
            return kind, value.isoformat() if isinstance(value, date | time) else str(value)
    raise ValueError(f"{type(value).__name__} cannot order a list of pages")


def _read(kind: str, text: str) -> Any:
    return _KINDS[kind][1](text)
