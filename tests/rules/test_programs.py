"""Programs: read strictly, checked for sense, spelled one way; and the program that ships."""

import copy
import re
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.wording import codes, label, say, text_of
from pathways import modalities
from pathways.messages import keys
from pathways.programs.library import read_program, read_yaml, shipped
from pathways.rules import moves, worklist
from pathways.rules.follow_ups import outcomes
from pathways.rules.gates import InstrumentName, OverrideReason, Requirement, State
from pathways.rules.gates.scores import Comparison
from pathways.rules.programs import (
    DocumentError,
    GateSide,
    Known,
    KnownInstrument,
    canonical,
    digest,
    document,
    parse,
    problems,
)
from patients import observations
from patients.instruments import definitions

TEMPLATES = {key: frozenset({"en", "es"}) for key in keys()}
ROOT = Path(__file__).parents[2]


def known_instruments() -> dict[str, KnownInstrument]:
    known = {}
    for each in definitions():
        scores = {score.key: (score.minimum, score.maximum) for score in each.scoring.scores}
        bands = frozenset(band.label for band in each.bands)
        known[each.key] = KnownInstrument(each.key, scores, bands)
    return known


KNOWN = Known(known_instruments(), TEMPLATES, observations.codes(), modalities.keys())


@pytest.fixture
def written() -> dict:
    return copy.deepcopy(dict(kratom().document))


def kratom():
    return next(each for each in shipped() if each.name == "kratom-outpatient")


def at(document: dict, path: str) -> tuple[dict | list, str | int]:
    """The container and last step of a path such as `phases[1].exit`."""
    steps = [int(step) if step.isdigit() else step for step in re.findall(r"[a-z_]+|\d+", path)]
    for step in steps[:-1]:
        document = document[step]
    return document, steps[-1]


def put(document: dict, path: str, value: object) -> dict:
    container, last = at(document, path)
    container[last] = value
    return document


def drop(document: dict, path: str) -> dict:
    container, last = at(document, path)
    del container[last]
    return document


def refused(document: object) -> set[tuple[str, str]]:
    with pytest.raises(DocumentError) as error:
        parse(document)
    return {(each.path, each.sentence.code.rsplit(".", 1)[1]) for each in error.value.problems}


def senseless(document: dict, **known: object) -> set[tuple[str, str]]:
    found = problems(parse(document), replace(KNOWN, **known))
    return {(each.path, each.sentence.code.rsplit(".", 1)[1]) for each in found}


# The program that ships


def test_every_shipped_program_may_be_published():
    for each in shipped():
        assert problems(each.program, KNOWN) == ()


def test_the_kratom_program_has_the_three_phases_of_the_mission():
    assert [phase.key for phase in kratom().program.phases] == [
        "assessment-and-stabilization",
        "behavioral-therapy",
        "aftercare",
    ]


def test_every_number_of_the_kratom_program_has_its_source():
    program = kratom().program
    leaves = [each for each in program.criteria() if not each.children]
    assert all(each.source for each in (*leaves, *program.phases, *program.follow_ups, *program.ladders))
    assert all(each.source for phase in program.phases for each in (*phase.assessments, *phase.activities))


def test_outpatient_care_stays_below_nine_clinical_hours_a_week():
    for phase in kratom().program.phases:
        assert sum(activity.weekly_minutes for activity in phase.activities) < 9 * 60


def test_adjuncts_are_no_clinical_minutes():
    activities = [each for phase in kratom().program.phases for each in phase.activities if each.adjunct]
    assert activities
    assert {each.weekly_minutes for each in activities} == {0}


def test_the_gate_of_a_move_joins_the_exit_left_and_the_entry_entered():
    program = kratom().program
    both = program.gate_for("behavioral-therapy", "aftercare", (GateSide.EXIT, GateSide.ENTRY))
    assert len(both.criteria) == 10
    assert both.title == "Gate to Aftercare"
    assert program.gate_for("behavioral-therapy", "aftercare", ()) is None
    assert program.gate_for("behavioral-therapy", "aftercare", (GateSide.EXIT,)).key == "behavioral-therapy.exit"


def test_every_requirement_of_the_kratom_program_can_be_said_in_both_languages():
    for criterion in kratom().program.criteria():
        assert say(criterion.kind.asks(), "en")
        assert say(criterion.kind.asks(), "es")


