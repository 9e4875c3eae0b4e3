"""Which query fills which sort of fact. A new sort of fact is one function with `@fact_query`.

A query answers for many enrollments at once, in one statement, with what was effective at or before `as_of` and is
known now (decisions.md 9): what was retracted or amended since is not known.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

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

    def days(self, sort: type) -> int | None:
        """How many days back the gates look; None: however far."""
        found = [look.days for look in self.looks or () if look.sort is sort]
        known = [days for days in found if days is not None]
        return max(known) if known and len(known) == len(found) else None

    def keys(self, sort: type, known: Collection[str]) -> dict[str, tuple[int, int | None]]:
        """The keys looked at: of each how many of its newest records, and how many days back all of them."""
        everything: dict[str, tuple[int, int | None]] = dict.fromkeys(known, (NEWEST, None))
        if self.looks is None or any(look.sort is sort and look.key is None for look in self.looks):
            return everything
        found: dict[str, tuple[int, int | None]] = {}
        for look in self.looks:
            if look.sort is sort and look.key is not None:
                most, days = found.get(look.key, (0, None))
                farthest = max((each for each in (days, look.days) if each is not None), default=None)
                found[look.key] = (max(most, look.newest), farthest)
        return found

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
