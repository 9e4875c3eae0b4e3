"""Query sets that are put into SQL once, for what is asked on every page: building and compiling a large one takes
Django longer than the database takes to answer it."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connections
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler

P = ParamSpec("P")
Row = TypeVar("Row")


class Given(Expression):
    """Stands in a query set for a value that is given each time the statement is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class _Statement(Generic[Row]):
    """`params`: values, and a `Given` where one is to be put in."""

    rows: QuerySet[Any, Row]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]

    def asked(self, given: Mapping[str, Any]) -> list[Row]:
        params = [given[each.name] if isinstance(each, Given) else each for each in self.params]
        rows, compiler = self.rows.all(), copy(self.compiler)
        # The rows are read as the query set reads them; it only finds its statement made.
        compiler.connection = connections[rows.db]
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(params))  # type: ignore[method-assign]
        rows.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(rows)


def prepared(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """The rows of the query set this function builds.

    It runs once in a process, with a `Given` for each parameter: these may stand in the query set as values and decide
    nothing, and nothing of the moment (time zone, language) may stand in it. Values are given as the column wants
    them; many row ids as a list, for `among`. Raises TypeError where a parameter is missing.
    """
    asks = signature(build)
    kept: list[_Statement[Row]] = []

    @wraps(build)
    def asked(*args: P.args, **kwargs: P.kwargs) -> list[Row]:
        given = asks.bind(*args, **kwargs).arguments
        if not kept:
            kept.append(_statement(build, asks.parameters))
        return kept[0].asked(given)

    return asked


def _statement(build: Callable[..., QuerySet[Any, Row]], names: Iterable[str]) -> _Statement[Row]:
    rows = build(**{name: Given(name) for name in names})
    compiler = rows.query.get_compiler(using=rows.db)
    sql, params = compiler.as_sql()
    return _Statement(rows, compiler, sql, tuple(params))
