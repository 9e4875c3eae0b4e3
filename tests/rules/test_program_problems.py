"""What makes no sense in a program: each in a sentence, in both languages, and nothing told that is not certain."""

import copy
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.programs.library import shipped
from pathways.queries.instruments import check_document, document_problems, known
from pathways.rules.documents import MOST_PROBLEMS, Fields, Problem
from pathways.rules.gates import Gate, GateFacts, Reading, decide, read_gate
from pathways.rules.programs import DocumentError, parse, problems
from pathways.rules.programs.checks import check
from pathways.rules.programs.contradictions import conjuncts, gate_contradictions

KNOWN = known()
THERAPY_EXIT = "phases[1].exit.criteria"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
UUID0 = UUID(int=0)
OPS = ["below", "at_most", "at_least", "above", "equals"]


@pytest.fixture
def written() -> dict:
    """The shipped program, its second gate with six requirements."""
    found = next(each for each in shipped() if each.name == "kratom-outpatient")
    document = copy.deepcopy(dict(found.document))
    document["phases"][1]["exit"]["criteria"] = therapy_exit(document)[:6]
    return document


def told(found: tuple[Problem, ...]) -> set[tuple[str, str]]:
    for each in found:
        assert say(each.sentence) and say(each.sentence, "es")
    return {(each.path, each.sentence.code.rsplit(".", 1)[1]) for each in found}


def senseless(document: dict, **different: object) -> set[tuple[str, str]]:
    return told(problems(parse(document), replace(KNOWN, **different)))


def score(key: str, op: str, value: object, **more: object) -> dict:
    return {"key": key, "kind": "score_compared", "instrument": "phq9", "op": op, "value": value, "within_days": 30,
            "source": "local default", **more}  # fmt: skip


def therapy_exit(document: dict) -> list[dict]:
    return document["phases"][1]["exit"]["criteria"]


@pytest.mark.parametrize("name", [each.name for each in shipped()])
def test_nothing_stands_against_a_shipped_program(name):
    program = next(each for each in shipped() if each.name == name).program
    assert document_problems(program) == ()


# What does not exist


def test_a_level_a_modality_and_a_test_that_do_not_exist_are_found(written):
    written["phases"][0]["level"] = "2.1"
    written["phases"][0]["activities"][1]["modality"] = "tea-ceremony"
    criterion = {"key": "clean", "kind": "observation_compared", "tests": ["mitragynine-screen", "tea-leaves"],
                 "op": "negative", "within_days": 14, "source": "local default"}  # fmt: skip
    therapy_exit(written).append(criterion)
    therapy_exit(written).append({"key": "came", "kind": "sessions_attended", "modalities": ["tea-ceremony"],
                                  "measure": "count", "at_least": 4, "source": "local default"})  # fmt: skip
    assert senseless(written) == {
        ("phases[0].level", "no_such_level"),
        ("phases[0].activities[1].modality", "no_such_modality"),
        (f"{THERAPY_EXIT}[6].tests[1]", "no_such_observation"),
        (f"{THERAPY_EXIT}[7].modalities[0]", "no_such_modality"),
    }


@pytest.mark.parametrize("level", ["1", "L1", "3H", "L0"])
def test_a_level_is_named_with_or_without_its_letter(written, level):
    written["phases"][0]["level"] = level
    assert senseless(written) == set()


def test_a_message_that_is_not_written_in_both_languages_is_found(written):
    halves = {**KNOWN.templates, "follow_up.welcome": frozenset({"en"})}
    assert senseless(written, templates=halves) == {("follow_ups[0].template", "template_language")}
    (problem,) = problems(parse(written), replace(KNOWN, templates=halves))
    assert say(problem.sentence) == (
        "The message template “follow_up.welcome” is not written in Spanish on every channel."
    )


def test_every_shipped_message_is_written_in_both_languages():
    assert set(KNOWN.templates.values()) == {frozenset({"en", "es"})}


# Gates nothing can meet


