"""Many row ids in one statement."""

from collections.abc import Iterable

from django.db.models.expressions import RawSQL


def among(ids: Iterable[int]) -> RawSQL:
    """For `…__in` with hundreds of row ids: one array, which costs the same to plan whatever its length."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])
