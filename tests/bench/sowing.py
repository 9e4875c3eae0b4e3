"""Many rows at once, made by the database itself: one row as a pattern, what differs as expressions over a query."""

from django.db import connection, models

from tests.faults.load import NOON


def sow(pattern: models.Model, source: str, **differs: str) -> int:
    """Insert a row for each row of `source` (what stands behind FROM). Returns how many.

    `differs`: column to SQL expression; every other column is the pattern's. Each row gets its own public id.
    """
    columns, values, given = [], [], []
    for field in pattern._meta.concrete_fields:
        if field.primary_key:
            continue
        columns.append(field.column)
        if field.column in differs:
            values.append(differs[field.column].replace("%", "%%"))
        elif field.column == "public_id":
            values.append("gen_random_uuid()")
        else:
            values.append("%s")
            given.append(field.get_db_prep_save(getattr(pattern, field.attname), connection))
    table, into = pattern._meta.db_table, ", ".join(columns)
    rows = source.replace("%", "%%")
    statement = f"INSERT INTO {table} ({into}) SELECT {', '.join(values)} FROM {rows}"
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.rowcount


def days_ago(days: str) -> str:
    """A moment so many days before the noon at which benchmarks stand."""
    return f"(timestamptz '{NOON.isoformat()}' - ({days}) * interval '1 day')"
