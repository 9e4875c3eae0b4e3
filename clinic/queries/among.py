"""Many row ids in one statement."""

from collections.abc import Iterable

from django.db.models.expressions import RawSQL

from clinic.queries.prepared import Given


def among(ids: Iterable[int] | Given) -> RawSQL:
    """For `…__in` with hundreds of row ids: one array, which costs the same to plan whatever its length."""
    return RawSQL("SELECT unnest(%s::bigint[])", [ids if isinstance(ids, Given) else list(ids)])
