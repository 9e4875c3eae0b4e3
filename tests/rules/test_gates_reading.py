"""Reading a gate from a document, and describing what a kind may be told."""

import pytest

from clinic.rules.roles import Role
from pathways.rules.gates import Requirement, may_override
from tests.rules.gate_ground import read

DONE = {"key": "a", "kind": "assessment_done", "instrument": "phq9", "within_days": 30, "source": "local default"}


def test_a_criterion_is_required_unless_it_says_otherwise():
    result, problems = read(DONE)
    assert not problems
    assert result.criteria[0].requirement is Requirement.REQUIRED


@pytest.mark.parametrize(
    ("changes", "path", "problem"),
    [
        ({"kind": "tea_leaves"}, "kind", "not_one_of"),
        ({"within_days": "30"}, "within_days", "not_whole"),
        ({"within_days": True}, "within_days", "not_whole"),
        ({"within_days": -1}, "within_days", "out_of_range"),
        ({"instrument": 9}, "instrument", "not_text"),
        ({"instrument": "PHQ 9"}, "instrument", "not_a_key"),
        ({"within": 3}, "within", "unknown_key"),
        ({"source": None}, "source", "missing"),
        ({"requirement": "overridable"}, "overridable_by", "nobody_overrides"),
        ({"requirement": "overridable", "overridable_by": ["king"]}, "overridable_by[0]", "not_one_of"),
        ({"requirement": "overridable", "overridable_by": ["nurse", "nurse"]}, "overridable_by", "twice"),
    ],
)
def test_a_criterion_with_a_mistake_is_refused_with_its_path(changes, path, problem):
    assert (f"exit.criteria[0].{path}", problem) in read({**DONE, **changes})[1]


def test_a_band_is_compared_by_name_only():
    band = {"key": "a", "kind": "score_compared", "instrument": "cssrs_screen", "score": "band", "op": "below",
            "value": "low", "within_days": 3, "source": "x"}  # fmt: skip
    assert ("exit.criteria[0].op", "band_order") in read(band)[1]


def test_members_take_over_how_binding_their_group_is():
    group = {"key": "g", "kind": "all_of", "requirement": "overridable", "overridable_by": ["supervisor"],
             "criteria": [DONE]}  # fmt: skip
    result, problems = read(group)
    assert not problems
    assert may_override(result.criteria[0], [Role.SUPERVISOR])
    assert may_override(result.criterion("a"), [Role.SUPERVISOR])


def test_part_of_a_choice_is_never_set_aside_by_itself():
    group = {"key": "g", "kind": "any_of", "requirement": "overridable", "overridable_by": ["supervisor"],
             "criteria": [DONE]}  # fmt: skip
    result, problems = read(group)
    assert not problems
    assert may_override(result.criterion("g"), [Role.SUPERVISOR])
    assert not may_override(result.criterion("a"), [Role.SUPERVISOR])
    stricter = {**group, "criteria": [{**DONE, "requirement": "required"}]}
    assert ("exit.criteria[0].criteria[0].requirement", "choice_as_whole") in read(stricter)[1]


@pytest.mark.parametrize(
    ("group", "path", "problem"),
    [
        ({"kind": "at_least", "n": 2, "criteria": [DONE]}, "n", "more_than_offered"),
        ({"kind": "all_of", "criteria": []}, "criteria", "empty_list"),
        ({"kind": "all_of", "criteria": [{**DONE, "requirement": "advisory"}]}, "criteria", "nothing_binding"),
    ],
)
def test_a_group_that_could_never_be_met_is_refused(group, path, problem):
    assert (f"exit.criteria[0].{path}", problem) in read({"key": "g", **group})[1]


def test_groups_stand_three_deep_at_most():
    nested = DONE
    for depth in range(5):
        nested = {"key": f"g{depth}", "kind": "all_of", "criteria": [nested]}
    assert "too_deep" in {problem for _, problem in read(nested)[1]}


def test_a_member_takes_a_second_signature_where_its_group_does():
    member = {**DONE, "key": "member"}
    group = {"key": "group", "kind": "all_of", "requirement": "overridable", "overridable_by": ["nurse"],
             "cosigned_by": ["clinician"], "criteria": [member]}  # fmt: skip
    result, problems = read(group)
    (inside,) = result.criteria[0].children
    assert not problems and may_override(inside, [Role.NURSE])
    assert inside.cosigned_by == (Role.CLINICIAN,)