def test_two_limits_on_one_score_that_leave_nothing_between_them_are_found(written):
    therapy_exit(written)[1] |= {"op": "below", "value": 5}
    therapy_exit(written).append(score("worse", "at_least", 9, within_days=90))
    (problem,) = document_problems(parse(written))
    assert problem.path == f"{THERAPY_EXIT}[6]"
    assert say(problem.sentence) == (
        "“PHQ-9 below 5, within 30 days” and “PHQ-9 of 9 or more, within 90 days” are never met together: "
        "nobody could ever pass."
    )


def test_a_way_through_a_choice_that_contradicts_itself_is_found(written):
    both = {"key": "both", "kind": "all_of", "criteria": [score("low", "below", 5), score("high", "above", 9)]}
    choice = {"key": "choice", "kind": "any_of", "criteria": [both, score("middle", "at_most", 8)]}
    therapy_exit(written).append(choice)
    assert senseless(written) == {(f"{THERAPY_EXIT}[6].criteria[0].criteria[1]", "option_never_met")}


def test_findings_too_far_apart_for_their_window_are_found(written):
    therapy_exit(written).append(score("steady", "at_most", 9, last=5, hours_between=24, within_days=2))
    told = {each.path: each for each in document_problems(parse(written))}
    problem = told[f"{THERAPY_EXIT}[6].hours_between"]
    assert say(problem.sentence) == (
        "5 findings at least 24 hours apart do not fit into 2 days: nobody could ever meet this."
    )


def test_findings_that_just_fit_into_their_window_are_none_of_its_problems(written):
    therapy_exit(written).append(score("steady", "at_most", 9, last=2, hours_between=24, within_days=1))
    assert "never_in_time" not in {code for _, code in senseless(written)}


@pytest.mark.parametrize("kind", ["all_of", "any_of"])
def test_what_must_all_be_met_is_looked_at_through_groups(written, kind):
    therapy_exit(written)[1] |= {"op": "below", "value": 5}
    group = {"key": "group", "kind": kind, "criteria": [score("worse", "above", 5)]}
    therapy_exit(written).append(group)
    assert senseless(written) == {(f"{THERAPY_EXIT}[6].criteria[0]", "contradiction")}


def test_what_is_only_advice_contradicts_nothing(written):
    therapy_exit(written)[1] |= {"op": "below", "value": 5}
    therapy_exit(written).append(score("worse", "above", 5, requirement="advisory"))
    assert senseless(written) == set()


def test_a_choice_of_which_too_little_is_ever_possible_is_found(written):
    therapy_exit(written)[1] |= {"op": "below", "value": 5}
    options = [score("one", "above", 10), score("two", "at_least", 9), score("three", "at_most", 12)]
    therapy_exit(written).append({"key": "choice", "kind": "at_least", "n": 2, "criteria": options})
    assert senseless(written) == {(f"{THERAPY_EXIT}[6]", "choice_never_met")}
    therapy_exit(written)[6]["n"] = 1
    assert senseless(written) == set()


def test_screens_and_numbers_of_the_same_tests_that_exclude_each_other_are_found(written):
    screen = {"kind": "observation_compared", "tests": ["mitragynine-screen"], "within_days": 7, "source": "x"}
    ratio = {"kind": "observation_compared", "tests": ["alt"], "within_days": 30, "source": "x"}
    therapy_exit(written).extend([
        {**screen, "key": "a", "op": "negative"}, {**screen, "key": "b", "op": "positive", "within_days": 60},
        {**ratio, "key": "c", "op": "below", "value": 40}, {**ratio, "key": "d", "op": "at_least", "value": 40},
        {**ratio, "key": "e", "op": "at_most", "times_upper_limit": 3},
        {**ratio, "key": "f", "op": "in_range"},
        {**screen, "key": "g", "op": "positive", "tests": ["panel-opiates"]},
    ])  # fmt: skip
    assert senseless(written) == {
        (f"{THERAPY_EXIT}[7]", "contradiction"), (f"{THERAPY_EXIT}[9]", "contradiction"),
    }  # fmt: skip


def test_a_way_through_two_gates_that_exclude_each_other_is_found(written):
    therapy_exit(written)[1] |= {"op": "below", "value": 5}
    written["phases"][2]["entry"]["criteria"].append(score("worse", "above", 8))
    assert senseless(written) == {("transitions[4].gate", "contradiction")}


