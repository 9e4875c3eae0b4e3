"""Writing many rows at once, and several statements in one message to the database."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import NOT_PROVIDED, Field, Model

Statement = tuple[str, Sequence[object]]
"""SQL and its parameters."""


def save_columns(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write these columns of stored rows of one model: one statement of one shape, however many rows.

    `bulk_update` spells out every value of every row, which costs more than the writing. Inside an action only.
    """
    if not rows:
        return
    meta = rows[0]._meta
    key, columns = meta.pk, [_column(rows[0], name) for name in names]
    told = ", ".join(f'"{each.column}"' for each in (key, *columns))
    arrays = ", ".join(f"%s::{_kind(each)}[]" for each in (key, *columns))
    changes = ", ".join(f'"{each.column}" = told."{each.column}"' for each in columns)
    # Names of our own columns alone, none of anybody's values.
    write = (
        f'UPDATE "{meta.db_table}" AS kept SET {changes} FROM unnest({arrays}) AS told({told}) '  # noqa: S608
        f'WHERE kept."{key.column}" = told."{key.column}"'
    )
    with connection.cursor() as cursor:
        cursor.execute(write, [_values(each, rows) for each in (key, *columns)])


def insertion(rows: Sequence[Model], *, pass_over_known: bool = False) -> Statement:
    """The statement that stores new rows of one model, to be sent together with others.

    `pass_over_known`: rows a unique constraint knows already are left out. The rows do not learn their ids.
    """
    table, names, places, columns = _new_row(type(rows[0]))
    known = " ON CONFLICT DO NOTHING" if pass_over_known else ""
    write = f"INSERT INTO {table} ({names}) VALUES {', '.join([places] * len(rows))}{known}"  # noqa: S608
    return write, [each.get_db_prep_save(each.pre_save(row, True), connection) for row in rows for each in columns]


@cache
def _new_row(model: type[Model]) -> tuple[str, str, str, tuple["Field[Any, Any]", ...]]:
    """The table, the columns a new row says and a place for each: not its key, nor what the database puts there."""
    said = [each for each in model._meta.concrete_fields if not each.primary_key and each.db_default is NOT_PROVIDED]
    names, places = ", ".join(f'"{each.column}"' for each in said), ", ".join(f"%s::{_kind(each)}" for each in said)
    return f'"{model._meta.db_table}"', names, f"({places})", tuple(said)


def send(statements: Sequence[Statement]) -> tuple[Any, ...]:
    """Do several statements in one message, in order. Returns the first row of the last one, which must have one."""
    values: list[Any] = [each for _, given in statements for each in given]
    with connection.cursor() as cursor:
        cursor.execute(";".join(sql for sql, _ in statements), values)
        return tuple(cursor.fetchone())


def _column(row: Model, name: str) -> Field:  # type: ignore[type-arg]
    """A column of the row's own table. Raises TypeError for what is kept elsewhere."""
    found = row._meta.get_field(name)
    if not isinstance(found, Field):
        raise TypeError(f"{name} is no column")
    return found


def _kind(field: Field) -> str:  # type: ignore[type-arg]
    """The type of a column, without its length: a cast would cut what is too long, writing refuses it."""
    return str(field.db_type(connection)).partition("(")[0]


def _values(field: Field, rows: Sequence[Model]) -> list[object]:  # type: ignore[type-arg]
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
