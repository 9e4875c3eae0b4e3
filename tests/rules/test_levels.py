"""The neutral level-of-care rules: every worked case, every vector of ratings, and the decision after them."""

import json
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from clinic.wording import LANGUAGES, codes, label, say
from pathways.rules.levels import (
    ASAM_REFERENCE,
    LEVELS,
    NEED_SCALES,
    NEUTRAL,
    Event,
    Intensity,
    Level,
    Need,
    Needs,
    PlacementReason,
    Rating,
    ReratingTrigger,
    Suggestion,
    SuggestionFlag,
    age_warning,
    decision_problem,
    needs_note,
    needs_reason,
    needs_second_signature,
    rerating_due,
    suggest,
)

DATA = json.loads((Path(__file__).parent / "data" / "level_of_care_cases.json").read_text(encoding="utf-8"))
EXAMPLES = [  # level-of-care.md, "Examples"
    ([0, 0, 0, 0, 0, 0], False, "L0", None),
    ([1, 1, 1, 3, 1, 1], True, "L1", "motivational_plan"),
    ([2, 1, 1, 1, 1, 1], True, "L1M", None),
    ([1, 1, 2, 1, 1, 1], True, "L2", None),
    ([0, 0, 0, 0, 2, 3], True, "L3", "recovery_residence_plus_outpatient_is_alternative"),
    ([0, 0, 0, 0, 3, 3], True, "L3H", None),
    ([3, 0, 0, 0, 0, 0], True, "L3M", None),
]
TODAY = date(2026, 6, 15)


def suggested(ratings: list[int] | tuple[int, ...], diagnosis: bool = True) -> Suggestion:
    return suggest(Needs(*ratings), diagnosis)


@pytest.mark.parametrize("case", DATA["cases"], ids=lambda case: f"{case['ratings']}-{case['sud_diagnosis']}")
def test_the_worked_case_gives_its_level_rule_and_flag(case: dict[str, Any]) -> None:
    found = suggested(case["ratings"], case["sud_diagnosis"])
    assert (found.level, found.rule_id) == (case["expected"], case["rule"])
    assert list(found.flags) == ([case["flag"]] if case["flag"] else [])


@pytest.mark.parametrize(("ratings", "diagnosis", "level", "flag"), EXAMPLES)
def test_the_printed_example_gives_its_level(ratings: list[int], diagnosis: bool, level: str, flag: str | None) -> None:
    found = suggested(ratings, diagnosis)
    assert found.level == level
    assert list(found.flags) == ([flag] if flag else [])


@cache
def everything() -> dict[tuple[tuple[int, ...], bool], Suggestion]:
    return {
        (ratings, diagnosis): suggested(ratings, diagnosis)
        for ratings in product(range(5), repeat=6)
        for diagnosis in (False, True)
    }


def test_raising_a_need_never_lowers_the_intensity_or_drops_the_medical_overlay() -> None:
    ranks = {intensity: intensity.rank for intensity in Intensity}
    found = {at: (ranks[each.intensity], each.medical) for at, each in everything().items() if each.intensity}
    assert len(found) == 2 * 15_625
    for (ratings, diagnosis), (rank, medical) in found.items():
        for at in range(6):
            if ratings[at] < 4:
                higher, kept = found[(*ratings[:at], ratings[at] + 1, *ratings[at + 1 :]), diagnosis]
                assert higher >= rank
                assert kept >= medical


def test_a_diagnosis_never_lowers_the_intensity() -> None:
    found = everything()
    for ratings in product(range(5), repeat=6):
        without, diagnosed = found[ratings, False], found[ratings, True]
        assert without.intensity is not None
        assert diagnosed.intensity is not None
        assert diagnosed.intensity.rank >= without.intensity.rank


def test_every_suggestion_follows_the_table_of_rules() -> None:
    for (ratings, diagnosis), found in everything().items():
        assert (found.rule_id, found.intensity) == table(ratings, diagnosis)
        assert found.medical == (max(ratings[:2]) >= 2 or ratings[2] >= 3)


def table(ratings: tuple[int, ...], diagnosis: bool) -> tuple[str, str]:
    """The table of level-of-care.md, written a second time."""
    d1, d2, d3, _, d5, d6 = ratings
    rows = [
        ("I1", "4", max(d1, d2, d3) == 4),
        ("I2", "3H", d5 == 4 or (d5 == 3 and d6 >= 3) or (d6 >= 3 and max(d1, d2, d3) >= 2)),
        ("I3", "3", max(d1, d2, d3) == 3),
        ("I4", "3", d6 >= 3),
        ("I5", "2H", d5 == 3),
        ("I6", "2", 2 in (d3, d5, d6)),
        ("I7", "1", diagnosis or max(d1, d2) == 2),
        ("I8", "0", True),
    ]
    return next((rule, intensity) for rule, intensity, applies in rows if applies)


