"""The scoring engine against every worked case, each general rule, and properties that hold for any answers."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from clinic.wording import LANGUAGES, say
from patients.instruments import definition, definitions
from patients.rules.scoring import Scoring, ScoringStatus, drop_hidden, score, visible_items

CASES = json.loads((Path(__file__).parent / "data" / "scoring_cases.json").read_text(encoding="utf-8"))["cases"]


def scored(key: str, answers: Any, context: Any = MappingProxyType({})) -> Scoring:
    return score(definition(key), answers, context)


def lowest(key: str, **changes: object) -> dict[str, object]:
    """Every item without a condition answered with its first option, then changed."""
    first: dict[str, object] = {
        item.key: item.options[0].code if item.options else 0
        for item in definition(key).items
        if item.visible_if is None
    }
    return first | changes


def problems(result: Scoring) -> dict[str, str]:
    return {item: said.code.removeprefix("scoring.problem.") for item, said in result.fields.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_worked_case_scores_as_published(case: dict[str, Any]) -> None:
    result = scored(case["instrument"], case["answers"], case["context"])
    assert result.status == case["expected_status"]
    assert result.total == case["expected_total"]
    assert dict(result.subscores) == case["expected_subscores"]
    assert result.band == case["expected_band"]
    assert list(result.alerts) == case["expected_alerts"]


def test_there_are_eighty_two_worked_cases() -> None:
    assert len({case["id"] for case in CASES}) == 82


# Missing answers


def test_a_missing_item_gives_no_score() -> None:
    answers = lowest("phq9")
    del answers["phq9_4"]
    result = scored("phq9", answers)
    assert (result.status, result.total, result.band) == ("incomplete", None, None)
    assert result.missing == ("phq9_4",)
    assert result.answered == 8


def test_an_item_alert_fires_on_an_incomplete_form() -> None:
    assert scored("phq9", {"phq9_9": 1}).alerts == ("phq9_suicide",)


def test_a_score_alert_waits_for_the_complete_form() -> None:
    answers = lowest("phq9", **{f"phq9_{number}": 3 for number in range(1, 9)})
    del answers["phq9_9"]
    assert scored("phq9", answers).alerts == ()


def test_null_is_no_answer() -> None:
    result = scored("phq2", {"phq2_1": None, "phq2_2": 3})
    assert result.status is ScoringStatus.INCOMPLETE
    assert dict(result.answers) == {"phq2_2": 3}


def test_an_empty_form_is_incomplete_for_every_instrument() -> None:
    for each in definitions():
        assert score(each, {}, {}).status is ScoringStatus.INCOMPLETE, each.key


def test_an_unscored_lead_question_must_be_answered() -> None:
    """Without it "no symptoms" would be a guess."""
    assert scored("pcptsd5", {}).missing == ("pcptsd5_0",)
    assert scored("taps", {"taps1_1": 0, "taps1_2": 0, "taps1_3": 0}).missing == ("taps1_4",)


def test_an_optional_item_may_stay_empty() -> None:
    assert scored("phq9", lowest("phq9", phq9_1=2)).status is ScoringStatus.COMPLETE
    assert scored("bam", lowest("bam", bam_6=2)).status is ScoringStatus.COMPLETE


def test_a_subscale_has_no_score_while_another_is_incomplete() -> None:
    answers = lowest("bam", bam_6=3)
    del answers["bam_16"]
    result = scored("bam", answers)
    assert (dict(result.subscores), result.band, result.alerts) == ({}, None, ())


# Values


@pytest.mark.parametrize("wrong", [4, -1, 99, 1.5, "", "2", "yes", float("nan"), float("inf"), 10**400])
def test_a_value_outside_the_option_list_is_invalid(wrong: object) -> None:
    result = scored("phq9", lowest("phq9", phq9_3=wrong))
    assert (result.status, result.total, result.band) == ("invalid", None, None)
    assert problems(result) == {"phq9_3": "not_an_option"}


@pytest.mark.parametrize("wrong", [True, False, [], [1], {}, {"a": {"b": []}}, b"1", object()])
def test_a_value_of_another_kind_is_invalid(wrong: object) -> None:
    assert problems(scored("phq9", lowest("phq9", phq9_3=wrong))) == {"phq9_3": "wrong_type"}


@pytest.mark.parametrize(
    ("instrument", "item", "wrong"),
    [
        ("cows", "cows_11", 4),
        ("cows", "cows_11", 1),
        ("cows", "cows_1", 3),
        ("cows", "cows_7", 4),
        ("cows", "cows_3", 2),
        ("barc10", "barc10_1", 0),
        ("barc10", "barc10_1", 7),
        ("craving_vas", "craving_vas_1", 11),
        ("bam", "bam_14", 4),
        ("bam", "bam_14", 1),
        ("dast10", "dast10_3", 1),
        ("dast10", "dast10_3", "Yes"),
        ("kratom_use_profile", "kup_product", 4),
    ],
)
def test_options_are_sparse_and_answers_are_codes(instrument: str, item: str, wrong: object) -> None:
    result = scored(instrument, lowest(instrument, **{item: wrong}))
    assert problems(result) == {item: "not_an_option"}


def test_a_json_number_with_a_zero_fraction_is_the_same_number() -> None:
    result = scored("phq2", {"phq2_1": 2.0, "phq2_2": 1})
    assert result.total == 3
    assert result.answers["phq2_1"] == 2
    assert isinstance(result.answers["phq2_1"], int)


def test_an_unknown_item_is_invalid() -> None:
    result = scored("phq2", {"phq2_1": 0, "phq2_2": 0, "phq2_3": 0})
    assert problems(result) == {"phq2_3": "unknown_item"}


def test_an_unknown_item_is_repeated_in_a_harmless_form() -> None:
    result = scored("phq2", {"\x00\ud800" + "x" * 1000: 1, 7: 1})
    assert set(result.fields) == {"??" + "x" * 58, "int"}


@pytest.mark.parametrize("wrong", [-1, 501, float("nan"), float("inf"), float("-inf"), 10**400])
def test_a_number_outside_its_limits_is_invalid(wrong: float) -> None:
    assert problems(scored("kratom_use_profile", lowest("kratom_use_profile", kup_grams_day=wrong))) == {
        "kup_grams_day": "out_of_range"
    }


def test_a_number_item_takes_fractions_and_both_limits() -> None:
    for right in (0, 0.5, 500, 500.0):
        answers = lowest("kratom_use_profile", kup_grams_day=right)
        assert scored("kratom_use_profile", answers).status is ScoringStatus.COMPLETE


def test_a_number_item_takes_no_text_and_no_boolean() -> None:
    answers = lowest("kratom_use_profile", kup_grams_day="12", kup_days_30=True)
    found = problems(scored("kratom_use_profile", answers))
    assert found == {"kup_grams_day": "not_a_number", "kup_days_30": "wrong_type"}


@pytest.mark.parametrize("odd", [None, [], "answers", 7, [["phq9_1", 1]]])
def test_answers_that_are_no_mapping_are_invalid(odd: object) -> None:
    assert problems(scored("phq9", odd)) == {"answers": "answers_shape"}


def test_every_problem_has_words_in_both_languages() -> None:
    answers = {"kup_product": 1, "kup_grams_day": "x", "kup_days_30": 99, "kup_seizure": [], "nonsense": 1}
    found = scored("kratom_use_profile", answers).problems
    hidden = scored("auditc", {"auditc_1": 0, "auditc_2": 1}).problems
    early = scored("auditc", {"auditc_2": 1}).problems
    shapes = scored("dsm5_sud", [], []).problems + scored("dsm5_sud", {}, {"taken_as_prescribed": "yes"}).problems
    everything = (*found, *hidden, *early, *shapes)
    assert len({problem.sentence.code for problem in everything}) == 10
    assert all(say(problem.sentence, language) for problem in everything for language in LANGUAGES)


# Hidden items


@pytest.mark.parametrize(
    ("instrument", "changes", "refused"),
    [
        ("auditc", {"auditc_1": 0, "auditc_2": 0}, {"auditc_2"}),
        ("auditc", {"auditc_1": 0, "auditc_2": 2, "auditc_3": 1}, {"auditc_2", "auditc_3"}),
        ("bam", {"bam_4": 0, "bam_5": 0}, {"bam_5"}),
        ("bam", {"bam_6": 0, "bam_7e": 2}, {"bam_7e"}),
        ("pcptsd5", {"pcptsd5_0": "no", "pcptsd5_1": "yes"}, {"pcptsd5_1"}),
        ("cssrs_screen", {"cssrs_2": "no", "cssrs_4": "yes"}, {"cssrs_4"}),
        ("cssrs_screen", {"cssrs_6": "no", "cssrs_6b": "yes"}, {"cssrs_6b"}),
        ("taps", {"taps1_1": 0, "taps2_tobacco": "yes"}, {"taps2_tobacco"}),
    ],
)
def test_an_answer_to_a_hidden_item_is_invalid(instrument: str, changes: dict[str, object], refused: set[str]) -> None:
    result = scored(instrument, lowest(instrument, **changes))
    assert result.status is ScoringStatus.INVALID
    assert set(problems(result).values()) == {"hidden"}
    assert set(result.fields) == refused
    assert not refused & set(result.answers)


def test_an_item_behind_a_hidden_gate_is_hidden_too() -> None:
    answers = lowest("taps", taps1_1=0, taps2_tobacco="yes", taps2_tobacco_1="yes")
    assert set(problems(scored("taps", answers))) == {"taps2_tobacco", "taps2_tobacco_1"}


def test_an_answer_given_before_its_lead_question_is_refused_but_heard() -> None:
    """Somebody said yes to intent: a person must look, whatever is wrong with the form."""
    result = scored("cssrs_screen", {"cssrs_4": "yes"})
    assert problems(result) == {"cssrs_4": "too_early"}
    assert result.alerts == ("cssrs_high",)
    assert dict(result.answers) == {}


def test_an_answer_that_contradicts_its_lead_question_raises_nothing() -> None:
    result = scored("cssrs_screen", lowest("cssrs_screen", cssrs_4="yes"))
    assert (result.status, result.alerts) == ("invalid", ())


def test_an_answer_hidden_by_a_total_is_ignored() -> None:
    result = scored("phq9", lowest("phq9", phq9_10=2))
    assert (result.status, result.total) == ("complete", 0)
    assert "phq9_10" not in result.answers
    assert "phq9_10" not in result.visible


def test_an_answer_hidden_by_a_total_still_has_to_be_one_of_its_options() -> None:
    assert problems(scored("phq9", lowest("phq9", phq9_10=9))) == {"phq9_10": "not_an_option"}


def test_the_difficulty_item_appears_with_the_first_point_and_is_never_added() -> None:
    assert "phq9_10" in visible_items(definition("phq9"), {"phq9_2": 1})
    result = scored("phq9", lowest("phq9", phq9_2=1, phq9_10=3))
    assert (result.total, result.answers["phq9_10"]) == (1, 3)
    assert "phq9_10" not in result.points


def test_hidden_items_count_nothing() -> None:
    result = scored("auditc", {"auditc_1": 0})
    assert dict(result.points) == {"auditc_1": 0}
    assert result.visible == ("auditc_1",)


def test_a_page_drops_the_answers_of_items_that_became_hidden() -> None:
    answers = {"taps1_1": 0, "taps2_tobacco": "yes", "taps2_tobacco_1": "yes", "taps1_2": 9, "nonsense": 1}
    assert drop_hidden(definition("taps"), answers) == {"taps1_1": 0, "taps1_2": 9, "nonsense": 1}


def test_visible_items_tolerate_odd_answers() -> None:
    assert visible_items(definition("auditc"), {"auditc_1": ["x"]}) == ("auditc_1",)
    assert visible_items(definition("phq2"), "nonsense") == ("phq2_1", "phq2_2")  # type: ignore[arg-type]


# Alerts


def test_alerts_do_not_depend_on_the_band() -> None:
    result = scored("phq9", lowest("phq9", phq9_9=1))
    assert (result.band, result.alerts) == ("minimal", ("phq9_suicide",))


def test_a_wrong_answer_elsewhere_does_not_silence_an_item_alert() -> None:
    result = scored("phq9", lowest("phq9", phq9_3=7, phq9_9=2))
    assert (result.status, result.alerts) == ("invalid", ("phq9_suicide",))


def test_a_wrong_answer_raises_no_alert_itself() -> None:
    assert scored("cows", lowest("cows", cows_1=3)).alerts == ()
    assert scored("cows", {"cows_1": "4"}).alerts == ()


def test_a_form_that_is_invalid_raises_no_score_alert() -> None:
    answers = {item.key: item.options[-1].code for item in definition("gad7").items} | {"gad7_1": 8}
    assert scored("gad7", answers).alerts == ()


@pytest.mark.parametrize(
    ("answers", "alert"),
    [
        ({"cssrs_6": "yes"}, "cssrs_moderate"),
        ({"cssrs_6": "yes", "cssrs_6b": "yes"}, "cssrs_high"),
        ({"cssrs_2": "yes", "cssrs_3": "yes"}, "cssrs_moderate"),
        ({"cssrs_2": "yes", "cssrs_5": "yes"}, "cssrs_high"),
        ({"cssrs_1": "yes"}, "cssrs_low"),
        ({"cssrs_1": "yes", "cssrs_2": "maybe"}, "cssrs_low"),
    ],
)
def test_a_positive_triage_answer_fires_at_once(answers: dict[str, object], alert: str) -> None:
    result = scored("cssrs_screen", answers)
    assert (result.band, result.alerts) == (None, (alert,))


def test_an_unfinished_triage_without_a_positive_answer_says_nothing() -> None:
    result = scored("cssrs_screen", {"cssrs_1": "no"})
    assert (result.status, result.band, result.alerts) == ("incomplete", None, ())


def test_old_behaviour_alone_is_asked_about_the_last_three_months() -> None:
    result = scored("cssrs_screen", {"cssrs_1": "no", "cssrs_2": "no", "cssrs_6": "yes"})
    assert (result.status, result.missing) == ("incomplete", ("cssrs_6b",))


def test_frequency_alone_is_noted_only_when_the_other_two_are_answered() -> None:
    assert scored("auditc", {"auditc_1": 3, "auditc_2": 0}).alerts == ()
    assert scored("auditc", {"auditc_1": 3, "auditc_2": 0, "auditc_3": 0}).alerts == ("auditc_q1_only",)


def test_any_of_several_answers_raises_one_alert() -> None:
    for item in ("kup_co_opioid", "kup_co_benzo", "kup_co_alcohol"):
        assert scored("kratom_use_profile", {item: "yes"}).alerts == ("kup_cns_depressant",)


def test_another_drug_raises_its_alert_though_it_has_no_score() -> None:
    result = scored("taps", {"taps1_3": 4, "taps2_other": "yes"})
    assert result.alerts == ("taps_other_drug",)


# Context


@pytest.mark.parametrize(
    ("sex", "band"),
    [
        ("male", "negative"),
        ("female", "positive"),
        ("other", "positive"),
        ("unknown", "positive"),
        ("Male", "positive"),
        (None, "positive"),
        (7, "positive"),
        (["male"], "positive"),
    ],
)
def test_three_points_on_the_audit_c_are_negative_only_for_men(sex: object, band: str) -> None:
    answers = {"auditc_1": 1, "auditc_2": 1, "auditc_3": 1}
    assert scored("auditc", answers, {"sex": sex}).band == band


def test_three_points_without_any_context_are_positive() -> None:
    assert scored("auditc", {"auditc_1": 1, "auditc_2": 1, "auditc_3": 1}).band == "positive"


@pytest.mark.parametrize(("prescribed", "total"), [(True, 0), (False, 2), (None, 2)])
def test_tolerance_and_withdrawal_do_not_count_when_taken_as_prescribed(prescribed: object, total: int) -> None:
    answers = lowest("dsm5_sud", dsm5_tolerance="yes", dsm5_withdrawal="yes")
    result = scored("dsm5_sud", answers, {"taken_as_prescribed": prescribed})
    assert result.total == total
    assert result.answers["dsm5_tolerance"] == "yes"


@pytest.mark.parametrize("wrong", ["yes", 1, "true", []])
def test_taken_as_prescribed_is_true_or_false(wrong: object) -> None:
    result = scored("dsm5_sud", lowest("dsm5_sud"), {"taken_as_prescribed": wrong})
    assert problems(result) == {"taken_as_prescribed": "prescribed"}
    assert scored("phq2", lowest("phq2"), {"taken_as_prescribed": wrong}).status is ScoringStatus.COMPLETE


def test_a_context_that_is_no_mapping_is_invalid_and_none_is_empty() -> None:
    assert problems(scored("phq2", lowest("phq2"), ["male"])) == {"context": "context_shape"}
    assert scored("phq2", lowest("phq2"), None).status is ScoringStatus.COMPLETE


# Totals and bands


def test_reverse_points_come_from_the_option() -> None:
    assert dict(scored("dast10", {"dast10_3": "no"}).points) == {"dast10_3": 1}
    assert dict(scored("dast10", {"dast10_3": "yes"}).points) == {"dast10_3": 0}


def test_there_is_no_total_where_none_is_valid() -> None:
    for key in ("bam", "taps", "cssrs_screen", "kratom_use_profile"):
        result = scored(key, lowest(key))
        assert (result.status, result.total) == ("complete", None)
