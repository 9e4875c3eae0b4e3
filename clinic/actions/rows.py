"""Writing many rows at once."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Field, Model


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
