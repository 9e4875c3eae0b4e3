"""From the data file to the catalogue of tests: every part by name and kind, a clear ValueError for what is wrong."""

from collections.abc import Sequence
from decimal import Decimal

from patients.rules.instruments import Severity
from patients.rules.instruments.fields import Fields
from patients.rules.observations.catalogue import AlertRule, Limits, Loinc, ObservationTest, OtherUnit, TypicalRange
from patients.rules.observations.words import Mark, ObservationCategory, ObservationResult, Specimen, ValueKind

LONGEST_CODE = 40
LONGEST_UNIT = 20
_CONDITIONS = ("above", "at_least", "below", "above_times_upper", "rise_at_least", "result")


def parse_tests(data: object) -> tuple[ObservationTest, ...]:
    """The catalogue from its list of rows (the shape of `patients/observations/tests.yaml`), in the file's order.

    Raises ValueError naming the place: a missing or unknown field, a wrong kind, a code or alert key used twice, a
    number without a UCUM code or a plausible range, a range whose ends are crossed, an alert nothing can raise.
    """
    if not isinstance(data, Sequence) or isinstance(data, str | bytes) or not data:
        raise ValueError("tests: must be a list of tests")
    found = tuple(_test(each, at) for at, each in enumerate(data))
    _no_code_twice([each.code for each in found], "test")
    _no_code_twice([alert.key for each in found for alert in each.alerts], "alert")
    return found


def _test(data: object, at: int) -> ObservationTest:
    row = Fields(data, f"tests[{at}]")
    code = row.text("code")
    row.where = f"tests.{code}"
    found = ObservationTest(
        code=code,
        category=row.member("category", ObservationCategory),
        kind=row.member("kind", ValueKind),
        unit=row.text_or("unit", ""),
        ucum=row.text_or("ucum", ""),
        other_units=tuple(_other_unit(each) for each in _rows(row, "other_units")),
        whole=row.flag_or("whole", False),
        loinc=_loinc(row.row("loinc")) if _given(row, "loinc") else None,
        specimen=row.member("specimen", Specimen) if _given(row, "specimen") else None,
        plausible=_limits(row.row("plausible")) if _given(row, "plausible") else None,
        typical=_typical(row.row("typical")) if _given(row, "typical") else None,
        choices=row.texts("choices") if _given(row, "choices") else (),
        has_cut_off=row.flag_or("cut_off", False),
        detects_kratom=row.flag_or("detects_kratom", False),
        has_note=row.flag_or("note", False),
        alerts=tuple(_alert(each) for each in _rows(row, "alerts")),
    )
    row.nothing_else()
    _check(found)
    return found


def _loinc(row: Fields) -> Loinc:
    found = Loinc(code=row.text("code"), mark=row.member("mark", Mark))
    row.nothing_else()
    return found


def _limits(row: Fields, extra: tuple[str, ...] = ()) -> Limits:
    low, high = _number(row, "low"), _number(row, "high")
    for name in extra:
        row.read.add(name)
    row.nothing_else()
    if low is None and high is None:
        raise ValueError(f"{row.where}: a range has at least one end")
    if low is not None and high is not None and low > high:
        raise ValueError(f"{row.where}: low must not be above high")
    return Limits(low, high)


def _typical(row: Fields) -> TypicalRange:
    row.member("mark", Mark)
    female = _limits(row.row("female")) if _given(row, "female") else None
    return TypicalRange(everyone=_limits(row, extra=("mark", "female")), female=female)


def _other_unit(row: Fields) -> OtherUnit:
    found = OtherUnit(
        unit=row.text("unit"),
        minus=_number(row, "minus") or Decimal(0),
        times=_number(row, "times") or Decimal(1),
        over=_number(row, "over") or Decimal(1),
    )
    row.nothing_else()
    return found


def _alert(row: Fields) -> AlertRule:
    found = AlertRule(
        key=row.text("key"),
        severity=row.member("severity", Severity),
        mark=row.member("mark", Mark),
        above=_number(row, "above"),
        at_least=_number(row, "at_least"),
        below=_number(row, "below"),
        above_times_upper=_number(row, "above_times_upper"),
        rise_at_least=_number(row, "rise_at_least"),
        result=row.member("result", ObservationResult) if _given(row, "result") else None,
    )
    row.nothing_else()
    if all(getattr(found, name) is None for name in _CONDITIONS):
        raise ValueError(f"{row.where}: an alert needs a threshold")
    return found


def _check(test: ObservationTest) -> None:
    problem = _size_problem(test) or _KIND_PROBLEMS[test.kind](test) or _alert_problem(test)
    if problem is not None:
        raise ValueError(f"tests.{test.code}: {problem}")


def _size_problem(test: ObservationTest) -> str | None:
    if len(test.code) > LONGEST_CODE or any(len(key) > LONGEST_CODE for key in _keys(test)):
        return f"a code has at most {LONGEST_CODE} characters"
    if any(len(unit) > LONGEST_UNIT for unit in test.units):
        return f"a unit has at most {LONGEST_UNIT} characters"
    return "a unit stands twice" if len(set(test.units)) != len(test.units) else None


def _number_problem(test: ObservationTest) -> str | None:
    if test.plausible is None or test.plausible.low is None or test.plausible.high is None:
        return "a number needs a plausible range with both ends"
    if not test.ucum:
        return "a number needs the UCUM code of its unit"
    return "a number has no choices" if test.choices else None


def _choice_problem(test: ObservationTest) -> str | None:
    if not test.choices or len(set(test.choices)) != len(test.choices):
        return "a choice needs choices, each once"
    return _other_problem(test, but_choices=True)


def _other_problem(test: ObservationTest, *, but_choices: bool = False) -> str | None:
    if test.unit or test.ucum or test.plausible or test.typical or test.whole:
        return "only a number has a unit and a range"
    return "only a choice has choices" if test.choices and not but_choices else None


def _alert_problem(test: ObservationTest) -> str | None:
    for alert in test.alerts:
        if (alert.result is not None) is not (test.kind is ValueKind.RESULT):
            return f"alert {alert.key} does not fit how the test is answered"
        if alert.above_times_upper is not None and (test.typical is None or test.typical.everyone.high is None):
            return f"alert {alert.key} needs a typical upper limit"
    return None


_KIND_PROBLEMS = {
    ValueKind.NUMBER: _number_problem,
    ValueKind.CHOICE: _choice_problem,
    ValueKind.RESULT: _other_problem,
    ValueKind.MOMENT: _other_problem,
}


def _keys(test: ObservationTest) -> tuple[str, ...]:
    return (*test.choices, *(alert.key for alert in test.alerts))


def _number(row: Fields, name: str) -> Decimal | None:
    return Decimal(str(row.number(name))) if _given(row, name) else None


def _rows(row: Fields, name: str) -> list[Fields]:
    return row.rows(name) if _given(row, name) else []


def _given(row: Fields, name: str) -> bool:
    row.read.add(name)
    return row.data.get(name) is not None


def _no_code_twice(codes: list[str], what: str) -> None:
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ValueError(f"tests: {what} {', '.join(twice)} stands twice")
