"""The shipped definitions, and what a definition may not be."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from clinic.wording import LANGUAGES, say
from patients.instruments import FOLDER, UnknownInstrument, definition, definitions
from patients.rules.instruments import (
    AllOf,
    Always,
    AnyOf,
    Comparison,
    Facts,
    Severity,
    digest_of,
    holds,
    parse_definition,
)
from patients.rules.instruments.conditions import Subject
from patients.rules.scoring import ScoringStatus, score

DIGESTS = json.loads((Path(__file__).parent / "data" / "instrument_digests.json").read_text(encoding="utf-8"))


def raw(key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return found


def test_fifteen_instruments_are_shipped() -> None:
    assert {each.key for each in definitions()} == {
        "auditc",
        "bam",
        "barc10",
        "cows",
        "craving_vas",
        "cssrs_screen",
        "dast10",
        "dsm5_sud",
        "gad7",
        "kratom_use_profile",
        "pcptsd5",
        "phq2",
        "phq9",
        "sows",
        "taps",
    }


def test_a_published_definition_does_not_change_without_a_new_version() -> None:
    """Old assessments keep the version they were scored with; a changed file needs a new definition_version."""
    assert {f"{each.key}@{each.definition_version}": each.digest for each in definitions()} == DIGESTS


def test_an_unknown_instrument_or_version_is_named() -> None:
    with pytest.raises(UnknownInstrument, match="no instrument 'moca'"):
        definition("moca")
    with pytest.raises(UnknownInstrument, match="phq9 has no definition version 9"):
        definition("phq9", 9)
    assert definition("phq9", 1) is definition("phq9")


def test_every_fact_of_the_file_is_kept() -> None:
    phq9, dast10 = definition("phq9"), definition("dast10")
    assert (phq9.short_name, phq9.measures, phq9.repeat_days, phq9.min_interval_days) == ("PHQ-9", "mood", 30, 14)
    assert (phq9.loinc, phq9.loinc_total, phq9.item("phq9_9").loinc) == ("44249-1", "44261-6", "44260-8")
    assert phq9.item("phq9_1").options[3].loinc_answer == "LA6571-9"
    assert phq9.score("total").loinc == "44261-6"
    assert dast10.preface.startswith("Count kratom")
    assert dast10.item("dast10_3").reverse
    assert "NOT public domain" in dast10.licence
    assert definition("cows").repeat["minutes_after_dose"] == [30, 120]
    assert definition("bam").item("bam_5").scale == "use"
    assert definition("kratom_use_profile").item("kup_days_30").unit == "d"
    assert definition("phq9").alert("phq9_suicide").severity is Severity.URGENT


def test_no_kratom_code_of_loinc_is_invented() -> None:
    for key in ("cows", "sows", "pcptsd5", "bam", "barc10", "taps"):
        assert definition(key).loinc is None
        assert all(item.loinc is None for item in definition(key).items)


def test_the_two_gad7_items_often_swapped_have_their_own_codes() -> None:
    gad7 = definition("gad7")
    assert (gad7.item("gad7_6").loinc, gad7.item("gad7_7").loinc) == ("69689-8", "69736-7")
    assert gad7.loinc_total == "70274-6"


def test_everything_a_page_says_has_words_in_both_languages() -> None:
    for each in definitions():
        said = [each.said, *(alert.said for alert in each.alerts), *(band.said for band in each.bands)]
        assert all(say(one, language) for one in said for language in LANGUAGES)


def test_the_english_words_of_the_catalogue_are_those_of_the_definition() -> None:
    for each in definitions():
        assert say(each.said) == each.measures
        assert [say(band.said) for band in each.bands] == [band.label for band in each.bands]


def test_an_unknown_part_of_a_definition_is_named() -> None:
    for find in (definition("cows").item, definition("cows").score, definition("cows").alert):
        with pytest.raises(ValueError, match="cows has no"):
            find("nothing")


def test_the_digest_does_not_depend_on_the_order_of_fields() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_severities_are_ordered() -> None:
    assert sorted(Severity, key=lambda each: each.rank)[-1] is Severity.EMERGENCY
    assert Severity.URGENT.at_least(Severity.WARNING)
    assert not Severity.INFO.at_least(Severity.WARNING)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("alerts", 0, "when", "op"), "=>", "unknown operator '=>'"),
        (("alerts", 0, "when", "op"), 1, "op must be a text"),
        (("alerts", 0, "when", "value"), "1", "value must be a number"),
        (("alerts", 0, "when", "value"), float("nan"), "value must be a number"),
        (("alerts", 0, "when"), {"item": "phq9_99", "op": ">", "value": 0}, "no item 'phq9_99'"),
        (("alerts", 0, "when"), {"score": "grand", "op": ">", "value": 0}, "no score 'grand'"),
        (("alerts", 0, "when"), {"band": "high"}, "no triage band 'high'"),
        (("alerts", 0, "when"), {"item": "phq9_1", "score": "total", "op": ">", "value": 0}, "either an item or"),
        (("alerts", 0, "when"), {"any": []}, "any needs at least one part"),
        (("alerts", 0, "when"), {"always": False}, "always can only be true"),
        (("alerts", 0, "when"), [], "must be a mapping"),
        (("alerts", 0, "severity"), "scary", "severity must be one of"),
        (("alerts", 1, "key"), "phq9_suicide", "'phq9_suicide' stands twice"),
        (("items", 1, "key"), "phq9_1", "'phq9_1' stands twice"),
        (("items", 0, "options", 1, "value"), 0, "0 stands twice"),
        (("items", 0, "options", 1, "value"), True, "value must be a whole number"),
        (("items", 0, "options"), [], "at least one"),
        (("items", 0, "type"), "slider", "must be choice or number"),
        (("items", 0, "lable"), "typo", "unknown field lable"),
        (("items", 0, "label"), "  ", "label must be a text"),
        (("items", 0, "scored"), "no", "scored must be true or false"),
        (("items", 0, "visible_if"), {"item": "phq9_2", "op": ">", "value": 0}, "what stands before it"),
        (("items", 9, "visible_if", "op"), "<", "only show an item with > or >="),
        (("items", 3, "scored"), False, "adds up scored items"),
        (("scoring", "type"), "mean", "type must be one of"),
        (("scoring", "type"), "triage", "triage has no scores"),
        (("scoring", "type"), "subscales", "subscales have scores, but no total"),
        (("scoring", "scores", 0, "key"), "grand", "exactly one score, called total"),
        (("scoring", "scores", 0, "max"), 30, "give 0 to 27, not 0 to 30"),
        (("scoring", "scores", 0, "items"), ["phq9_1", "phq9_1"], "'phq9_1' stands twice"),
        (("scoring", "scores", 0, "items"), ["phq9_77"], "has no item 'phq9_77'"),
        (("scoring", "scores", 0, "items"), [1], "must be a list of texts"),
        (("scoring", "gate"), {"item": "phq9_1", "value": 7, "score": 0}, "no option worth 7"),
        (("scoring", "rules"), [{"when": {"always": True}, "band": "mild"}], "a triage has rules"),
        (("bands", 0, "max"), 5, "without gap or overlap"),
        (("bands", 0, "max"), 3, "without gap or overlap"),
        (("bands", 0, "max"), None, "needs min and max"),
        (("bands", 0, "applies_to"), "male", "need a default group"),
        (("definition_version",), 0, "starts at 1"),
        (("title",), None, "title must be a text"),
        (("items",), {}, "items must be a list"),
        (("repeat_days",), "30", "repeat_days must be a whole number"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(place: tuple[Any, ...], value: object, said: str) -> None:
    broken: Any = deepcopy(raw("phq9"))
    at = broken
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    with pytest.raises(ValueError, match=said):
        parse_definition(broken)


def test_a_missing_field_is_named_with_its_place() -> None:
    broken = raw("phq9")
    del broken["items"][2]["label"]
    with pytest.raises(ValueError, match=r"phq9\.items\[2\]: label is missing"):
        parse_definition(broken)


def test_a_triage_ends_with_a_rule_that_always_holds() -> None:
    broken = raw("cssrs_screen")
    broken["scoring"]["rules"].pop()
    with pytest.raises(ValueError, match="last triage rule must be always"):
        parse_definition(broken)


def test_a_triage_rule_names_a_band_that_exists() -> None:
    broken = raw("cssrs_screen")
    broken["scoring"]["rules"][0]["band"] = "extreme"
    with pytest.raises(ValueError, match="no triage band 'extreme'"):
        parse_definition(broken)


def test_bands_by_group_need_one_for_everyone_else() -> None:
    broken = raw("auditc")
    broken["bands"] = [band for band in broken["bands"] if band["applies_to"] == "male"]
    with pytest.raises(ValueError, match="need a default group"):
        parse_definition(broken)


def test_a_condition_nested_without_end_is_refused() -> None:
    broken = raw("phq9")
    nested: dict[str, Any] = {"always": True}
    for _ in range(100):
        nested = {"any": [nested]}
    broken["alerts"][0]["when"] = nested
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_definition(broken)


@pytest.mark.parametrize("nonsense", [[], None, "phq9", 7])
def test_a_definition_is_a_mapping(nonsense: Any) -> None:
    with pytest.raises(ValueError, match="must be a mapping"):
        parse_definition(nonsense)


def test_a_condition_stays_open_while_an_answer_it_needs_is_missing() -> None:
    here = Comparison(Subject.ITEM, "a", "==", 1)
    there = Comparison(Subject.ITEM, "b", "==", 1)
    facts = Facts(items={"a": 1})
    assert holds(here, facts) is True
    assert holds(there, facts) is None
    assert holds(AnyOf((there, here)), facts) is True
    assert holds(AllOf((there, here)), facts) is None
    assert holds(AllOf((there, Comparison(Subject.ITEM, "a", "!=", 1))), facts) is False
    assert holds(there, Facts(hidden=frozenset({"b"}))) is False
    assert holds(Always(), Facts()) is True


def test_a_definition_made_by_a_site_is_scored_by_its_own_rules() -> None:
    own = parse_definition(
        {
            "key": "own",
            "title": "Own",
            "short_name": "Own",
            "measures": "something",
            "version": "1",
            "definition_version": 1,
            "administration": "patient",
            "window": "now",
            "source": "a site",
            "licence": "own",
            "loinc": None,
            "scoring": {
                "type": "sum",
                "missing": "complete_only",
                "scores": [{"key": "total", "items": ["a"], "min": 2, "max": 9}],
            },
            "bands": [{"score": "total", "min": 2, "max": 9, "label": "any"}],
            "alerts": [],
            "items": [
                {"key": "a", "label": "A", "options": [{"value": 2, "label": "two"}, {"value": 9, "label": "nine"}]}
            ],
        }
    )
    assert score(own, {"a": 9}, {}).total == 9
    assert score(own, {"a": 3}, {}).status is ScoringStatus.INVALID
