"""The newest records of each instrument or test: found by the index, so that a long history costs no more."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model

from pathways.queries.facts.registry import Asked
from pathways.rules.gates.registry import NEWEST

Found = Mapping[str, Any]
"""The columns of one record."""

# For each person and key a look into the index, from the newest down: what no query set can say in one statement.
_STATEMENT = """
    SELECT asked.patient, {columns}
    FROM unnest(%s::bigint[]) AS asked (patient)
    CROSS JOIN unnest(%s::text[], %s::int[], %s::int[], %s::timestamptz[]) AS looked (key, after, most, since)
    CROSS JOIN LATERAL (
        SELECT {columns} FROM {table}
        WHERE patient_id = asked.patient AND {field} = looked.key AND {known}
            AND effective_at <= %s AND effective_at >= coalesce(looked.since, '-infinity')
        ORDER BY effective_at DESC, id DESC OFFSET looked.after LIMIT looked.most
    ) AS found
"""


def newest(
    asked: Asked, sort: type, model: type[Model], known: str, field: str, keys: Collection[str],
    columns: Collection[str],
) -> Iterator[tuple[int, list[Found]]]:  # fmt: skip
    """By patient: of each key looked at its newest records, and all of the days asked for. One query.

    `known`: the condition, a fixed text, under which a record counts · `field` holds the key; `keys` are all there are,
    for a criterion that names none.
    """
    looks = list(_looks(asked, sort, keys))
    if not looks:
        return
    # Nothing in the statement is given by anybody: names of columns and a condition that stand in this package.
    statement = _STATEMENT.format(
        columns=", ".join(columns), table=model._meta.db_table, field=field, known=known
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(asked.patients), *map(list, zip(*looks, strict=True)), asked.as_of])
        rows = cursor.fetchall()
    by_patient: dict[int, list[Found]] = {patient: [] for patient in asked.patients}
    documents = [name for name in columns if isinstance(model._meta.get_field(name), JSONField)]
    for patient, *values in rows:
        row = dict(zip(columns, values, strict=True))
        row |= {name: None if row[name] is None else json.loads(row[name]) for name in documents}
        by_patient[patient].append(row)
    yield from by_patient.items()


def _looks(asked: Asked, sort: type, keys: Collection[str]) -> Iterator[tuple[str, int, int, datetime | None]]:
    """What is looked for: the key, after how many of its newest records (those were looked for already), how many, and
    none from before when."""
    for key, (most, days) in asked.keys(sort, keys).items():
        yield key, 0, most, None
        if days is not None:
            yield key, most, NEWEST, asked.as_of - timedelta(days=days + 1)
