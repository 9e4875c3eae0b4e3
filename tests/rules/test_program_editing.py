"""Editing a program document: each operation gives a new document, and nothing is lost on the way."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import say
from pathways.programs.library import shipped
from pathways.rules.gates import KINDS
from pathways.rules.programs import canonical, editing, places, read_as_far
from pathways.rules.programs.editing import StillNamed
from pathways.rules.programs.places import NoSuchPlace, Part

KRATOM = next(each for each in shipped() if each.name == "kratom-outpatient").document
PHASES = [str(each["key"]) for _, each in places.mappings(KRATOM, "phases")]
EXIT = "phases[0].exit"
ANY_OF = {"key": "either", "kind": "any_of"}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["key", "criteria", "kind", "phases", "exit", "rungs"]), inner, max_size=4)
    ),
    max_leaves=25,
)
documents = st.dictionaries(st.sampled_from(["phases", "transitions", "follow_ups", "ladders", "program"]), json_values)
list_paths = st.sampled_from(
    ["phases", "transitions", "follow_ups", "ladders", f"{EXIT}.criteria", "phases[1].activities"]
)


def criterion(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "days_in_phase", "at_least": 3, "source": "local default"} | more


def keys_at(document: places.Document, path: str) -> list[object]:
    return [each.get("key") for _, each in places.mappings(document, path)]


@given(list_paths, st.data())
def test_moving_there_and_back_gives_the_same_document(path: str, data: st.DataObject) -> None:
    length = len(places.mappings(KRATOM, path))
    here, there = data.draw(st.integers(0, length - 1)), data.draw(st.integers(0, length - 1))
    moved = editing.move(KRATOM, f"{path}[{here}]", there)
    assert canonical(editing.move(moved, f"{path}[{there}]", here)) == canonical(KRATOM)
    assert places.at(moved, f"{path}[{there}]") == places.at(KRATOM, f"{path}[{here}]")


@given(list_paths, st.integers(0, 40))
def test_what_is_put_in_can_be_taken_out_again(path: str, place: int) -> None:
    longer = editing.insert(KRATOM, path, {"key": "new-one"}, place)
    spot = min(place, len(places.mappings(KRATOM, path)))
    assert canonical(editing.remove_at(longer, f"{path}[{spot}]")) == canonical(KRATOM)


@given(st.permutations(range(len(PHASES))))
def test_phases_can_be_brought_into_any_order(order: list[int]) -> None:
    document = KRATOM
    for place, wanted in enumerate(order):
        document = editing.move_phase(document, PHASES[wanted], place)
    assert keys_at(document, "phases") == [PHASES[each] for each in order]


@given(st.data())
def test_no_operation_changes_the_document_it_is_given(data: st.DataObject) -> None:
    before = copy.deepcopy(dict(KRATOM))
    path = f"{EXIT}.criteria[{data.draw(st.integers(0, 5))}]"
    for changed in (
        editing.put(before, f"{path}.source", "elsewhere"),
        editing.wrap(before, path, ANY_OF),
        editing.add_phase(before, {"key": "new"}),
        editing.move_phase(before, PHASES[0], 2),
    ):
        assert changed != before
    assert before == KRATOM


@given(st.integers(0, 5))
def test_a_group_around_a_requirement_comes_off_again(place: int) -> None:
    path = f"{EXIT}.criteria[{place}]"
    wrapped = editing.wrap(KRATOM, path, ANY_OF)
    assert places.at(wrapped, f"{path}.criteria[0]") == places.at(KRATOM, path)
    assert canonical(editing.unwrap(wrapped, path)) == canonical(KRATOM)


@given(st.integers(0, 5), st.integers(0, 7))
def test_a_requirement_moved_elsewhere_is_there_once(place: int, to: int) -> None:
    path = f"{EXIT}.criteria[{place}]"
    document = editing.insert(KRATOM, f"{EXIT}.criteria", {**ANY_OF, "criteria": []}, 0)
    path = f"{EXIT}.criteria[{place + 1}]"
    key = places.at(document, f"{path}.key")
    moved = editing.move_criterion(document, path, f"{EXIT}.criteria[0]", to)
    assert keys_at(moved, f"{EXIT}.criteria[0].criteria") == [key]
    assert key not in keys_at(moved, f"{EXIT}.criteria")
    back = editing.move_criterion(moved, f"{EXIT}.criteria[0].criteria[0]", EXIT, place + 1)
    assert canonical(back) == canonical(document)


@given(st.integers(0, 5), st.integers(0, 6))
def test_a_requirement_moves_inside_its_own_gate(place: int, to: int) -> None:
    path = f"{EXIT}.criteria[{place}]"
    moved = editing.move_criterion(KRATOM, path, EXIT, to)
    assert sorted(map(str, keys_at(moved, f"{EXIT}.criteria"))) == sorted(map(str, keys_at(KRATOM, f"{EXIT}.criteria")))


@given(documents)
def test_whatever_a_draft_holds_it_can_be_read_as_far_as_it_goes(document: dict[str, Any]) -> None:
    read, problems = read_as_far(document)
    assert problems
    assert len(read.phases) == len(places.listed(document, "phases"))


odd_values = (
    json_values
    | st.sampled_from(["total", "band", "at_most", "one_of", "in_range", "negative", "rate", "care", "plan", "L2"])
    | st.lists(st.sampled_from(["alt", "cbt", "follow_up", "clinician", "nope", 3]), max_size=3)
)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_whatever_a_requirement_is_told_a_draft_can_say_what_it_asks(kind: str, data: st.DataObject) -> None:
    told = {param.name: data.draw(odd_values) for param in KINDS[kind].params() if data.draw(st.booleans())}
    document = editing.insert(KRATOM, f"{EXIT}.criteria", {"key": "odd", "kind": kind, **told}, 0)
    read, _ = read_as_far(document)
    asked = next(each for each in read.criteria() if each.path == f"{EXIT}.criteria[0]")
    assert isinstance(say(asked.kind.asks()), str)


@given(
    documents,
    st.text(max_size=30) | st.sampled_from(["phases[0]", "phases[0].exit.criteria[0]", "ladders[0].rungs[1]"]),
)
def test_an_operation_on_any_document_works_or_says_where_not(document: dict[str, Any], path: str) -> None:
    for operation in (
        lambda: editing.put(document, path, 1),
        lambda: editing.insert(document, path, {}, 0),
        lambda: editing.move(document, path, 1),
        lambda: editing.remove_at(document, path),
        lambda: editing.put_part(document, path, {"key": "x"}),
        lambda: editing.wrap(document, path, ANY_OF),
        lambda: editing.unwrap(document, path),
        lambda: editing.move_criterion(document, path, "phases[0].exit"),
    ):
        with contextlib.suppress(NoSuchPlace, StillNamed):
            assert isinstance(operation(), dict)


def test_a_phase_that_ways_name_is_not_removed_and_they_are_named() -> None:
    with pytest.raises(StillNamed) as kept:
        editing.remove_phase(KRATOM, "behavioral-therapy")
    assert "transitions[2].to" in kept.value.by
    assert any(path.startswith("follow_ups[") for path in kept.value.by)


def test_a_phase_nobody_names_is_removed() -> None:
    document = editing.add_phase(KRATOM, {"key": "extra"}, 1)
    assert canonical(editing.remove_phase(document, "extra")) == canonical(KRATOM)


def test_a_new_key_of_a_phase_is_followed_by_everything_that_names_it() -> None:
    phase = places.at(KRATOM, "phases[1]")
    assert isinstance(phase, dict)
    renamed = editing.put_part(KRATOM, "phases[1]", {**phase, "key": "therapy"})
    assert "behavioral-therapy" not in canonical({"t": renamed["transitions"], "f": renamed["follow_ups"]})
    assert read_as_far(renamed)[1] == ()
    assert canonical(editing.put_part(renamed, "phases[1]", phase)) == canonical(KRATOM)


def test_a_part_written_anew_keeps_what_stands_inside_it() -> None:
    changed = editing.put_part(KRATOM, "phases[0]", {"key": PHASES[0], "title": "Arriving"})
    assert places.at(changed, "phases[0].title") == "Arriving"
    assert places.at(changed, EXIT) == places.at(KRATOM, EXIT)
    assert "typical_days" not in places.at(changed, "phases[0]")  # type: ignore[operator]


def test_a_gate_that_a_way_asks_is_not_removed() -> None:
    with pytest.raises(StillNamed) as kept:
        editing.remove_at(KRATOM, EXIT)
    assert all(path.endswith(".gate") for path in kept.value.by)


def test_a_ladder_in_use_is_not_removed_and_its_new_key_is_followed() -> None:
    with pytest.raises(StillNamed):
        editing.remove_at(KRATOM, "ladders[0]")
    ladder = places.at(KRATOM, "ladders[0]")
    assert isinstance(ladder, dict)
    renamed = editing.put_part(KRATOM, "ladders[0]", {**ladder, "key": "softly"})
    assert read_as_far(renamed)[1] == ()
    assert not [rule for _, rule in places.mappings(renamed, "follow_ups") if rule["ladder"] == ladder["key"]]


def test_a_group_with_members_becomes_nothing_else() -> None:
    with pytest.raises(StillNamed) as kept:
        editing.put_criterion(KRATOM, f"{EXIT}.criteria[0]", criterion("intake-done"))
    assert len(kept.value.by) == 5


def test_a_group_changed_to_another_group_keeps_its_members() -> None:
    changed = editing.put_criterion(KRATOM, f"{EXIT}.criteria[0]", {"key": "intake-done", "kind": "at_least", "n": 2})
    assert len(places.mappings(changed, f"{EXIT}.criteria[0].criteria")) == 5


def test_a_group_is_not_moved_into_itself() -> None:
    document = editing.wrap(KRATOM, f"{EXIT}.criteria[0].criteria[0]", ANY_OF)
    with pytest.raises(NoSuchPlace):
        editing.move_criterion(document, f"{EXIT}.criteria[0]", f"{EXIT}.criteria[0].criteria[0]")


def test_a_requirement_stands_only_in_a_gate_or_a_group() -> None:
    with pytest.raises(NoSuchPlace):
        editing.add_criterion(KRATOM, f"{EXIT}.criteria[1]", criterion("x"))
    with pytest.raises(NoSuchPlace):
        editing.add_criterion(KRATOM, "phases[0]", criterion("x"))
    added = editing.add_criterion(KRATOM, EXIT, criterion("x"))
    assert keys_at(added, f"{EXIT}.criteria")[-1] == "x"


def test_a_free_key_is_one_that_stands_nowhere() -> None:
    assert editing.free_key(KRATOM, "aftercare") == "aftercare-2"
    assert editing.free_key(editing.add_phase(KRATOM, {"key": "aftercare-2"}), "aftercare") == "aftercare-3"
    assert editing.free_key(KRATOM, "quite-new") == "quite-new"


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("program", Part.PROGRAM),
        ("phases[0]", Part.PHASE),
        ("phases[0].exit", Part.GATE),
        ("phases[10].entry.criteria[2].criteria[0]", Part.CRITERION),
        ("ladders[0].rungs[1]", Part.RUNG),
        ("phases[0].goals", None),
        ("phases", None),
        ("", None),
    ],
)
def test_each_place_is_known_for_what_it_is(path: str, part: Part | None) -> None:
    assert places.part_at(path) is part


@pytest.mark.parametrize(
    ("path", "around"),
    [
        ("phases[1].exit.criteria[0].criteria[1].source", "phases[1].exit.criteria[0].criteria[1]"),
        ("phases[1].goals[2]", "phases[1]"),
        ("transitions", None),
        ("follow_ups[3].every.days", "follow_ups[3]"),
        ("line 3", None),
    ],
)
def test_a_problem_leads_to_the_part_it_stands_in(path: str, around: str | None) -> None:
    assert places.part_around(path) == around


@pytest.mark.parametrize("path", ["", "[0]", "phases[", "phases[01]", "phases[0]x", "phases[1234567]", "a" * 300])
def test_what_is_no_path_leads_nowhere(path: str) -> None:
    with pytest.raises(NoSuchPlace):
        places.steps(path)
