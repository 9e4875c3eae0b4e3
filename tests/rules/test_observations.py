"""What is measured: the catalogue of tests, one entry, a panel and what it warns of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import LANGUAGES, codes, say
from patients import instruments, observations
from patients.rules.instruments import Severity
from patients.rules.observations import (
    HYS_LAW,
    SPECIMEN_ALERTS,
    Alert,
    Entry,
    Level,
    LiverPattern,
    Mark,
    Measured,
    NewUse,
    ObservationCategory,
    ObservationResult,
    SpecimenValidity,
    ValueKind,
    alert_sentence,
    alerts_of,
    creatinine_ratio,
    entry_problems,
    is_kratom_negative,
    liver_value,
    measured,
    new_use,
    panel_problems,
    parse_tests,
    specimen_validity,
)

AT = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
TESTS = {each.code: each for each in observations.definitions()}
D = Decimal


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(observations.FILE.read_text(encoding="utf-8"))
    return found


def number(code: str, value: str, **more: Any) -> Measured:
    return Measured(code=code, quantity=D(value), unit=TESTS[code].unit, **more)


def problem(code: str, value: Any, **more: Any) -> dict[str, str]:
    found = entry_problems(TESTS[code], Entry(code, value, **more), AT)
    return {name: said.code for name, said in found.items()}


def keys(*panel: Measured, **more: Any) -> set[str]:
    return {each.key for each in alerts_of(panel, TESTS, **more)}


# -- the catalogue ----------------------------------------------------------------------------------------------------


def test_every_test_alert_choice_and_note_has_its_words() -> None:
    known = codes()
    said = [part for each in TESTS.values() for part in (each.title, each.note) if part is not None]
    said += [each.choice_title(choice) for each in TESTS.values() for choice in each.choices]
    said += [alert.sentence for each in TESTS.values() for alert in each.alerts]
    said += [alert_sentence(key) for key in (HYS_LAW, *(key for key, _severity in SPECIMEN_ALERTS.values()))]
    assert not [each.code for each in said if each.code not in known]
    assert all(say(each, language) for each in said for language in LANGUAGES)


def test_no_code_is_also_an_instrument_so_a_flag_knows_what_raised_it() -> None:
    assert not observations.codes() & {each.key for each in instruments.definitions()}


def test_kratom_has_tests_of_its_own_and_a_panel_detects_none() -> None:
    detecting = {each.code for each in TESTS.values() if each.detects_kratom}
    assert detecting and all("mitragynine" in code for code in detecting)


def test_every_threshold_is_marked_as_what_it_is_and_no_public_code_is_without_a_mark() -> None:
    marks = {alert.mark for each in TESTS.values() for alert in each.alerts}
    assert marks == {Mark.LOCAL}
    with_code = [each for each in TESTS.values() if each.category is not ObservationCategory.EXPOSURE]
    assert all(each.loinc is not None for each in with_code)


def test_an_unknown_test_is_named() -> None:
    with pytest.raises(observations.UnknownObservation, match="no test 'ferritin'"):
        observations.definition("ferritin")


def test_tests_are_listed_by_category_in_the_order_of_the_file() -> None:
    vitals = [each.code for each in observations.definitions(ObservationCategory.VITAL)]
    assert vitals[:3] == ["heart-rate", "blood-pressure-systolic", "blood-pressure-diastolic"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "picture"}, "kind must be one of"),
        ({"category": None}, "category must be a text"),
        ({"colour": "blue"}, "unknown field colour"),
        ({"ucum": None}, "needs the UCUM code"),
        ({"plausible": {"low": 9, "high": 1}}, "low must not be above high"),
        ({"plausible": {"low": 1}}, "plausible range with both ends"),
        ({"plausible": {}}, "at least one end"),
        ({"plausible": {"low": True, "high": 3}}, "low must be a number"),
        ({"choices": ["a"]}, "a number has no choices"),
        ({"code": "x" * 41}, "at most 40 characters"),
        ({"unit": "x" * 21}, "at most 20 characters"),
        ({"loinc": {"code": "1-1", "mark": "certain"}}, "mark must be one of"),
        ({"typical": None}, "needs a typical upper limit"),
        ({"other_units": [{"unit": "U/L"}]}, "a unit stands twice"),
        ({"alerts": [{"key": "k", "severity": "urgent", "mark": "local"}]}, "needs a threshold"),
        ({"alerts": [{"key": "k", "severity": "bad", "mark": "local", "above": 1}]}, "severity must be one of"),
        ({"alerts": [{"key": "k", "severity": "urgent", "mark": "local", "result": "positive"}]}, "does not fit"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(change: dict[str, Any], message: str) -> None:
    alt = next(each for each in rows() if each["code"] == "alt")
    with pytest.raises(ValueError, match=message):
        parse_tests([{**alt, **change}])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"code": "a", "category": "lab", "kind": "choice"}, "a choice needs choices"),
        ({"code": "a", "category": "lab", "kind": "choice", "choices": ["b", "b"]}, "a choice needs choices"),
        ({"code": "a", "category": "lab", "kind": "result", "unit": "mg"}, "only a number has a unit"),
        ({"code": "a", "category": "lab", "kind": "moment", "choices": ["b"]}, "only a choice has choices"),
    ],
)
def test_a_test_is_answered_in_one_way(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_tests([row])


def test_a_code_or_an_alert_used_twice_is_refused() -> None:
    alt = next(each for each in rows() if each["code"] == "alt")
    with pytest.raises(ValueError, match="test alt stands twice"):
        parse_tests([alt, alt])
    with pytest.raises(ValueError, match="alert alt_high stands twice"):
        parse_tests([alt, {**alt, "code": "alt-again"}])


@pytest.mark.parametrize("data", [None, {}, "alt", [], [3]])
def test_what_is_no_list_of_tests_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="must be a"):
        parse_tests(data)


# -- one entry --------------------------------------------------------------------------------------------------------


def test_a_value_has_to_be_of_the_kind_its_test_is_answered_in() -> None:
    assert problem("alt", "high") == {"value": "observation.refused.number"}
    assert problem("mitragynine-screen", D(3)) == {"value": "refused.not_offered"}
    assert problem("exposure-product", "gummy") == {"value": "refused.not_offered"}
    assert problem("exposure-last-use", "yesterday") == {"value": "observation.refused.moment"}
    assert problem("mitragynine-screen", "negative") == problem("exposure-product", "tea") == {}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_no_number_is_not_taken_for_one(value: str) -> None:
    assert problem("alt", D(value)) == {"value": "observation.refused.number"}


def test_a_number_nobody_can_have_is_a_slip_of_the_pen() -> None:
    assert problem("heart-rate", D(1200)) == {"value": "observation.refused.implausible"}
    assert problem("temperature", D("98.6")) == {"value": "observation.refused.implausible"}
    assert problem("temperature", D("98.6"), unit="°F") == {}


def test_a_count_has_no_fraction_and_no_number_more_than_four_digits_behind_the_point() -> None:
    assert problem("exposure-days-of-30", D("2.5")) == {"value": "observation.refused.whole"}
    assert problem("potassium", D("3.14159")) == {"value": "observation.refused.decimals"}
    assert problem("potassium", D("3.1000000")) == {}


def test_another_unit_is_kept_in_the_unit_of_the_test() -> None:
    kept = measured(TESTS["temperature"], Entry("temperature", D("101.3"), unit="°F"))
    assert (kept.quantity, kept.unit) == (D("38.5"), "°C")
    pounds = measured(TESTS["weight"], Entry("weight", D(150), unit="lb"))
    assert pounds.quantity == D("68.0389")


def test_the_range_of_the_laboratory_is_kept_in_the_unit_of_the_test_too() -> None:
    entry = Entry("temperature", D(100), unit="°F", reference_low=D(95), reference_high=D(104))
    kept = measured(TESTS["temperature"], entry)
    assert (kept.reference_low, kept.reference_high) == (D(35), D(40))


def test_a_unit_the_test_is_not_measured_in_is_refused() -> None:
    assert problem("alt", D(30), unit="mg/dL") == {"unit": "observation.refused.unit"}
    assert problem("mitragynine-screen", "negative", unit="ng/mL") == {"unit": "observation.refused.no_unit"}


def test_a_cut_off_belongs_to_a_drug_screen_and_a_range_to_a_number() -> None:
    assert problem("mitragynine-screen", "negative", cut_off=D(5), cut_off_unit="ng/mL") == {}
    assert problem("mitragynine-screen", "negative", cut_off=D(5)) == {"cut_off_unit": "refused.required"}
    assert problem("mitragynine-mass", D(30), cut_off=D(5)) == {}
    assert problem("alt", D(30), cut_off=D(5)) == {"cut_off": "observation.refused.no_cut_off"}
    assert problem("hbsag", "negative", reference_high=D(1)) == {"reference_high": "observation.refused.no_range"}
    assert problem("alt", D(30), reference_low=D(50), reference_high=D(10)) == {
        "reference_high": "observation.refused.range_order"
    }
    assert problem("alt", D(30), reference_low=D(-1)) == {"reference_low": "observation.refused.number"}


def test_the_last_use_lies_before_it_was_asked() -> None:
    assert problem("exposure-last-use", AT + timedelta(minutes=1)) == {"value": "observation.refused.moment_later"}
    assert problem("exposure-last-use", AT) == {}


def test_a_panel_says_where_it_is_wrong_and_takes_no_test_twice() -> None:
    found = panel_problems(TESTS, [Entry("alt", D(30)), Entry("alt", D("1e9")), Entry("ast", D(20), unit="g")], AT)
    assert {name: said.code for name, said in found.items()} == {
        "entries.1.code": "observation.refused.twice",
        "entries.1.value": "observation.refused.implausible",
        "entries.2.unit": "observation.refused.unit",
    }
    assert panel_problems(TESTS, [], AT).keys() == {"entries"}


@given(st.sampled_from(sorted(TESTS)), st.decimals(allow_nan=True, allow_infinity=True))
def test_what_has_no_problem_can_always_be_kept(code: str, value: Decimal) -> None:
    test = TESTS[code]
    for unit in (*test.units, ""):
        if not entry_problems(test, Entry(code, value, unit=unit), AT):
            kept = measured(test, Entry(code, value, unit=unit))
            assert test.kind is ValueKind.NUMBER and kept.quantity is not None
            assert test.plausible is not None and test.plausible.hold(kept.quantity)
            assert abs(kept.quantity) < 10**8 and round(kept.quantity, 4) == kept.quantity


# -- specimens and new use --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("creatinine", "gravity", "ph", "found"),
    [
        (None, None, None, "not_checked"),
        ("20", "1.003", "4", "valid"),
        ("20", None, None, "valid"),
        (None, None, "9", "valid"),
        ("19.9", "1.002", "7", "dilute"),
        ("2", None, None, "dilute"),
        (None, "1.0029", None, "dilute"),
        ("15", "1.010", None, "doubtful"),
        ("50", "1.002", None, "doubtful"),
        ("50", "1.0005", None, "doubtful"),
        ("1.9", "1.010", None, "substituted"),
        ("50", "1.010", "9.5", "doubtful"),
        ("50", "1.010", "3.5", "doubtful"),
        ("50", "1.010", "2.9", "adulterated"),
        ("50", "1.010", "11", "adulterated"),
        ("1", "1.000", "12", "adulterated"),
    ],
)
def test_a_specimen_is_what_its_checks_say(
    creatinine: str | None, gravity: str | None, ph: str | None, found: str
) -> None:
    given = {"creatinine": creatinine, "gravity": gravity, "ph": ph}
    values = {name: D(value) if value is not None else None for name, value in given.items()}
    assert specimen_validity(**values) is SpecimenValidity(found)


def test_the_level_is_read_relative_to_how_thin_the_urine_is() -> None:
    assert creatinine_ratio(D(50), D(100)) == D(50)
    assert creatinine_ratio(D(50), D(25)) == D(200)
    assert creatinine_ratio(D(50), D(0)) is None


def test_only_a_rise_by_more_than_half_after_two_days_speaks_for_new_use() -> None:
    before = Level(D(100), AT)
    later = AT + timedelta(hours=48)
    assert new_use(Level(D("150.1"), later), before) is NewUse.LIKELY
    assert new_use(Level(D(150), later), before) is NewUse.NOT_SHOWN
    assert new_use(Level(D(20), later), before) is NewUse.NOT_SHOWN


def test_levels_too_close_together_or_alone_tell_nothing() -> None:
    before = Level(D(100), AT)
    assert new_use(Level(D(900), AT + timedelta(hours=47)), before) is NewUse.CANNOT_TELL
    assert new_use(Level(D(900), AT), None) is NewUse.CANNOT_TELL


@pytest.mark.parametrize("code", [code for code in TESTS if code.startswith("panel-")])
def test_a_negative_general_panel_is_never_a_kratom_negative(code: str) -> None:
    assert not is_kratom_negative(TESTS[code], ObservationResult.NEGATIVE, SpecimenValidity.VALID)


def test_a_kratom_test_says_no_kratom_only_when_negative_in_a_specimen_one_can_trust() -> None:
    screen = TESTS["mitragynine-screen"]
    assert is_kratom_negative(screen, ObservationResult.NEGATIVE, SpecimenValidity.VALID)
    assert is_kratom_negative(screen, ObservationResult.NEGATIVE)
    for result in (ObservationResult.POSITIVE, ObservationResult.INDETERMINATE, ObservationResult.INVALID, None):
        assert not is_kratom_negative(screen, result, SpecimenValidity.VALID)
    for validity in (SpecimenValidity.DILUTE, SpecimenValidity.ADULTERATED, SpecimenValidity.SUBSTITUTED):
        assert not is_kratom_negative(screen, ObservationResult.NEGATIVE, validity)


# -- what a panel warns of --------------------------------------------------------------------------------------------


def test_alt_warns_above_three_times_the_laboratorys_own_limit() -> None:
    assert keys(number("alt", "120", reference_high=D(40))) == set()
    assert keys(number("alt", "121", reference_high=D(40))) == {"alt_high"}
    assert keys(number("alt", "121")) == set(), "the typical limit is 56"
    assert keys(number("alt", "169")) == {"alt_high"}


def test_enzymes_and_bilirubin_high_together_are_urgent_and_stand_on_the_enzyme() -> None:
    alt, bilirubin = number("alt", "400", reference_high=D(40)), number("bilirubin-total", "2.5", reference_high=D(1))
    found = alerts_of([alt, bilirubin], TESTS)
    assert found[0] == Alert("alt", HYS_LAW, Severity.URGENT)
    assert {each.key for each in found} == {HYS_LAW, "alt_high", "bilirubin_high"}
    ast = number("ast", "400", reference_high=D(40))
    assert Alert("ast", HYS_LAW, Severity.URGENT) in alerts_of([ast, bilirubin], TESTS)


def test_either_alone_is_not_urgent() -> None:
    assert HYS_LAW not in keys(number("alt", "400"), number("bilirubin-total", "2.4", reference_high=D("1.2")))
    assert HYS_LAW not in keys(number("alt", "100"), number("bilirubin-total", "9"))


@pytest.mark.parametrize(
    ("code", "value", "found"),
    [
        ("alp", "294", set()),
        ("alp", "295", {"alp_high"}),
        ("bilirubin-total", "2", set()),
        ("bilirubin-total", "2.1", {"bilirubin_high"}),
        ("inr", "1.4", set()),
        ("inr", "1.5", {"inr_high"}),
        ("potassium", "3", set()),
        ("potassium", "2.9", {"potassium_low"}),
        ("qtc", "469", set()),
        ("qtc", "470", {"qtc_long"}),
        ("qtc", "499", {"qtc_long"}),
        ("qtc", "500", {"qtc_very_long"}),
        ("blood-pressure-systolic", "90", set()),
        ("blood-pressure-systolic", "89", {"systolic_low"}),
        ("blood-pressure-systolic", "180", set()),
        ("blood-pressure-systolic", "181", {"systolic_high"}),
        ("heart-rate", "120", set()),
        ("heart-rate", "121", {"heart_rate_high"}),
        ("temperature", "38.4", set()),
        ("temperature", "38.5", {"temperature_high"}),
        ("oxygen-saturation", "94", set()),
        ("oxygen-saturation", "93", {"oxygen_low"}),
    ],
)
def test_each_value_warns_exactly_from_its_threshold_on(code: str, value: str, found: set[str]) -> None:
    assert keys(number(code, value)) == found


@pytest.mark.parametrize("key", ["inr_high", "qtc_very_long", "qtc_rise", "systolic_low", "oxygen_low"])
def test_what_cannot_wait_is_urgent(key: str) -> None:
    alerts = {alert.key: alert for each in TESTS.values() for alert in each.alerts}
    assert alerts[key].severity is Severity.URGENT


def test_a_qtc_that_rose_by_sixty_is_urgent_even_where_it_is_not_long() -> None:
    assert keys(number("qtc", "450"), earlier={"qtc": D(390)}) == {"qtc_rise"}
    assert keys(number("qtc", "449"), earlier={"qtc": D(390)}) == set()
    assert keys(number("qtc", "450")) == set()


def test_a_positive_pregnancy_test_asks_for_a_review() -> None:
    positive = Measured("pregnancy-urine", result=ObservationResult.POSITIVE)
    assert keys(positive) == {"pregnancy_urine_positive"}
    assert keys(replace(positive, result=ObservationResult.NEGATIVE)) == set()
    assert keys(replace(positive, result=ObservationResult.INDETERMINATE)) == set()


def test_a_specimen_that_is_none_warns_and_a_dilute_one_is_only_noted() -> None:
    bad = alerts_of([number("urine-ph", "12"), number("urine-creatinine", "80")], TESTS)
    assert bad == (Alert("urine-creatinine", "specimen_adulterated", Severity.WARNING),)
    thin = alerts_of([number("urine-creatinine", "10")], TESTS)
    assert thin == (Alert("urine-creatinine", "specimen_dilute", Severity.INFO),)


def test_a_positive_screen_is_a_finding_and_raises_no_flag() -> None:
    assert keys(Measured("mitragynine-screen", result=ObservationResult.POSITIVE)) == set()


@pytest.mark.parametrize(
    ("alt", "alp", "r", "pattern"),
    [
        (("326", "40"), ("292", "120"), "3.35", LiverPattern.MIXED),
        (("400", "40"), ("120", "120"), "10.00", LiverPattern.HEPATOCELLULAR),
        (("80", "40"), ("240", "120"), "1.00", LiverPattern.CHOLESTATIC),
    ],
)
def test_the_r_value_is_that_of_the_published_examples(
    alt: tuple[str, str], alp: tuple[str, str], r: str, pattern: LiverPattern
) -> None:
    panel = [number("alt", alt[0], reference_high=D(alt[1])), number("alp", alp[0], reference_high=D(alp[1]))]
    found = liver_value(panel, TESTS)
    assert found is not None and (found.r, found.pattern) == (D(r), pattern)


def test_values_that_are_not_raised_have_no_pattern() -> None:
    normal = [number("alt", "19", reference_high=D(56)), number("alp", "61", reference_high=D(147))]
    assert liver_value(normal, TESTS) is None


def test_without_both_values_there_is_no_r_value() -> None:
    assert liver_value([number("alt", "80")], TESTS) is None
    assert liver_value([number("alt", "80"), number("alp", "0")], TESTS) is None


def test_values_within_their_range_show_no_pattern() -> None:
    def panel(alt: str) -> list[Measured]:
        return [number("alt", alt, reference_high=D("40")), number("alp", "70", reference_high=D("120"))]

    assert liver_value(panel("40"), TESTS) is None
    assert liver_value(panel("41"), TESTS) is not None
