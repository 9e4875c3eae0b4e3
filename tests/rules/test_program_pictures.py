"""A program drawn and said: steps, doors, ways back, schedules."""

import copy
from typing import Any

import pytest

from clinic.wording import say
from pathways.programs.library import shipped
from pathways.rules.programs import ProgramDocument, parse
from pathways.rules.programs.picture import picture
from pathways.rules.programs.wording import anchored, if_unmet, is_local, length, rung, schedule, wait


def kratom(**changes: Any) -> ProgramDocument:
    document = copy.deepcopy(dict(next(each for each in shipped() if each.name == "kratom-outpatient").document))
    return parse(document | changes)


def test_a_door_stands_before_each_phase_and_before_completion_with_its_count() -> None:
    drawn = picture(kratom())
    assert [door.number for door in drawn.doors] == [1, 2, 3, 4]
    assert all(door.count for door in drawn.doors)
    assert drawn.steps[2].door.gate is not None
    keys = {criterion.key for criterion in drawn.steps[2].door.gate.criteria}
    assert {"weeks-of-therapy", "safe-before-aftercare"} <= keys


def test_each_phase_stands_one_step_above_the_one_before() -> None:
    assert [step.rise for step in picture(kratom()).steps] == [2, 1, 0]


def test_a_way_without_a_gate_has_no_door() -> None:
    ways = [each for each in kratom_transitions() if each["kind"] != "advance"]
    open_way = {
        "kind": "advance",
        "from": "assessment-and-stabilization",
        "to": "behavioral-therapy",
        "roles": ["nurse"],
    }
    drawn = picture(kratom(transitions=[*ways, open_way]))
    assert (drawn.steps[1].door.gate, drawn.steps[1].door.number, drawn.steps[1].door.count) == (None, 0, 0)


def kratom_transitions() -> list[dict[str, Any]]:
    shown = next(each for each in shipped() if each.name == "kratom-outpatient").document["transitions"]
    assert isinstance(shown, list)
    return copy.deepcopy(shown)


def test_ways_back_run_beneath_those_they_span_and_never_cross() -> None:
    ways = picture(kratom()).ways_back
    assert [(way.first, way.last, way.lane) for way in ways] == [(0, 1, 0), (1, 2, 0), (0, 2, 1)]
    assert all(0 < way.arrives < way.leaves < 100 for way in ways)
    assert ways[2].depth > ways[0].depth


def test_the_same_document_is_always_drawn_the_same() -> None:
    assert picture(kratom()) == picture(kratom())


@pytest.mark.parametrize(
    ("rule_key", "said"),
    [
        ("welcome", "on day 1 after admission"),
        ("therapy-bam", "every 30 days, first on day 30 after entry into Therapy"),
        ("after-return-to-use", "every 7 days from day 1 to day 57 after a return to use"),
        ("after-discharge-checkup", "from month 2 for 24 months, further apart as need falls after discharge"),
    ],
)
def test_a_schedule_is_said_in_plain_words(rule_key: str, said: str) -> None:
    document = kratom()
    rule = document.follow_up(rule_key)
    assert f"{say(schedule(rule))} {say(anchored(document, rule))}" == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1, "about 1 day"),
        (10, "about 10 days"),
        (28, "about 4 weeks"),
        (112, "about 16 weeks"),
        (365, "about 12 months"),
    ],
)
def test_a_length_is_said_as_people_say_it(days: int, said: str) -> None:
    assert say(length(days)) == said


def test_what_can_be_done_about_an_unmet_requirement_is_said() -> None:
    said = {each.key: say(if_unmet(each)) for each in kratom().criteria()}
    assert said["weeks-of-therapy"] == "may be set aside with a reason: Clinician and Supervisor"
    assert said["signs-of-recovery"] == "may be set aside with a reason: Supervisor, signed by Clinician"
    assert said["recovery-plan-signed"] == "required"
    assert said["late-withdrawal-watched"] == "advice, holds nobody back"


def test_a_step_of_a_ladder_says_what_it_does_and_how_long_it_waits() -> None:
    message, call, supervisor = kratom().ladder("close-contact").rungs
    assert (say(rung(message)), say(wait(message))) == (
        "to the patient, on the channel they chose",
        "then wait 3 hours",
    )
    assert say(rung(call)) == "on their Today, up to 2 calls"
    assert (say(rung(supervisor)), say(wait(supervisor))) == ("one outcome, by name", "then wait 1 day")


@pytest.mark.parametrize(("source", "local"), [("Local default, half", True), ("BARC-10 cut-off 47", False)])
def test_a_number_of_our_own_waits_for_a_clinician(source: str, local: bool) -> None:
    assert is_local(source) is local
