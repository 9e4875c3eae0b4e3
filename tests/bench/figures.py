"""What a benchmark measures, and how: medians and 95th percentiles of single calls, rates of many."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat
from statistics import median, quantiles
from time import perf_counter

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `queries`: statements sent to the database in one call."""

    name: str
    value: float
    unit: str
    p95: float | None = None
    queries: int | None = None

    def as_json(self) -> dict[str, object]:
        known = {"value": self.value, "unit": self.unit, "p95": self.p95, "queries": self.queries}
        return {key: value for key, value in known.items() if value is not None}


def latency(name: str, work: Work, *, times: int = 40) -> Figure:
    """Milliseconds of one call, the first one (which fills caches) apart."""
    return latencies(name, repeat(work, times + 1))


def latencies(name: str, calls: Iterable[Work]) -> Figure:
    """Milliseconds of each of the calls, the first one apart; for work that cannot be done twice."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took: list[float] = []
    todo = iter(calls)
    with CaptureQueriesContext(connection) as seen:
        next(todo)()
    queries = len(seen)  # asked now: the next request forgets them
    for work in todo:
        began = perf_counter()
        work()
        took.append((perf_counter() - began) * 1000)
    p95 = quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    return Figure(name, round(median(took), 2), "ms", round(p95, 2), queries)


def rate(name: str, work: Callable[[], int], unit: str, *, seconds: float = 1.0, rounds: int = 5) -> Figure:
    """How many a second: the median of some rounds that take `seconds` together. `work` says how many it did."""
    work()
    return Figure(name, round(median(_one_round(work, seconds / rounds) for _ in range(rounds))), unit)


def _one_round(work: Callable[[], int], seconds: float) -> float:
    done, began = 0, perf_counter()
    while perf_counter() - began < seconds:
        done += work()
    return done / (perf_counter() - began)