def test_minutes_that_no_number_of_days_holds_are_found(written):
    therapy_exit(written).append({"key": "busy", "kind": "sessions_attended", "measure": "minutes", "within_days": 1,
                                  "at_least": 5000, "source": "local default"})  # fmt: skip
    assert senseless(written) == {(f"{THERAPY_EXIT}[6].at_least", "more_than_days_hold")}


def test_days_in_a_phase_before_the_first_phase_are_found(written):
    days = {"key": "days", "kind": "days_in_phase", "at_least": 1, "source": "local default"}
    written["phases"][0]["entry"]["criteria"].append(days)
    assert senseless(written) == {("phases[0].entry.criteria[1]", "no_days_before_admission")}


def test_an_attestation_nobody_may_give_is_found(written):
    therapy_exit(written)[4]["roles"] = ["peer_supporter", "front_desk"]
    assert senseless(written) == {(f"{THERAPY_EXIT}[4].roles", "nobody_attests")}


def test_a_role_the_clinic_does_not_have_is_found_once_for_each_place(written):
    found = senseless(written, roles=frozenset(Role) - {Role.NURSE})
    assert ("transitions[0].roles", "no_such_role") in found
    assert ("follow_ups[1].owner", "no_such_role") in found


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_told_to_be_impossible_is_never_met(dice):
    gate = a_gate(dice)
    if told_impossible(gate):
        assert not any(decide(gate, facts(dice)).met for _ in range(20))


@given(st.lists(st.tuples(st.sampled_from(OPS), st.integers(0, 27))))
def test_every_impossible_list_of_limits_is_told(limits):
    """Where each could be met alone, but no score of 0 to 27 meets them all."""
    compare = {
        "below": int.__lt__,
        "at_most": int.__le__,
        "at_least": int.__ge__,
        "above": int.__gt__,
        "equals": int.__eq__,
    }
    alone = [limit for limit in limits if any(compare[limit[0]](score, limit[1]) for score in range(28))]
    possible = any(all(compare[op](score, value) for op, value in alone) for score in range(28))
    if alone:
        gate = gate_of([score(f"c-{place}", op, value) for place, (op, value) in enumerate(alone)])
        assert told_impossible(gate) is not possible


def told_impossible(gate: Gate) -> bool:
    """Whether the gate as a whole, and not only one way through it, is told to be impossible."""
    program = next(each for each in shipped() if each.name == "kratom-outpatient").program
    phases = (replace(program.phases[0], entry=None, exit=gate),)
    found = told(tuple(gate_contradictions(replace(program, phases=phases, transitions=()), KNOWN)))
    asked = {each.path for each in conjuncts(gate.criteria)}
    return any(code == "contradiction" or (code == "choice_never_met" and path in asked) for path, code in found)


def gate_of(criteria: list[dict]) -> Gate:
    noted: list[Problem] = []
    gate = read_gate(Fields({"title": "Gate", "criteria": criteria}, "exit", noted), "exit")
    assert noted == []
    return gate


def a_gate(dice: random.Random) -> Gate:
    made = iter(range(1000))

    def criterion(depth: int) -> dict:
        if depth and dice.random() < 0.4:
            criteria = [criterion(depth - 1) for _ in range(dice.randint(1, 3))]
            kind = dice.choice(["all_of", "any_of", "at_least"])
            most = {"n": dice.randint(1, len(criteria))} if kind == "at_least" else {}
            return {"key": f"g-{next(made)}", "kind": kind, "criteria": criteria, **most}
        more = {"instrument": dice.choice(["phq9", "gad7"]), "within_days": dice.randint(1, 60)}
        return score(f"c-{next(made)}", dice.choice(OPS), dice.randint(0, 20), **more)

    return gate_of([criterion(2) for _ in range(dice.randint(1, 3))])


