"""A rule made different for one person; and where people stand who are moved to another version."""

import copy
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.programs.library import shipped
from pathways.rules.documents import Fields
from pathways.rules.gates import Requirement, read_gate
from pathways.rules.programs import Every, Offsets, ProgramDocument, parse
from pathways.rules.programs.adaptation import (
    Adaptation,
    AdaptationTarget,
    adaptation_problems,
    adapted,
    described,
)
from pathways.rules.programs.mapping import map_problems, suggest
from pathways.rules.programs.parse import read_follow_up
from pathways.rules.programs.writing import write_follow_up, write_gate

TODAY = date(2026, 3, 2)


def kratom() -> ProgramDocument:
    return next(each for each in shipped() if each.name == "kratom-outpatient").program


KRATOM = kratom()


def criterion(key: str, /, **change: object) -> Adaptation:
    return Adaptation("a", AdaptationTarget.CRITERION, key, change, TODAY, TODAY + timedelta(days=30))


def follow_up(key: str, /, **change: object) -> Adaptation:
    return Adaptation("a", AdaptationTarget.FOLLOW_UP, key, change, TODAY, TODAY + timedelta(days=30))


def found(document: ProgramDocument, key: str):
    return next(each for each in document.criteria() if each.key == key)


def refused(adaptation: Adaptation, document: ProgramDocument = KRATOM) -> set[tuple[str, str]]:
    problems = adaptation_problems(document, adaptation)
    for each in problems:
        assert say(each.sentence) and say(each.sentence, "es")
    return {(each.path, each.sentence.code.rsplit(".", 1)[1]) for each in problems}


# Back to data


@pytest.mark.parametrize("name", [each.name for each in shipped()])
def test_every_rule_of_every_shipped_program_is_written_as_it_is_read(name):
    program = next(each for each in shipped() if each.name == name).program
    for phase in program.phases:
        for side, gate in (("entry", phase.entry), ("exit", phase.exit)):
            noted: list = []
            if gate is not None:
                assert read_gate(Fields(write_gate(gate), f"{phase.path}.{side}", noted), gate.key) == gate
                assert noted == []
    for rule in program.follow_ups:
        noted = []
        assert read_follow_up(Fields(write_follow_up(rule), rule.path, noted)) == rule
        assert noted == []


# Requirements


def test_a_parameter_is_changed_for_one_person_and_nothing_else():
    changed = adapted(KRATOM, [criterion("craving-manageable", value=5, last=3)], TODAY)
    kind = found(changed, "craving-manageable").kind
    assert (kind.value, kind.last) == (5, 3)
    rest = adapted(changed, [criterion("craving-manageable", value=7, last=2)], TODAY)
    assert rest == KRATOM
    assert found(KRATOM, "craving-manageable").kind.value == 7


def test_a_requirement_becomes_advice_for_one_person():
    changed = found(adapted(KRATOM, [criterion("mood-steady", requirement="advisory")], TODAY), "mood-steady")
    assert (changed.requirement, changed.may_be_set_aside) == (Requirement.ADVISORY, False)


def test_a_group_becomes_advice_with_all_it_holds():
    changed = found(
        adapted(KRATOM, [criterion("signs-of-recovery", requirement="advisory")], TODAY), "signs-of-recovery"
    )
    assert {each.requirement for each in changed.walk()} == {Requirement.ADVISORY}


def test_an_adaptation_holds_from_its_first_day_through_its_last():
    change = criterion("craving-manageable", value=5)
    held = [adapted(KRATOM, [change], TODAY + timedelta(days=day)) != KRATOM for day in (-1, 0, 30, 31)]
    assert held == [False, True, True, False]
    assert adapted(KRATOM, [replace(change, ends_on=None)], TODAY + timedelta(days=900)) != KRATOM


def test_an_adaptation_this_version_has_no_place_for_changes_nothing():
    gone = [criterion("long-gone", value=5), follow_up("long-gone", skip=True), criterion("mood-steady", value="low")]
    assert adapted(KRATOM, gone, TODAY) == KRATOM
    assert say(described(KRATOM, gone[0])) == "“long-gone” is not in this version; nothing is adapted."


