"""What a laboratory, a screen or a scale finds: a value that fits what a gate asks, or one that does not."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from pathways.rules.gates.observations import LIMITS, ObservationCompared, ObservationOp
from patients.rules.observations import Entry, ObservationResult, ObservationTest, ValueKind

RANGE = (Decimal(10), Decimal(40))
"""The laboratory's range where the test has none of its own that can be taken (invented)."""
STEPS = 40


def entry_for(test: ObservationTest, asked: ObservationCompared, *, fits: bool, dice: Random) -> Entry | None:
    """One value of the test as it would be typed, that fits what is asked or does not. None where there is none."""
    if test.kind is ValueKind.RESULT:
        return _result(test, asked, fits)
    if test.kind is not ValueKind.NUMBER or asked.op in (ObservationOp.NEGATIVE, ObservationOp.POSITIVE):
        return None
    low, high = _range(test)
    wanted = [value for value in _values(test, high) if _fits(asked, value, low, high) is fits]
    if not wanted:
        return None
    near = sorted(wanted, key=lambda value: (abs(value - high), value))[: max(len(wanted) // 2, 1)]
    return Entry(test.code, dice.choice(near), reference_low=low, reference_high=high)


def _result(test: ObservationTest, asked: ObservationCompared, fits: bool) -> Entry | None:
    results = {ObservationOp.NEGATIVE: ObservationResult.NEGATIVE, ObservationOp.POSITIVE: ObservationResult.POSITIVE}
    wanted = results.get(asked.op)
    if wanted is None:
        return None
    other = ObservationResult.POSITIVE if wanted is ObservationResult.NEGATIVE else ObservationResult.NEGATIVE
    return Entry(test.code, (wanted if fits else other).value)


def _range(test: ObservationTest) -> tuple[Decimal, Decimal]:
    """The range the laboratory would print: what is usual in an adult, or within what can be typed at all."""
    low, high = RANGE
    if test.typical is not None:
        usual = test.typical.everyone
        low, high = usual.low if usual.low is not None else low, usual.high if usual.high is not None else high
    if test.plausible is not None and test.plausible.high is not None and high > test.plausible.high:
        high = test.plausible.high
    return min(low, high), high


def _values(test: ObservationTest, high: Decimal) -> Iterator[Decimal]:
    """Values that can be typed, from the least to several times the usual upper limit."""
    least = test.plausible.low if test.plausible and test.plausible.low is not None else Decimal(0)
    most = test.plausible.high if test.plausible and test.plausible.high is not None else high * 12
    top = min(most, max(high * 12, least + 1))
    for step in range(STEPS + 1):
        value = least + (top - least) * step / STEPS
        yield value.quantize(Decimal(1) if test.whole else Decimal("0.1"))


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