def test_a_missing_rating_gives_no_suggestion() -> None:
    for at in range(6):
        ratings: list[int | None] = [4] * 6
        ratings[at] = None
        needs = Needs(*ratings)
        found = suggest(needs, True)
        assert (found.level, found.intensity, found.rule_id, found.flags) == (None, None, "I0", ())
        assert needs.missing == (list(Need)[at],)


@pytest.mark.parametrize("wrong", [-1, 5, 1.5, 2.0, True, "3", float("nan")])
def test_a_rating_is_a_whole_number_from_0_to_4(wrong: Any) -> None:
    with pytest.raises(ValueError, match="whole number from 0 to 4"):
        Needs(wrong, 0, 0, 0, 0, 0)


def test_needs_are_never_averaged() -> None:
    assert suggested([4, 0, 0, 0, 0, 0]).level is Level.L4


def test_the_medical_overlay_keeps_intensity_beside_the_level() -> None:
    found = suggested([2, 1, 1, 1, 3, 1])
    assert (found.level, found.intensity, found.medical) == (Level.L2M, Intensity.INTENSIVE_HIGH, True)


def test_the_motivational_plan_is_only_suggested_with_outpatient_care() -> None:
    assert suggested([0, 0, 0, 3, 0, 0]).flags == (SuggestionFlag.MOTIVATIONAL_PLAN,)
    assert suggested([0, 0, 0, 2, 0, 0]).flags == ()
    assert suggested([0, 0, 0, 4, 0, 0], diagnosis=False).flags == ()
    assert suggested([0, 0, 0, 4, 2, 0]).flags == ()


@pytest.mark.parametrize(
    ("ratings", "diagnosis", "words"),
    [
        ([1, 1, 1, 1, 3, 2], True, "I5: Use risk 3"),
        ([4, 0, 4, 0, 0, 0], True, "I1: Withdrawal 4 and Mental health 4"),
        ([2, 0, 0, 0, 0, 3], True, "I2: Withdrawal 2 and Home and surroundings 3"),
        ([0, 0, 0, 0, 3, 4], True, "I2: Use risk 3 and Home and surroundings 4"),
        ([0, 0, 0, 0, 4, 4], True, "I2: Use risk 4"),
        ([0, 0, 2, 0, 2, 2], True, "I6: Mental health 2, Use risk 2 and Home and surroundings 2"),
        ([2, 0, 0, 0, 0, 0], False, "I7: Withdrawal 2"),
        ([0, 0, 0, 0, 0, 0], True, "I7: a substance use disorder is diagnosed"),
        ([0, 0, 0, 0, 0, 0], False, "I8: no need calls for more"),
    ],
)
def test_the_rule_and_its_inputs_are_said(ratings: list[int], diagnosis: bool, words: str) -> None:
    assert say(suggested(ratings, diagnosis).reason) == words


def test_a_missing_rating_is_said() -> None:
    found = suggest(Needs(1, 1, 1, 1, 1, None), True)
    assert say(found.reason) == "I0: no suggestion until all six needs are rated"


def test_the_shipped_ruleset_is_ours_and_says_so() -> None:
    assert NEUTRAL.decide(Needs(0, 0, 0, 0, 0, 0), True) == suggested([0] * 6)
    assert (NEUTRAL.key, NEUTRAL.edition) == (suggested([0] * 6).ruleset, suggested([0] * 6).edition)
    assert "Not the ASAM Criteria" in NEUTRAL.licence_note


def test_asam_codes_are_references_only() -> None:
    assert {level.value: code for level, code in ASAM_REFERENCE.items()} == DATA["asam_ref"]


def test_everything_the_form_shows_has_words_in_both_languages() -> None:
    shown = [said for scale in NEED_SCALES for said in (scale.question, *scale.descriptors)]
    shown += [level.description for level in LEVELS]
    members = [*Need, *Level, *Intensity, *SuggestionFlag, *PlacementReason, *ReratingTrigger]
    for language in LANGUAGES:
        assert all(say(said, language) for said in shown)
        assert all(label(member, language) for member in members)
    assert {f"label.{type(member).__name__}.{member.value}" for member in members} <= codes()
    assert [len(scale.descriptors) for scale in NEED_SCALES] == [5] * 6
    assert [level.level for level in LEVELS] == list(Level)


# The decision


def test_there_are_fifteen_reasons_and_two_of_them_need_words() -> None:
    assert len(PlacementReason) == 15
    assert [reason for reason in PlacementReason if needs_note(reason)] == ["clinician_judgement", "other"]


