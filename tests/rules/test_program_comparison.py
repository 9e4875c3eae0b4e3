"""Two versions compared: every difference in words, none where both say the same."""

import copy
import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.wording import codes, say
from pathways.programs.library import shipped
from pathways.rules.programs import DocumentError, ProgramDocument, parse
from pathways.rules.programs.comparison import Change, ChangeKind, compare
from pathways.rules.programs.parts import Section


def kratom() -> dict:
    found = next(each for each in shipped() if each.name == "kratom-outpatient")
    return copy.deepcopy(dict(found.document))


@pytest.fixture
def written() -> dict:
    return kratom()


def changes(new: dict, old: dict | None = None) -> tuple[Change, ...]:
    return compare(parse(old or kratom()), parse(new)).changes


def told(new: dict, old: dict | None = None) -> list[str]:
    return [say(each.sentence) for each in changes(new, old)]


def therapy_exit(document: dict) -> list[dict]:
    return document["phases"][1]["exit"]["criteria"]


# In words


def test_identical_versions_have_no_difference():
    for each in shipped():
        assert compare(each.program, each.program).same


def test_a_changed_limit_is_told_with_what_it_was(written):
    therapy_exit(written)[2]["value"] = 5
    (change,) = changes(written)
    assert say(change.sentence) == "Gate to Aftercare: Craving must now be below 5, was below 7."
    assert (
        say(change.sentence, "es")
        == "Gate to Aftercare: Deseo de consumo debe ser ahora menor de 5; antes, menor de 7."
    )
    assert (change.section, change.key, change.kind) == (Section.GATE, "craving-manageable", ChangeKind.CHANGED)
    assert (say(change.before), say(change.after)) == ("below 7", "below 5")


def test_a_band_and_a_comparison_turned_round_are_told_the_same_way(written):
    written["phases"][2]["entry"]["criteria"][0]["value"] = ["none"]
    therapy_exit(written)[1]["op"] = "below"
    assert told(written) == [
        "Gate to Aftercare: PHQ-9 must now be below 9, was 9 or less.",
        "Gate to Aftercare: C-SSRS must now be none, was none or low.",
    ]


def test_another_parameter_is_told_by_its_name(written):
    therapy_exit(written)[1]["within_days"] = 35
    (change,) = changes(written)
    assert (say(change.before), say(change.after)) == ("30", "35")
    assert say(change.sentence).startswith("Gate to Aftercare: PHQ-9 · ")
    assert say(change.sentence).endswith(": now 35, before 30.")


def test_another_kind_of_requirement_under_the_same_key_is_one_change(written):
    del therapy_exit(written)[0]["at_least"]
    therapy_exit(written)[0] |= {"kind": "assessment_done", "instrument": "bam", "within_days": 30}
    assert told(written) == [
        "Gate to Aftercare: now asks “BAM done within 30 days”, asked “At least 56 days in this phase”."
    ]


def test_who_may_set_aside_and_how_binding_it_is_are_told(written):
    therapy_exit(written)[0]["overridable_by"] = ["supervisor"]
    therapy_exit(written)[4]["requirement"] = "advisory"
    found = changes(written)
    assert [say(each.after) for each in found] == [
        "may be set aside with a reason: Supervisor", "advice, holds nobody back",
    ]  # fmt: skip
    assert say(found[1].before) == "required"


def test_requirements_come_and_go(written):
    gone = therapy_exit(written).pop(1)
    therapy_exit(written).append({**gone, "key": "calm", "instrument": "gad7"})
    assert [(each.key, each.kind) for each in changes(written)] == [
        ("mood-steady", ChangeKind.REMOVED), ("calm", ChangeKind.ADDED),
    ]  # fmt: skip
    assert told(written) == [
        "Gate to Aftercare: “PHQ-9 of 9 or less, within 30 days” is gone.",
        "Gate to Aftercare: “GAD-7 of 9 or less, within 30 days” is new.",
    ]


def test_a_requirement_that_changed_gates_moved(written):
    written["phases"][2]["exit"]["criteria"].append(therapy_exit(written).pop(1))
    (change,) = changes(written)
    assert change.kind is ChangeKind.MOVED
    assert say(change.sentence) == ("“PHQ-9” moved from “Gate to Aftercare” to “Gate to completion”.")


def test_a_requirement_taken_out_of_its_group_moved(written):
    therapy_exit(written).append({**therapy_exit(written)[3]["criteria"].pop(), "requirement": "required"})
    written_kinds = {each.kind for each in changes(written) if each.key == "anxiety-steady"}
    assert ChangeKind.MOVED in written_kinds


def test_only_what_moved_is_told_when_the_order_changes(written):
    criteria = therapy_exit(written)
    criteria.insert(0, criteria.pop(4))
    assert [(each.key, each.kind) for each in changes(written)] == [("recovery-plan-signed", ChangeKind.MOVED)]


def test_a_renamed_phase_is_the_same_phase(written):
    written["phases"][2]["title"] = "Staying well"
    (change,) = changes(written)
    assert say(change.sentence) == (
        "Phase “Aftercare and maintenance” · Title: now “Staying well”, before “Aftercare and maintenance”."
    )


def test_a_phase_that_went_is_told_once(written):
    del written["phases"][2]
    written["transitions"] = [
        each for each in written["transitions"] if "aftercare" not in (each.get("from"), each.get("to"))
    ]
    sections = [(each.section, each.kind) for each in changes(written)]
    assert sections.count((Section.PHASE, ChangeKind.REMOVED)) == 1
    assert {section for section, _ in sections} == {Section.PHASE, Section.TRANSITION}


def test_phases_in_another_order_are_told(written):
    written["phases"].append(written["phases"].pop(1))
    assert [(each.section, each.kind) for each in changes(written)] == [(Section.PHASE, ChangeKind.MOVED)]


