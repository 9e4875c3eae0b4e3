"""Which query fills which sort of fact. A new sort of fact is one function with `@fact_query`.

A query answers for many enrollments at once, in one statement, with what was effective at or before `as_of` and is
known now (decisions.md 9): what was retracted or amended since is not known.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from pathways.models import Enrollment
from pathways.rules.gates import Look
from pathways.rules.gates.registry import NEWEST

Answers = Mapping[int, Iterable[object]]
"""Facts by enrollment id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom, as of when, and what the gates at hand look at (None: everything of the sort)."""

    enrollments: tuple[Enrollment, ...]
    as_of: datetime
    looks: frozenset[Look] | None = None

    @property
    def ids(self) -> list[int]:
        return [each.pk for each in self.enrollments]

    @property
    def patients(self) -> set[int]:
        return {each.patient_id for each in self.enrollments}

    def wants(self, sort: type) -> bool:
        """Whether any gate looks at this sort of fact."""
        return self.looks is None or any(look.sort is sort for look in self.looks)

    def keys(self, sort: type) -> dict[str, int] | None:
        """The keys looked at with how many of their newest records; None for all of them."""
        found: dict[str, int] = {}
        for look in self.looks or ():
            if look.sort is not sort:
                continue
            if look.key is None:
                return None
            found[look.key] = max(look.newest, found.get(look.key, 0))
        return None if self.looks is None else found

    def newest(self, sort: type, field: str) -> tuple[Q, Q]:
        """Two filters: the keys looked at, and of each its newest records by their `place`."""
        keys = self.keys(sort)
        if keys is None:
            return Q(), Q(place__lte=NEWEST)
        together: dict[int, list[str]] = defaultdict(list)
        for key, most in keys.items():
            together[most].append(key)
        places = Q()
        for most, some in together.items():
            places |= Q(**{f"{field}__in": sorted(some)}, place__lte=most)
        return Q(**{f"{field}__in": sorted(keys)}), places

    def of_patients(self, found: Mapping[int, Iterable[object]]) -> Answers:
        """Facts kept by patient, for each of their enrollments."""
        return {each.pk: found[each.patient_id] for each in self.enrollments if each.patient_id in found}


Query = Callable[[Asked], Answers]
QUERIES: dict[Query, tuple[type, ...]] = {}


def fact_query(*sorts: type) -> Callable[[Query], Query]:
    """Registers the query that fills these sorts of fact. Raises ValueError for a sort filled twice."""

    def register(query: Query) -> Query:
        taken = {sort for known in QUERIES.values() for sort in known} & set(sorts)
        if taken:
            raise ValueError(f"two queries fill {sorted(each.__name__ for each in taken)}")
        QUERIES[query] = sorts
        return query

    return register
