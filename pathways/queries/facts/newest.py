"""The newest records of each instrument or test: found by the index, so that a long history costs no more."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from pathways.queries.facts.registry import Asked
from pathways.rules.gates.registry import NEWEST
from patients.models import Patient

Row = TypeVar("Row", bound=Model)
Found = Mapping[str, Any]
"""The columns of one record as JSON writes them."""


def newest(
    asked: Asked, sort: type, rows: QuerySet[Row], field: str, known: Collection[str], columns: Collection[str]
) -> Iterator[tuple[int, list[Found]]]:
    """By patient: of each key looked at its newest records, and all of the days asked for. One query.

    `field` holds the key; `known` are all there are, for a criterion that names none.
    """
    kept = JSONObject(**{name: name for name in columns})
    before = rows.filter(patient=OuterRef("pk"), effective_at__lte=asked.as_of).order_by("-effective_at", "-pk")
    arrays = []
    for key, (most, days) in asked.keys(sort, known).items():
        of_key = before.filter(**{field: key})
        arrays.append(ArraySubquery(of_key.values(kept=kept)[:most]))
        if days is not None:
            lately = of_key.filter(effective_at__gte=asked.as_of - timedelta(days=days + 1))
            arrays.append(ArraySubquery(lately.values(kept=kept)[:NEWEST]))
    for patient, *found in Patient.objects.filter(pk__in=asked.patients).values_list("pk", *arrays):
        yield patient, list({each["public_id"]: each for some in found for each in some}.values())