def test_a_transition_is_found_again_by_its_reasons(written):
    discharges = [each for each in written["transitions"] if each["kind"] == "discharge" and "from" not in each]
    discharges[1]["reasons"] = ["ended_by_clinic"]
    written["transitions"].insert(0, {"kind": "discharge", "roles": ["supervisor"], "reasons": ["moved_away"]})
    found = [(each.kind, say(each.sentence)) for each in changes(written)]
    assert found == [
        (ChangeKind.ADDED, "Transition “Discharge, from anywhere” is new."),
        (
            ChangeKind.CHANGED,
            "Transition “Discharge, from anywhere” · Reasons: "
            "now Ended by the clinic, before Ended by the clinic and Other.",
        ),
    ]


def test_follow_ups_and_ladders_are_told(written):
    written["follow_ups"][0]["offsets"] = [1, 2]
    written["follow_ups"][0]["ladder"] = "form"
    written["ladders"][1]["rungs"].pop(1)
    assert told(written) == [
        "Follow-up “Welcome contact” · Days: now on day 1 and 2, before on day 1.",
        "Follow-up “Welcome contact” · Ladder: now “Ask for the form, then call”, before “Message, then a person”.",
        "Ladder “Message, then a call the same day” · Step 2: now supervisor decides (one outcome, by name), then wait "
        "1 day, Supervisor, before call by staff (on their Today, up to 2 calls), then wait 27 hours.",
        "Ladder “Message, then a call the same day” · Step 3: gone, was supervisor decides (one outcome, by name), "
        "then wait 1 day, Supervisor.",
    ]


def test_activities_and_assessments_are_told_with_their_phase(written):
    written["phases"][0]["activities"][0]["minutes"] = 45
    written["phases"][1]["assessments"].pop(0)
    assert told(written) == [
        "Stabilization: Activity “Medical visit” · Minutes: now 45, before 30.",
        "Therapy: Assessment “BAM” is gone.",
    ]


# Side by side


def test_both_versions_stand_side_by_side_with_what_changed_marked(written):
    therapy_exit(written)[2]["value"] = 5
    gone = therapy_exit(written).pop(1)
    rows = compare(parse(kratom()), parse(written)).rows
    marked = {row.key: row for row in rows if row.kind}
    assert set(marked) == {"craving-manageable", gone["key"]}
    assert marked[gone["key"]].after is None
    (pair,) = [each for each in marked["craving-manageable"].pairs if each.changed]
    assert (say(pair.label), say(pair.before), say(pair.after)) == ("Limit", "below 7", "below 5")


def test_what_went_stands_behind_what_it_stood_behind(written):
    del written["follow_ups"][1]
    keys = [row.key for row in compare(parse(kratom()), parse(written)).rows if row.section is Section.FOLLOW_UP]
    assert keys == [each["rule_key"] for each in kratom()["follow_ups"]]


# Whatever changes


def bare(value: object) -> object:
    """What a program says, without where it stands in its file."""
    if dataclasses.is_dataclass(value):
        names = [each.name for each in dataclasses.fields(value) if each.name not in ("path", "asks")]
        return (type(value).__name__, *((name, bare(getattr(value, name))) for name in names))
    return tuple(bare(each) for each in value) if isinstance(value, tuple) else value


def places(value: object, around: object = None, key: object = None) -> list[tuple]:
    found = [(around, key)] if around is not None else []
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [each for name, inner in inside for each in places(inner, value, name)]


def mutate(document: dict, dice: random.Random) -> None:
    """One change anywhere: another number or word, a list turned, shortened or lengthened, a field dropped."""
    around, key = dice.choice(places(document))
    value = around[key]
    if isinstance(value, bool):
        around[key] = not value
    elif isinstance(value, int):
        around[key] = value + dice.choice([-1, 1, 7])
    elif isinstance(value, str):
        around[key] = dice.choice([f"{value}-2", f"{value} again", "clinician", "supervisor", "bam", "review", "11:15"])
    elif isinstance(value, list) and value:
        dice.choice([dice.shuffle, list.pop, lambda items: items.append(copy.deepcopy(items[0]))])(value)
    elif isinstance(around, dict):
        del around[key]


def mutated(document: dict, dice: random.Random, count: int) -> ProgramDocument | None:
    for _ in range(count):
        mutate(document, dice)
    try:
        return parse(document)
    except DocumentError:
        return None


@settings(max_examples=400, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.sampled_from(shipped()))
def test_a_difference_is_told_exactly_where_the_versions_differ(dice, count, program):
    old = program.program
    new = mutated(copy.deepcopy(dict(program.document)), dice, count)
    if new is None:
        return
    found = compare(old, new)
    assert bool(found.changes) is (bare(old) != bare(new))
    assert found.same is compare(new, old).same
    assert bool(found.changes) is any(row.kind for row in found.rows)
    for change in found.changes:
        assert say(change.sentence) and say(change.sentence, "es")
    assert {each.sentence.code for each in found.changes} <= codes()


def large(written: dict) -> dict:
    phase, criterion = written["phases"][1], therapy_exit(written)[1]
    gates = [
        {"title": "Out", "criteria": [{**criterion, "key": f"c-{one}-{other}"} for other in range(200)]}
        for one in range(30)
    ]
    phases = [{**phase, "key": f"p-{place}", "exit": gate} for place, gate in enumerate(gates)]
    return {**written, "phases": phases}


def test_thirty_phases_with_two_hundred_requirements_each_are_compared(written):
    new = large(written)
    new["phases"][29]["exit"]["criteria"][199]["value"] = 3
    assert [each.key for each in changes(new, large(kratom()))] == ["c-29-199"]