# Read strictly


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schema", 2, "not_the_one"),
        ("program", "kratom", "not_a_mapping"),
        ("program.title", "", "empty_text"),
        ("program.key", "Kratom!", "not_a_key"),
        ("program.summary", "x" * 501, "too_long"),
        ("program.summary", "nul \x00 inside", "unprintable"),
        ("program.summary", "half a pair \ud800", "unprintable"),
        ("phases", {}, "not_a_list"),
        ("phases", [], "empty_list"),
        ("phases[0].typical_days", 0, "out_of_range"),
        ("phases[0].typical_days", 28.0, "not_whole"),
        ("phases[0].level", 1, "not_text"),
        ("phases[1].exit.criteria[1].within_days", "soon", "not_whole"),
        ("phases[1].exit.criteria[1].kind", "guess", "not_one_of"),
        ("transitions[0].kind", "jump", "not_one_of"),
        ("transitions[3].roles", [], "empty_list"),
        ("follow_ups[0].at", 600, "not_a_time"),
        ("follow_ups[0].at", "25:00", "not_a_time"),
        ("follow_ups[0].offsets", [2, 2], "not_rising"),
        ("follow_ups[0].every", {"days": 7}, "one_schedule"),
        ("ladders[0].rungs[0].tries", 0, "out_of_range"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(written, path, value, problem):
    said = refused(put(written, path, value))
    assert (path, problem) in said or ("follow_ups[0].offsets", problem) in said


@pytest.mark.parametrize("path", ["program.title", "phases[0].key", "follow_ups[0].ladder", "phases[2].source"])
def test_a_missing_key_is_named(written, path):
    assert (path, "missing") in refused(drop(written, path))


@pytest.mark.parametrize("path", ["colour", "program.colour", "phases[0].colour", "phases[0].exit.colour",
                                  "transitions[1].colour", "ladders[0].rungs[1].colour"])  # fmt: skip
def test_a_key_nobody_knows_is_refused(written, path):
    assert (path, "unknown_key") in refused(put(written, path, "green"))


def test_all_mistakes_are_named_at_once(written):
    put(written, "phases[0].typical_days", "long")
    put(written, "ladders[0].key", 7)
    assert {path for path, _ in refused(written)} >= {"phases[0].typical_days", "ladders[0].key"}


@pytest.mark.parametrize("document", [None, [], "text", 7, {}, {"schema": 1}, {1: 2}])
def test_what_is_no_program_at_all_is_refused(document):
    assert refused(document)


def test_a_reason_that_is_none_and_a_reason_where_none_is_taken_are_refused(written):
    hold = next(place for place, each in enumerate(written["transitions"]) if each["kind"] == "hold")
    put(written, f"transitions[{hold}].reasons", ["bored"])
    put(written, "transitions[0].reasons", ["because"])
    said = refused(written)
    assert (f"transitions[{hold}].reasons[0]", "not_one_of") in said
    assert ("transitions[0].reasons", "no_reasons") in said


# Makes sense


THERAPY_EXIT = "phases[1].exit.criteria"


@pytest.mark.parametrize(
    ("path", "value", "where", "problem"),
    [
        (f"{THERAPY_EXIT}[1].instrument", "phq99", f"{THERAPY_EXIT}[1].instrument", "no_such_instrument"),
        (f"{THERAPY_EXIT}[1].score", "mood", f"{THERAPY_EXIT}[1].score", "no_such_score"),
        (f"{THERAPY_EXIT}[3].criteria[0].score", "total", f"{THERAPY_EXIT}[3].criteria[0].score", "no_such_score"),
        (f"{THERAPY_EXIT}[3].criteria[1].value", 61, f"{THERAPY_EXIT}[3].criteria[1].value", "out_of_reach"),
        (f"{THERAPY_EXIT}[1].value", 27, f"{THERAPY_EXIT}[1].value", "always_met"),
        (f"{THERAPY_EXIT}[1].within_days", 14, f"{THERAPY_EXIT}[1].within_days", "lapses_early"),
        (f"{THERAPY_EXIT}[1].key", "craving-manageable", f"{THERAPY_EXIT}[2].key", "key_twice"),
        ("phases[2].entry.criteria[0].value", ["tiny"], "phases[2].entry.criteria[0].value", "no_such_band"),
        ("phases[1].key", "aftercare", "phases[2].key", "key_twice"),
        ("phases[0].assessments[0].instrument", "tea", "phases[0].assessments[0].instrument", "no_such_instrument"),
        ("transitions[3].to", "nowhere", "transitions[3].to", "no_such_phase"),
        ("transitions[3].to", "assessment-and-stabilization", "transitions[3].to", "wrong_direction"),
        ("transitions[3].gate", ["entry"], "transitions[3].gate[0]", "no_such_gate"),
        ("transitions[0].from", "aftercare", "transitions[0].from", "admit_from_nowhere"),
        ("follow_ups[0].ladder", "rope", "follow_ups[0].ladder", "no_such_ladder"),
        ("follow_ups[0].template", "follow_up.poem", "follow_ups[0].template", "no_such_template"),
        ("follow_ups[1].phases", ["nowhere"], "follow_ups[1].phases[0]", "no_such_phase"),
        ("follow_ups[1].rule_key", "welcome", "follow_ups[1].rule_key", "key_twice"),
        ("follow_ups[4].instrument", "tea", "follow_ups[4].instrument", "no_such_instrument"),
        ("ladders[2].rungs", [{"kind": "message", "wait_hours": 1}], "ladders[2].rungs", "ladder_ends_with_person"),
        ("ladders[2].key", "unwanted", "ladders[2]", "unused_ladder"),
    ],
)
def test_what_makes_no_sense_is_found(written, path, value, where, problem):
    assert (where, problem) in senseless(put(written, path, value))


def without(written: dict, **wanted: str) -> dict:
    kept = [each for each in written["transitions"] if any(each.get(key) != value for key, value in wanted.items())]
    return {**written, "transitions": kept}


def test_a_phase_nobody_reaches_is_found(written):
    assert ("phases[2]", "unreachable") in senseless(without(written, kind="advance", to="aftercare"))


def test_a_phase_without_a_way_out_is_found(written):
    assert ("phases[1]", "no_way_out") in senseless(
        without(without(written, kind="discharge"), kind="advance", to="aftercare")
    )


def test_a_hold_without_an_end_is_found(written):
    assert "hold_without_end" in {problem for _, problem in senseless(without(written, kind="resume"))}


def test_a_program_nobody_is_admitted_to_is_found(written):
    assert ("transitions", "no_admission") in senseless(without(written, kind="admit"))


@pytest.mark.parametrize("anchor", ["hold", "proposal", "waitlist"])
def test_waiting_that_nobody_looks_at_again_is_found(written, anchor):
    written["follow_ups"] = [each for each in written["follow_ups"] if each["anchor"] != anchor]
    assert ("follow_ups", "no_review") in senseless(written)


def test_a_message_rung_without_any_wording_is_found(written):
    assert ("follow_ups[0].template", "missing") in senseless(drop(written, "follow_ups[0].template"))


def test_a_role_the_clinic_does_not_have_is_found(written):
    said = senseless(written, roles=frozenset(Role) - {Role.NURSE})
    assert ("transitions[0].roles", "no_such_role") in said


# One spelling


def test_the_order_of_keys_does_not_change_the_hash(written):
    turned = dict(reversed(written.items()))
    assert canonical(turned) == canonical(written)
    assert digest(turned) == digest(written)


def test_any_change_changes_the_hash(written):
    before = digest(written)
    assert digest(put(written, "phases[0].typical_days", 29)) != before


def test_json_is_another_spelling_of_the_same_program():
    assert read_program("same", kratom().canonical).digest == kratom().digest


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, {"a": {3, 4}}, object()])
def test_what_json_has_no_word_for_has_no_spelling(value):
    with pytest.raises(ValueError):
        canonical({"key": value})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2\n", "key_twice"),
        ("a: &x {b: 1}\nc: *x\n", "alias"),
        ("1: one\n", "key_not_text"),
        ("a: [1, 2\n", "not_yaml"),
        ("- a\n- b\n", "not_a_mapping"),
        ("", "not_a_mapping"),
        ("a: !!python/object/apply:os.getcwd []\n", "tag"),
        ("[" * 5000, "nested_too_deep"),
        ("a" * 1_000_001, "too_long"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_its_line(text, problem):
    with pytest.raises(DocumentError) as error:
        read_yaml(text)
    assert error.value.problems[0].sentence.code == f"program.problem.{problem}"


# Words


def our_sources() -> str:
    folders = ("gates", "programs", "follow_ups")
    files = [each for folder in folders for each in (ROOT / "pathways/rules" / folder).glob("*.py")]
    files += [ROOT / "pathways/rules" / name for name in ("documents.py", "phases.py", "worklist.py")]
    return "\n".join(each.read_text(encoding="utf-8") for each in (*files, ROOT / "pathways/programs/library.py"))


def test_every_sentence_of_these_rules_stands_in_the_catalogue():
    source = our_sources()
    written = set(re.findall(r'"((?:gate|phase|program|follow_up|worklist)\.[a-z_.]+[a-z])"', source))
    written |= {f"program.problem.{code}" for code in re.findall(r'_problem\(\s*[^"]*f?"[^"]*",\s*"([a-z_]+)"', source)}
    written |= {f"gate.limit.{op.value}" for op in Comparison}
    assert written
    assert written - codes() == set()


def test_both_languages_name_the_same_parameters():
    for code in codes():
        if code.split(".")[0] in ("gate", "phase", "program", "worklist"):
            fields = [
                {name for _, name, _, _ in Formatter().parse(text_of(code, each)) if name} for each in ("en", "es")
            ]
            assert fields[0] == fields[1], code


def test_every_word_of_these_enumerations_is_in_both_languages():
    found = [State, Requirement, OverrideReason, Comparison, InstrumentName]
    for module in (moves, worklist, outcomes, document):
        found += [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum
        ]
    for member in (member for each in found for member in each):
        assert f"label.{type(member).__name__}.{member.value}" in codes()


def test_a_problem_reads_as_a_sentence():
    said = sentence("program.problem.lapses_early", instrument=InstrumentName.PHQ9, days=14, every=30)
    assert say(said) == (
        "PHQ-9 is asked for within 14 days but repeated only every 30 days: it would lapse before it is due."
    )


def test_a_gate_calls_every_shipped_instrument_by_its_short_name():
    assert {each.key: each.short_name for each in definitions()} == {each.value: label(each) for each in InstrumentName}
