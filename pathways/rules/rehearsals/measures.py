"""What a laboratory, a screen or a scale finds: a value that fits what gates ask, or one that just does not."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from random import Random

from pathways.rules.gates.observations import LIMITS, ObservationCompared, ObservationOp
from patients.rules.observations import Entry, ObservationResult, ObservationTest, ValueKind

RANGE = (Decimal(10), Decimal(40))
"""The laboratory's range where the test has none of its own that can be taken (invented)."""
STEPS = 240
CHOICE = 4
"""Out of so many values the nearest to what is asked is drawn."""
OTHER = {
    ObservationResult.NEGATIVE: ObservationResult.POSITIVE,
    ObservationResult.POSITIVE: ObservationResult.NEGATIVE,
}
WANTED = {ObservationOp.NEGATIVE: ObservationResult.NEGATIVE, ObservationOp.POSITIVE: ObservationResult.POSITIVE}


def entry_for(
    test: ObservationTest, asked: Collection[ObservationCompared], *, fits: bool, dice: Random
) -> Entry | None:
    """One value of the test as it would be typed: it fits all that is asked of it, or not. None where none can be."""
    if test.kind is ValueKind.RESULT:
        return _result(test, asked, fits)
    if test.kind is not ValueKind.NUMBER or any(each.op in WANTED for each in asked):
        return None
    low, high = _range(test)
    values = list(_values(test, low, high))
    fitting = [value for value in values if all(_fits(each, value, low, high) for each in asked)]
    found = _usual(fitting, low, high) if fits else _nearest(values, fitting)
    return Entry(test.code, dice.choice(found), reference_low=low, reference_high=high) if found else None


def _result(test: ObservationTest, asked: Collection[ObservationCompared], fits: bool) -> Entry | None:
    results = {WANTED.get(each.op) for each in asked}
    wanted = next(iter(results)) if len(results) == 1 else None
    if wanted is None:
        return None
    return Entry(test.code, (wanted if fits else OTHER[wanted]).value)


def _range(test: ObservationTest) -> tuple[Decimal, Decimal]:
    """The range the laboratory would print: what is usual in an adult, where that is known."""
    low, high = RANGE
    if test.typical is not None:
        usual = test.typical.everyone
        low, high = usual.low if usual.low is not None else low, usual.high if usual.high is not None else high
    if test.plausible is not None and test.plausible.high is not None:
        high = min(high, test.plausible.high)
    return min(low, high), high


def _values(test: ObservationTest, low: Decimal, high: Decimal) -> Iterator[Decimal]:
    """Values that can be typed, from the least that is plausible to the most, or some times the usual limit."""
    plausible = test.plausible
    least = plausible.low if plausible is not None and plausible.low is not None else Decimal(0)
    most = plausible.high if plausible is not None and plausible.high is not None else 12 * high
    top = max(min(most, 12 * high), least + 1) if 12 * high > least else most
    for step in range(STEPS + 1):
        yield (least + (top - least) * step / STEPS).quantize(Decimal(1) if test.whole else Decimal("0.1"))


def _usual(fitting: list[Decimal], low: Decimal, high: Decimal) -> list[Decimal]:
    """Of what fits, what is also usual, if anything is."""
    return [value for value in fitting if low <= value <= high] or fitting


def _nearest(values: list[Decimal], fitting: list[Decimal]) -> list[Decimal]:
    """Of what does not fit, the few values nearest to what does."""
    others = sorted(
        {value for value in values if value not in fitting},
        key=lambda value: (min((abs(value - each) for each in fitting), default=Decimal(0)), value),
    )
    return others[:CHOICE]


def _fits(asked: ObservationCompared, value: Decimal, low: Decimal, high: Decimal) -> bool:
    if asked.op is ObservationOp.IN_RANGE:
        return low <= value <= high
    limit = asked.value if asked.times_upper_limit is None else high * asked.times_upper_limit
    if asked.op not in LIMITS or limit is None:
        return False
    match asked.op:
        case ObservationOp.BELOW:
            return value < limit
        case ObservationOp.AT_MOST:
            return value <= limit
        case ObservationOp.AT_LEAST:
            return value >= limit
    return value > limit