@pytest.mark.parametrize(
    ("adaptation", "path", "code"),
    [
        (criterion("nobody", value=1), "target_key", "no_such_criterion"),
        (follow_up("nobody", skip=True), "target_key", "no_such_follow_up"),
        (criterion("mood-steady"), "change", "changes_nothing"),
        (criterion("mood-steady", value=9), "change", "changes_nothing"),
        (criterion("mood-steady", value="low"), "change.value", "not_whole"),
        (criterion("mood-steady", within_days=-1), "change.within_days", "out_of_range"),
        (criterion("mood-steady", op="near"), "change.op", "not_one_of"),
        (criterion("mood-steady", colour="green"), "change.colour", "not_changeable"),
        (criterion("mood-steady", instrument="bam"), "change.instrument", "not_changeable"),
        (criterion("mood-steady", requirement="overridable"), "change.requirement", "only_advisory"),
        (criterion("mood-steady", requirement="advisory", value=3), "change", "alone"),
        (criterion("signs-of-recovery", n=4), "change.n", "more_than_offered"),
        (criterion("low-risk", requirement="advisory"), "change.requirement", "choice_as_whole"),
        (criterion("recovery-plan-signed", statement="Said so"), "change.statement", "not_changeable"),
        (follow_up("welcome", title="Hello"), "change.title", "not_changeable"),
        (follow_up("welcome", skip=False), "change.skip", "only_true"),
        (follow_up("welcome", skip=True, at="11:00"), "change", "alone"),
        (follow_up("welcome", at="25:00"), "change.at", "not_a_time"),
        (follow_up("welcome", ladder="rope"), "change.ladder", "no_such_ladder"),
        (follow_up("welcome", offsets=[3, 1]), "change.offsets", "not_rising"),
        (follow_up("welcome", every={"days": 0}), "change.every.days", "out_of_range"),
        (follow_up("welcome", offsets=[1], every={"days": 2}), "change.offsets", "one_schedule"),
        (follow_up("welcome", owner="gardener"), "change.owner", "not_one_of"),
        (replace(follow_up("welcome", skip=True), ends_on=TODAY - timedelta(days=1)), "ends_on", "ends_before"),
    ],
)
def test_what_cannot_be_adapted_is_refused_with_its_sentence(adaptation, path, code):
    assert refused(adaptation) == {(path, code)}


@pytest.mark.parametrize(
    "adaptation",
    [
        criterion("mood-steady", value=12, within_days=40),
        criterion("mood-steady", requirement="advisory"),
        criterion("weeks-of-therapy", at_least=28),
        criterion("signs-of-recovery", n=1),
        criterion("low-risk", value=14),
        criterion("no-emergency-at-admission", severity="urgent"),
        follow_up("welcome", skip=True),
        follow_up("welcome", every={"days": 3, "first_day": 1}, at="18:30", window_days=2, owner="nurse"),
    ],
)
def test_what_can_be_adapted_is_not_refused_and_is_told_in_both_languages(adaptation):
    assert refused(adaptation) == set()
    assert say(described(KRATOM, adaptation)) != say(described(KRATOM, adaptation), "es")


# Safety


@pytest.mark.parametrize(
    "adaptation",
    [
        criterion("no-urgent-flag-in-therapy", requirement="advisory"),
        criterion("no-urgent-flag-in-therapy", severity="emergency"),
    ],
)
def test_a_required_safety_criterion_is_never_made_easier(adaptation):
    assert refused(adaptation) == {("change", "safety")}


def test_a_group_that_holds_a_required_safety_criterion_is_never_made_easier():
    document = copy.deepcopy(dict(next(each for each in shipped() if each.name == "kratom-outpatient").document))
    flag = {"key": "calm", "kind": "no_open_safety_flag", "severity": "urgent", "source": "local default"}
    signs = document["phases"][1]["exit"]["criteria"][3]
    signs["criteria"].append(flag)
    del signs["requirement"], signs["overridable_by"]
    program = parse(document)
    assert refused(criterion("signs-of-recovery", requirement="advisory"), program) == {("change", "safety")}
    assert refused(criterion("signs-of-recovery", n=1), program) == {("change", "safety")}
    assert refused(criterion("signs-of-recovery", n=3), program) == set()