def facts(dice: random.Random) -> GateFacts:
    def reading(instrument: str) -> Reading:
        at = NOW - timedelta(days=dice.randint(0, 50))
        return Reading(UUID0, instrument, at, total=dice.randint(0, 21))

    readings = tuple(reading(dice.choice(["phq9", "gad7"])) for _ in range(dice.randint(0, 6)))
    return GateFacts(as_of=NOW, zone="UTC", looked_up={Reading: readings})


# Rings without a person


def machine_only(document: dict, *kinds: str) -> dict:
    for each in document["transitions"]:
        if each["kind"] in kinds:
            each["roles"] = ["api_client"]
    return document


@pytest.mark.parametrize(
    ("kinds", "titles"),
    [
        (("advance", "step_back"), "Assessment and stabilization and Behavioral therapy and relapse prevention"),
        (("hold", "resume"), "Assessment and stabilization"),
        (("discharge", "readmit"), "Assessment and stabilization"),
    ],
)
def test_a_ring_of_moves_no_person_may_make_is_found(written, kinds, titles):
    problem = document_problems(parse(machine_only(written, *kinds)))[0]
    assert problem.sentence.code == "program.problem.ring_without_person"
    assert f"({titles})" in say(problem.sentence)
    assert problem.path.endswith(".roles")


@pytest.mark.parametrize("kinds", [("advance",), ("step_back",), ("hold",), ("admit", "advance", "discharge")])
def test_moves_without_a_person_that_lead_nowhere_back_are_taken(written, kinds):
    assert senseless(machine_only(written, *kinds)) == set()


# Form and sense together


def test_problems_of_form_and_of_sense_are_told_together(written):
    written["phases"][0]["goals"] = "Sleep"
    therapy_exit(written)[1]["instrument"] = "phq99"
    written["follow_ups"][0]["ladder"] = "rope"
    written["colour"] = "green"
    assert told(check_document(written)) == {
        ("phases[0].goals", "not_a_list"),
        ("colour", "unknown_key"),
        (f"{THERAPY_EXIT}[1].instrument", "no_such_instrument"),
        ("follow_ups[0].ladder", "no_such_ladder"),
    }


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["phases"][1].pop("key"),
        lambda d: d.update(phases=[]),
        lambda d: d.update(phases="none"),
        lambda d: d.update(transitions=7),
        lambda d: d.update(ladders={}),
        lambda d: d.update(follow_ups=[1, 2]),
        lambda d: d["ladders"][0].pop("key"),
        lambda d: d["ladders"][0].update(rungs=[]),
        lambda d: d["ladders"][0]["rungs"][0].update(kind="shout"),
        lambda d: d["transitions"][0].pop("kind"),
        lambda d: d["transitions"][4].update(kind="jump"),
        lambda d: d["phases"][1]["exit"].pop("criteria"),
        lambda d: d["phases"][1].update(exit=[]),
        lambda d: therapy_exit(d)[1].pop("value"),
        lambda d: therapy_exit(d)[3].update(criteria=[]),
        lambda d: d["follow_ups"][0].pop("template") and d["follow_ups"][0].update(template=7),
        lambda d: d["follow_ups"][-1].pop("anchor"),
    ],
)
def test_what_rests_on_something_malformed_is_not_told(written, spoil):
    spoil(written)
    with pytest.raises(DocumentError) as error:
        parse(written)
    assert set(check_document(written)) == set(error.value.problems)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_half_finished_document_is_checked(data):
    """Whatever is left out, the answer is the list of problems, never an error; and no more than anybody reads."""
    document = copy.deepcopy(dict(data.draw(st.sampled_from(shipped())).document))
    for _ in range(data.draw(st.integers(1, 6))):
        around: object = document
        while isinstance(around, dict | list) and around:
            key = data.draw(
                st.sampled_from(sorted(around)) if isinstance(around, dict) else st.integers(0, len(around) - 1)
            )
            if data.draw(st.booleans()) or not isinstance(around[key], dict | list):
                around[key] = data.draw(st.sampled_from([None, "", 0, [], {}, "x", [{}], {"key": 1}, True, -1]))
                break
            around = around[key]
    found = check(document, KNOWN)
    assert len(found) <= MOST_PROBLEMS
    told(found)
