"""Query sets that are put into SQL once, for what is asked on every page: building and compiling a large one takes
Django longer than the database takes to answer it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec

from django.db import connection
from django.db.models import Expression, QuerySet

P = ParamSpec("P")
Row = tuple[Any, ...]


class Given(Expression):
    """Stands in a query set for a value that is given each time the statement is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class _Statement:
    """`params`: values, and `Given` where one is to be put in · `readings`: how columns are read, by their place."""

    sql: str
    params: tuple[Any, ...]
    width: int
    readings: tuple[tuple[int, Any, list[Callable[..., Any]]], ...]

    def rows(self, given: Mapping[str, Any]) -> list[Row]:
        params: list[Any] = [given[each.name] if isinstance(each, Given) else each for each in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found = [row[: self.width] for row in cursor.fetchall()]
        return list(self._read(found)) if self.readings else found

    def _read(self, found: list[Row]) -> Iterator[Row]:
        for row in map(list, found):
            for place, column, readings in self.readings:
                for read in readings:
                    row[place] = read(row[place], column, connection)
            yield tuple(row)


def prepared(build: Callable[P, QuerySet[Any, Any]]) -> Callable[P, list[Any]]:
    """The rows of the `values_list` this function builds.

    It runs once in a process, with a `Given` for each parameter: these may stand in the query set as values and decide
    nothing, and nothing of the moment (time zone, language) may stand in it. Values are given as the column wants
    them; many row ids as a list, for `among`. Raises TypeError where a parameter is missing.
    """
    asks = signature(build)
    kept: list[_Statement] = []

    @wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[Any]:
        given = asks.bind(*args, **kwargs).arguments
        if not kept:
            kept.append(_statement(_built(build, asks.parameters)))
        return kept[0].rows(given)

    return rows


def _built(build: Callable[..., QuerySet[Any, Any]], names: Iterable[str]) -> QuerySet[Any, Any]:
    return build(**{name: Given(name) for name in names})


def _statement(rows: QuerySet[Any, Any]) -> _Statement:
    compiler = rows.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    columns = [column for column, *_named in compiler.select[: compiler.col_count]]
    readings = compiler.get_converters(columns)
    return _Statement(
        sql, tuple(params), len(columns),
        tuple((place, column, list(read)) for place, (read, column) in readings.items()),
    )  # fmt: skip