# Follow-ups


def test_a_follow_up_is_left_out_for_one_person():
    changed = adapted(KRATOM, [follow_up("therapy-weekly-check-in", skip=True)], TODAY)
    assert len(changed.follow_ups) == len(KRATOM.follow_ups) - 1
    assert "therapy-weekly-check-in" not in {each.rule_key for each in changed.follow_ups}


def test_a_schedule_a_time_and_a_ladder_are_put_in_the_place_of_the_programs():
    change = follow_up("therapy-weekly-check-in", offsets=[3, 10], at="17:45", ladder="close-contact", owner="nurse")
    rule = adapted(KRATOM, [change], TODAY).follow_up("therapy-weekly-check-in")
    assert (rule.schedule, rule.at, rule.ladder, rule.owner) == (
        Offsets((3, 10)), time(17, 45), "close-contact", Role.NURSE,
    )  # fmt: skip
    every = follow_up("therapy-weekly-check-in", every={"days": 14})
    assert adapted(KRATOM, [every], TODAY).follow_up("therapy-weekly-check-in").schedule == Every(14, 14, None)


def test_several_adaptations_hold_together():
    changed = adapted(
        KRATOM,
        [criterion("mood-steady", value=12), criterion("craving-manageable", value=5), follow_up("welcome", skip=True)],
        TODAY,
    )
    assert found(changed, "mood-steady").kind.value == 12
    assert found(changed, "craving-manageable").kind.value == 5
    assert len(changed.follow_ups) == len(KRATOM.follow_ups) - 1


# In words


@pytest.mark.parametrize(
    ("adaptation", "told"),
    [
        (criterion("craving-manageable", value=5), "Gate to Aftercare: Craving must now be below 5, was below 7."),
        (criterion("mood-steady", requirement="advisory"), "“PHQ-9 of 9 or less, within 30 days” is advice only."),
        (follow_up("welcome", skip=True), "“Welcome contact” is left out."),
        (follow_up("welcome", at="18:00"), "Follow-up “Welcome contact” · Time of day: now 18:00, before 10:00."),
        (criterion("mood-steady", value=9), "This changes nothing."),
    ],
)
def test_an_adaptation_reads_as_a_sentence(adaptation, told):
    assert say(described(KRATOM, adaptation)) == told


# Phases of one version and another


def with_phase_renamed() -> ProgramDocument:
    first, *rest = KRATOM.phases
    return replace(KRATOM, phases=(replace(first, key="arrival"), *rest))


def test_the_same_phase_is_suggested_and_a_person_decides_the_others():
    assert suggest(KRATOM, KRATOM) == {phase.key: phase.key for phase in KRATOM.phases}
    assert suggest(KRATOM, with_phase_renamed())["assessment-and-stabilization"] is None


def test_every_phase_needs_a_phase_to_go_to():
    new = with_phase_renamed()
    mapping = suggest(KRATOM, new)
    (problem,) = map_problems(KRATOM, new, mapping)
    assert problem.path == "phase_map.assessment-and-stabilization"
    assert say(problem.sentence) == "Say which phase people in “Assessment and stabilization” go to."
    assert map_problems(KRATOM, new, mapping, needed=["aftercare"]) == ()
    assert map_problems(KRATOM, new, {**mapping, "assessment-and-stabilization": "arrival"}) == ()


def test_a_map_names_only_phases_that_there_are():
    mapping = {**suggest(KRATOM, KRATOM), "aftercare": "nowhere", "never": "aftercare"}
    assert {(each.path, each.sentence.params["phase"]) for each in map_problems(KRATOM, KRATOM, mapping)} == {
        ("phase_map.aftercare", "nowhere"), ("phase_map.never", "never"),
    }  # fmt: skip


def test_what_takes_two_people_to_set_aside_is_not_let_go_by_one():
    assert refused(criterion("withdrawal-settled", requirement="advisory")) == {("change", "two_people")}
    assert refused(criterion("signs-of-recovery", requirement="advisory")) == {("change", "two_people")}
    assert refused(criterion("withdrawal-settled", within_days=10)) == set()
