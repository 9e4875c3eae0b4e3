"""Many values in one statement."""

from collections.abc import Iterable

from django.db.models import BooleanField, F, Func, Value
from django.db.models.expressions import RawSQL

from clinic.queries.prepared import Given


def among(ids: Iterable[int] | Given) -> RawSQL:
    """For `…__in` with hundreds of row ids: one array, which costs the same to plan whatever its length."""
    return RawSQL("SELECT unnest(%s::bigint[])", [ids if isinstance(ids, Given) else list(ids)])


def one_of(column: str, ids: Iterable[int] | Given) -> Func:
    """For `filter(...)`, where the rows are joined with many others or the ids are one of several conditions: a list
    to PostgreSQL, where `among` is one more table to join."""
    return _one_of(column, "bigint", ids)


def one_of_words(column: str, words: Iterable[str] | Given) -> Func:
    """The same for hundreds of words."""
    return _one_of(column, "text", words)


def _one_of(column: str, kind: str, values: Iterable[object] | Given) -> Func:
    given = values if isinstance(values, Given) else Value(list(values))
    template = f"%(expressions)s::{kind}[])"
    return Func(F(column), given, template=template, arg_joiner=" = ANY(", output_field=BooleanField())