def test_a_reason_is_owed_only_where_the_decision_differs() -> None:
    assert not needs_reason(Level.L2, Level.L2)
    assert needs_reason(Level.L2, Level.L1)
    assert needs_reason(Level.L2, Level.L3)
    assert needs_reason(None, Level.L1)


@pytest.mark.parametrize(
    ("ratings", "decided", "needed"),
    [
        ([4, 0, 0, 0, 0, 0], Level.L3M, True),
        ([4, 0, 0, 0, 0, 0], Level.L4, False),
        ([0, 0, 0, 0, 4, 0], Level.L3, True),
        ([0, 0, 0, 0, 4, 0], Level.L3M, False),
        ([3, 0, 0, 0, 0, 0], Level.L3, True),
        ([3, 0, 0, 0, 0, 0], Level.L4, False),
        ([0, 0, 0, 0, 0, 3], Level.L1, False),
        ([0, 0, 0, 0, 3, 0], Level.L0, False),
    ],
)
def test_going_lower_than_the_first_three_rules_takes_a_second_signature(
    ratings: list[int], decided: Level, needed: bool
) -> None:
    assert needs_second_signature(suggested(ratings), decided) is needed


def test_without_a_suggestion_there_is_nothing_to_go_below() -> None:
    assert not needs_second_signature(suggest(Needs(None, 4, 4, 4, 4, 4), True), Level.L0)


def test_a_decision_that_differs_needs_its_reason_and_some_reasons_a_note() -> None:
    owed = decision_problem(Level.L2, Level.L1, PlacementReason.NONE)
    note = decision_problem(Level.L2, Level.L1, PlacementReason.OTHER, "  ")
    extra = decision_problem(Level.L2, Level.L2, PlacementReason.WAIT_LIST)
    assert owed is not None
    assert note is not None
    assert extra is not None
    assert say(owed) == "Say why the level decided is not the one indicated."
    assert say(note) == "“Another reason” needs a few words."
    assert say(extra, "es") == "La decisión es la indicada; no ponga motivo."
    assert decision_problem(Level.L2, Level.L1, PlacementReason.OTHER, "Close to home") is None
    assert decision_problem(Level.L2, Level.L1, PlacementReason.WAIT_LIST) is None
    assert decision_problem(Level.L2, Level.L2, PlacementReason.NONE) is None


# Age of ratings, and rating again


@pytest.mark.parametrize(("phase", "limit"), [(1, 7), (2, 30), (3, 30), (4, 30)])
def test_a_rating_warns_when_it_is_older_than_its_phase_allows(phase: int, limit: int) -> None:
    fresh = Rating(Need.MEDICAL, TODAY - timedelta(days=limit))
    old = Rating(Need.WITHDRAWAL, TODAY - timedelta(days=limit + 1))
    assert age_warning([fresh], phase, TODAY) is None
    said = age_warning([fresh, old], phase, TODAY)
    assert said is not None
    assert say(said) == f"Rated {limit + 1} days ago, the limit is {limit}: Withdrawal."


@pytest.mark.parametrize(("phase", "days"), [(1, 30), (2, 30), (3, 90), (5, 90)])
def test_needs_are_rated_again_at_the_interval_of_the_phase(phase: int, days: int) -> None:
    due = rerating_due(TODAY, phase, TODAY)
    assert (due.due_on, due.trigger) == (TODAY + timedelta(days=days), ReratingTrigger.INTERVAL)


def test_needs_never_rated_are_due_on_admission() -> None:
    due = rerating_due(None, 1, TODAY)
    assert (due.due_on, due.trigger) == (TODAY, ReratingTrigger.ADMISSION)


@pytest.mark.parametrize("trigger", [each for each in ReratingTrigger if each is not ReratingTrigger.INTERVAL])
def test_an_event_since_the_last_rating_asks_for_a_new_one_at_once(trigger: ReratingTrigger) -> None:
    after = TODAY + timedelta(days=3)
    due = rerating_due(TODAY, 2, TODAY, [Event(trigger, after + timedelta(days=1)), Event(trigger, after)])
    assert (due.due_on, due.trigger) == (after, trigger)
    assert all(say(due.reason, language) for language in LANGUAGES)


def test_an_event_the_rating_has_seen_asks_for_nothing() -> None:
    due = rerating_due(TODAY, 2, TODAY, [Event(ReratingTrigger.OVERDOSE, TODAY)])
    assert due.trigger is ReratingTrigger.INTERVAL


def test_phases_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        rerating_due(TODAY, 0, TODAY)
