"""One entry of a panel: whether it can be kept, and what is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from clinic.rules.sentences import Sentence, sentence
from patients.rules.observations.catalogue import ObservationTest
from patients.rules.observations.words import ObservationResult, ValueKind
from patients.rules.texts import plain, text_problem

MOST_DECIMALS = 4
LARGEST = Decimal(10) ** 8
METHOD_LIMIT = 40
NOTE_LIMIT = 300
CUT_OFF_UNIT_LIMIT = 20

Value = Decimal | str | datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed for one test: a number, a result, a choice or a moment, with what came beside it.

    `unit` may be left out where it is the test's own. The range is the laboratory's, in the unit of the entry.
    """

    code: str
    value: Value
    unit: str = ""
    cut_off: Decimal | None = None
    cut_off_unit: str = ""
    method: str = ""
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is kept of an entry: exactly one value; numbers in the unit of the test."""

    code: str
    quantity: Decimal | None = None
    unit: str = ""
    result: ObservationResult | None = None
    choice: str = ""
    moment: datetime | None = None
    cut_off: Decimal | None = None
    cut_off_unit: str = ""
    method: str = ""
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None
    note: str = ""


def entry_problems(test: ObservationTest, entry: Entry, effective_at: datetime) -> dict[str, Sentence]:
    """Why this entry cannot be kept, by its part; empty where it can. `effective_at`: when it was measured."""
    found = {
        "value": _VALUE_PROBLEMS[test.kind](test, entry, effective_at),
        "unit": _unit_problem(test, entry.unit),
        "cut_off": _cut_off_problem(test, entry),
        "cut_off_unit": _cut_off_unit_problem(test, entry),
        "reference_low": _range_problem(test, entry.reference_low),
        "reference_high": _range_problem(test, entry.reference_high) or _order_problem(entry),
        "method": text_problem(entry.method, limit=METHOD_LIMIT),
        "note": text_problem(entry.note, limit=NOTE_LIMIT),
    }
    return {name: said for name, said in found.items() if said is not None}


def measured(test: ObservationTest, entry: Entry) -> Measured:
    """What is kept of an entry without problems. Raises ValueError for a value of another kind."""
    kept = Measured(
        code=test.code,
        unit=test.unit,
        cut_off=entry.cut_off,
        cut_off_unit=plain(entry.cut_off_unit) or (test.unit if entry.cut_off is not None else ""),
        method=plain(entry.method),
        reference_low=_own(test, entry.reference_low, entry.unit),
        reference_high=_own(test, entry.reference_high, entry.unit),
        note=plain(entry.note),
    )
    return _with_value(kept, test, entry.value, entry.unit)


def panel_problems(
    tests: Mapping[str, ObservationTest], entries: Sequence[Entry], effective_at: datetime
) -> dict[str, Sentence]:
    """Why a panel cannot be kept: `entries.<place>.<part>` for each bad part. Raises KeyError for an unknown code."""
    if not entries:
        return {"entries": sentence("observation.refused.nothing")}
    found: dict[str, Sentence] = {}
    for place, entry in enumerate(entries):
        if entry.code in [each.code for each in entries[:place]]:
            found[f"entries.{place}.code"] = sentence("observation.refused.twice")
        problems = entry_problems(tests[entry.code], entry, effective_at)
        found |= {f"entries.{place}.{name}": said for name, said in problems.items()}
    return found


def _with_value(kept: Measured, test: ObservationTest, value: Value, unit: str) -> Measured:
    if test.kind is ValueKind.NUMBER and isinstance(value, Decimal):
        return replace(kept, quantity=_own(test, value, unit))
    if test.kind is ValueKind.RESULT and isinstance(value, str):
        return replace(kept, result=ObservationResult(value))
    if test.kind is ValueKind.CHOICE and isinstance(value, str):
        return replace(kept, choice=value)
    if test.kind is ValueKind.MOMENT and isinstance(value, datetime):
        return replace(kept, moment=value)
    raise ValueError(f"{test.code}: {value!r} is no {test.kind}")


def _own(test: ObservationTest, value: Decimal | None, unit: str) -> Decimal | None:
    """A number in the unit of the test."""
    if value is None:
        return None
    for other in test.other_units:
        if other.unit == unit:
            return other.own(value)
    return value


def _number_problem(test: ObservationTest, entry: Entry, effective_at: datetime) -> Sentence | None:
    value = entry.value
    if not isinstance(value, Decimal) or not value.is_finite():
        return sentence("observation.refused.number")
    if test.whole and value != value.to_integral_value():
        return sentence("observation.refused.whole")
    if _too_fine(value):
        return sentence("observation.refused.decimals", most=MOST_DECIMALS)
    own, limits = _own(test, value, entry.unit), test.plausible
    if own is None or limits is None or (abs(own) < LARGEST and limits.hold(own)):
        return None
    return sentence("observation.refused.implausible", low=limits.low, high=limits.high, unit=test.unit)


def _result_problem(test: ObservationTest, entry: Entry, effective_at: datetime) -> Sentence | None:
    known = [each.value for each in ObservationResult]
    return None if isinstance(entry.value, str) and entry.value in known else sentence("refused.not_offered")


def _choice_problem(test: ObservationTest, entry: Entry, effective_at: datetime) -> Sentence | None:
    chosen = isinstance(entry.value, str) and entry.value in test.choices
    return None if chosen else sentence("refused.not_offered")


def _moment_problem(test: ObservationTest, entry: Entry, effective_at: datetime) -> Sentence | None:
    if not isinstance(entry.value, datetime):
        return sentence("observation.refused.moment")
    return sentence("observation.refused.moment_later") if entry.value > effective_at else None


_VALUE_PROBLEMS = {
    ValueKind.NUMBER: _number_problem,
    ValueKind.RESULT: _result_problem,
    ValueKind.CHOICE: _choice_problem,
    ValueKind.MOMENT: _moment_problem,
}


def _unit_problem(test: ObservationTest, unit: str) -> Sentence | None:
    if not unit or unit in test.units:
        return None
    offered = [each for each in test.units if each]
    return sentence("observation.refused.unit", units=offered) if offered else sentence("observation.refused.no_unit")


def _cut_off_problem(test: ObservationTest, entry: Entry) -> Sentence | None:
    if entry.cut_off is None:
        return None
    if not test.has_cut_off:
        return sentence("observation.refused.no_cut_off")
    return _amount_problem(entry.cut_off)


def _cut_off_unit_problem(test: ObservationTest, entry: Entry) -> Sentence | None:
    bare = entry.cut_off is not None and test.has_cut_off and not test.unit
    return text_problem(entry.cut_off_unit, limit=CUT_OFF_UNIT_LIMIT, required=bare)


def _range_problem(test: ObservationTest, limit: Decimal | None) -> Sentence | None:
    if limit is None:
        return None
    if test.kind is not ValueKind.NUMBER:
        return sentence("observation.refused.no_range")
    return _amount_problem(limit)


def _order_problem(entry: Entry) -> Sentence | None:
    low, high = entry.reference_low, entry.reference_high
    crossed = low is not None and high is not None and low > high
    return sentence("observation.refused.range_order") if crossed else None


def _amount_problem(value: Decimal) -> Sentence | None:
    if not value.is_finite() or not 0 <= value < LARGEST:
        return sentence("observation.refused.number")
    return sentence("observation.refused.decimals", most=MOST_DECIMALS) if _too_fine(value) else None


def _too_fine(value: Decimal) -> bool:
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent > MOST_DECIMALS
