"""What gates look at, gathered for many enrollments at once: one query for each sort of fact asked for."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache

from pathways.models import Enrollment
from pathways.queries.facts.registry import QUERIES, Asked
from pathways.rules.gates import Gate, GateFacts, Look, PhaseEntered
from patients.instruments import definitions

Looks = dict[int, frozenset[Look]]
ALWAYS = frozenset({Look(PhaseEntered)})


@cache
def patient_filled() -> frozenset[str]:
    """Instruments a patient can fill in without a clinician."""
    return frozenset(each.key for each in definitions() if each.administration.startswith("patient"))


def gather(
    enrollments: Collection[Enrollment], *, as_of: datetime, gates: Mapping[int, Gate] | None = None
) -> dict[int, GateFacts]:
    """Facts effective at or before `as_of` and known now, by enrollment id (decisions.md 9).

    `gates`: the gate each enrollment stands before, by id; only what these look at is fetched. Without it, everything:
    eight queries. `enrollment.site` must be loaded.
    """
    looks = None if gates is None else _looks(enrollments, gates)
    found: dict[int, dict[type, list[object]]] = defaultdict(lambda: defaultdict(list))
    for query, sorts in QUERIES.items():
        asked = _asked(enrollments, as_of, looks, sorts)
        if asked is None:
            continue
        for pk, facts in query(asked).items():
            for fact in facts:
                found[pk][type(fact)].append(fact)
    return {each.pk: _facts(each, found[each.pk], as_of) for each in enrollments}


def facts_of(enrollment: Enrollment, *, as_of: datetime, gate: Gate | None = None) -> GateFacts:
    """The facts of one enrollment; with a `gate`, those it looks at."""
    gates = None if gate is None else {enrollment.pk: gate}
    return gather([enrollment], as_of=as_of, gates=gates)[enrollment.pk]


def _looks(enrollments: Collection[Enrollment], gates: Mapping[int, Gate]) -> Looks:
    """What is looked at for each enrollment; the same gate is asked once."""
    distinct = {id(gate): gate for gate in gates.values()}
    needs = {key: gate.needs() | ALWAYS for key, gate in distinct.items()}
    return {each.pk: needs[id(gates[each.pk])] if each.pk in gates else ALWAYS for each in enrollments}


def _asked(
    enrollments: Collection[Enrollment], as_of: datetime, looks: Looks | None, sorts: tuple[type, ...]
) -> Asked | None:
    """A query's question: those enrollments whose gates look at what it fills; None where there is none."""
    if looks is None:
        return Asked(tuple(enrollments), as_of) if enrollments else None
    wanted = {need: frozenset(look for look in need if look.sort in sorts) for need in set(looks.values())}
    chosen = tuple(each for each in enrollments if wanted[looks[each.pk]])
    if not chosen:
        return None
    return Asked(chosen, as_of, frozenset().union(*(wanted[looks[each.pk]] for each in chosen)))


def _facts(enrollment: Enrollment, found: Mapping[type, list[object]], as_of: datetime) -> GateFacts:
    looked_up = {sort: tuple(facts) for sort, facts in found.items()}
    return GateFacts(as_of, enrollment.site.time_zone, looked_up, patient_filled())
