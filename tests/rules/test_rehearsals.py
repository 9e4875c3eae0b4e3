"""Scripts read strictly, chance that does not depend on the order, forms that come out as wanted, and ways on."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from pathways.programs.library import shipped
from pathways.rehearsals.library import SHIPPED, Preset, script_from, script_of, text_from
from pathways.rules.follow_ups import (
    CONSEQUENCES,
    Anchor,
    CallResult,
    LadderFacts,
    Outcome,
    PlannedFollowUp,
    first_step,
    may_decide,
    next_step,
    plan,
    rules_for,
)
from pathways.rules.gates.observations import ObservationCompared, ObservationOp
from pathways.rules.gates.scores import Comparison, ScoreCompared
from pathways.rules.moves import ENDED, DischargeReason, EnrollmentStatus, MoveKind
from pathways.rules.phases import allowed_moves, next_status
from pathways.rules.programs import AnchorKind, Ladder, ProgramDocument
from pathways.rules.rehearsals import (
    Dice,
    Entry,
    EntryKind,
    Fired,
    Moved,
    Script,
    ScriptError,
    in_order,
    never_fired,
    random_script,
    read_script,
    script_problems,
    ways_on,
)
from pathways.rules.rehearsals.answers import fill
from pathways.rules.rehearsals.measures import entry_for
from pathways.rules.rehearsals.targets import asked_of, target
from patients.instruments import definition, definitions
from patients.observations import definition as observation
from patients.rules.scoring import ScoringStatus, score

PROGRAMS = [each.program for each in shipped()]
KRATOM = next(each.program for each in shipped() if each.name == "kratom-outpatient")
NOON = datetime(2026, 1, 5, 17, tzinfo=UTC)


def paths_of(**given: Any) -> list[str]:
    with pytest.raises(ScriptError) as refused:
        read_script({"title": "Mine", **given})
    return [each.path for each in refused.value.problems]


# -- scripts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", SHIPPED)
def test_every_shipped_script_can_be_read_and_written_again(preset: Preset) -> None:
    assert script_from(text_from(script_of(preset))) == script_of(preset)


def test_a_script_needs_only_its_title() -> None:
    assert read_script({"title": "Mine"}) == Script("Mine")


def test_a_script_without_a_title_is_refused() -> None:
    with pytest.raises(ScriptError) as refused:
        read_script({})
    assert [each.path for each in refused.value.problems] == ["title"]


def test_a_key_nobody_knows_is_refused_with_its_place() -> None:
    assert paths_of(events=[{"what": "hold", "on_day": 3, "colour": "blue"}]) == ["events[0].colour"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"forms": 101}, "forms"),
        ({"replies": {"call": "often"}}, "replies.call"),
        ({"settles_after": [5, -1]}, "settles_after"),
        ({"settles_after": []}, "settles_after"),
        ({"silent": [{"from_day": 9, "until_day": 3}]}, "silent[0].until_day"),
        ({"events": [{"what": "relapse", "on_day": 3}]}, "events[0].what"),
        ({"events": [{"what": "return_to_use", "on_day": 3, "reason": "travel"}]}, "events[0].reason"),
        ({"events": [{"what": "hold", "on_day": 9, "until_day": 3}]}, "events[0].until_day"),
        ({"answers": [{"instrument": "phq9", "totals": {}}]}, "answers[0].totals"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(given: dict[str, Any], path: str) -> None:
    assert paths_of(**given) == [path]


def test_every_mistake_of_a_script_is_told_at_once() -> None:
    assert paths_of(forms=-1, attendance="much") == ["forms", "attendance"]


def test_one_number_of_days_holds_for_every_phase() -> None:
    script = read_script({"title": "Mine", "settles_after": 9})
    assert [script.settled_after(place) for place in range(3)] == [9, 9, 9]


def test_who_never_settles_has_no_day_for_it() -> None:
    assert Script("Mine", settles=False).settled_after(0) is None


def test_a_phase_the_program_does_not_have_is_named() -> None:
    script = read_script({
        "title": "Mine",
        "answers": [{"instrument": "phq9", "phase": "nowhere", "totals": {"total": 3}}],
        "events": [{"what": "return_to_use", "on_day": 3, "in_phase": 9}],
    })  # fmt: skip
    assert [each.path for each in script_problems(script, KRATOM)] == ["answers[0].phase", "events[0].in_phase"]


# -- chance -----------------------------------------------------------------------------------------------------------


def test_the_same_question_has_the_same_answer_whatever_was_asked_before() -> None:
    first, second = Dice(7), Dice(7)
    second.of("something else").random()
    assert first.between(0, 10_000, "how many", 3) == second.between(0, 10_000, "how many", 3)


def test_another_seed_gives_another_answer() -> None:
    assert len({Dice(seed).between(0, 10_000, "how many") for seed in range(30)}) > 20


def test_something_that_never_happens_never_does_and_what_always_does_always() -> None:
    dice = Dice(1)
    assert not any(dice.hits(0, place) for place in range(200))
    assert all(dice.hits(100, place) for place in range(200))


@pytest.mark.parametrize("seed", range(12))
def test_a_random_script_can_be_written_read_and_played_on_its_program(seed: int) -> None:
    for document in PROGRAMS:
        script = random_script(seed, 365, document, "Random")
        assert script == random_script(seed, 365, document, "Random")
        assert script_from(text_from(script)) == script
        assert not script_problems(script, document)


# -- forms and measurements -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instrument", [each.key for each in definitions()])
@pytest.mark.parametrize("settled", [True, False])
def test_a_form_made_up_is_complete_whatever_it_is_to_come_to(instrument: str, settled: bool) -> None:
    form = definition(instrument)
    for seed in range(5):
        dice = Random(seed)
        wanted = target(form, asked_of(None, KRATOM, instrument), settled=settled, said=None, dice=dice)
        found = score(form, fill(form, wanted.totals, wanted.bands, dice), {})
        assert found.status is ScoringStatus.COMPLETE, found.problems


def test_settled_scores_are_what_the_gate_asks_and_others_are_not() -> None:
    asked = (ScoreCompared("phq9", "total", Comparison.AT_MOST, 9, 30),)
    form = definition("phq9")
    for seed in range(40):
        dice = Random(seed)
        calm = target(form, asked, settled=True, said=None, dice=dice).totals
        not_yet = target(form, asked, settled=False, said=None, dice=dice).totals
        assert score(form, fill(form, calm, (), dice), {}).total == calm["total"] <= 9
        assert score(form, fill(form, not_yet, (), dice), {}).total == not_yet["total"] > 9


def test_what_is_not_settled_raises_nothing_urgent_by_itself() -> None:
    form = definition("cows")
    asked = asked_of(None, KRATOM, "cows")
    totals = [target(form, asked, settled=False, said=None, dice=Random(seed)).totals["total"] for seed in range(60)]
    assert max(totals) < 25


def test_a_screen_for_suicide_comes_to_a_band_the_gate_takes_once_settled() -> None:
    form = definition("cssrs_screen")
    asked = asked_of(None, KRATOM, "cssrs_screen")
    calm = target(form, asked, settled=True, said=None, dice=Random(1))
    assert score(form, fill(form, {}, calm.bands, Random(1)), {}).band in ("none", "low")
    worried = target(form, asked, settled=False, said=None, dice=Random(1))
    assert score(form, fill(form, {}, worried.bands, Random(1)), {}).band == "moderate"


def test_the_script_decides_a_score_over_the_gate() -> None:
    asked = (ScoreCompared("phq9", "total", Comparison.AT_MOST, 9, 30),)
    wanted = target(definition("phq9"), asked, settled=True, said={"total": 14}, dice=Random(1))
    assert wanted.totals["total"] == 14


@pytest.mark.parametrize(
    ("code", "op", "given"),
    [
        ("mitragynine-screen", ObservationOp.NEGATIVE, {}),
        ("alt", ObservationOp.AT_MOST, {"times_upper_limit": 3}),
        ("qtc", ObservationOp.BELOW, {"value": 500}),
        ("creatinine", ObservationOp.IN_RANGE, {}),
    ],
)
def test_a_value_that_fits_what_is_asked_and_one_that_does_not_can_be_had(
    code: str, op: ObservationOp, given: dict[str, Any]
) -> None:
    asked = ObservationCompared(tests=(code,), op=op, within_days=30, **given)
    fits = entry_for(observation(code), [asked], fits=True, dice=Random(1))
    other = entry_for(observation(code), [asked], fits=False, dice=Random(1))
    assert fits is not None
    assert other is not None
    assert fits.value != other.value


# -- what never fired, and the order of things ------------------------------------------------------------------------


def test_in_a_program_nobody_entered_nothing_fired() -> None:
    nothing = Fired(frozenset(), frozenset(), (), frozenset(), frozenset(), frozenset())
    idle = never_fired(KRATOM, nothing)
    assert len(idle.transitions) == len(KRATOM.transitions)
    assert len(idle.follow_ups) == len(KRATOM.follow_ups)
    assert len(idle.rungs) == sum(len(each.rungs) for each in KRATOM.ladders)
    assert "follow_up.welcome" in idle.templates
    assert not any(each.asked for each in idle.criteria)


def test_a_requirement_that_stood_in_the_way_fired_and_its_neighbour_did_not() -> None:
    gate = KRATOM.phases[0].exit
    assert gate is not None
    fired = Fired(frozenset({gate.key}), frozenset({"withdrawal-settled"}), (), frozenset(), frozenset(), frozenset())
    idle = [each.criterion.key for each in never_fired(KRATOM, fired).criteria if each.asked]
    assert "withdrawal-settled" not in idle
    assert "no-urgent-flag-in-stabilization" in idle


def test_advice_is_not_blamed_for_never_standing_in_the_way() -> None:
    nothing = Fired(frozenset(), frozenset(), (), frozenset(), frozenset(), frozenset())
    assert "late-withdrawal-watched" not in [each.criterion.key for each in never_fired(KRATOM, nothing).criteria]


def test_a_move_counts_for_the_rule_of_its_reason() -> None:
    left = Moved(NOON, MoveKind.DISCHARGE, "aftercare", None, EnrollmentStatus.LEFT, DischargeReason.MOVED_AWAY)
    fired = Fired(frozenset(), frozenset(), (left,), frozenset(), frozenset(), frozenset())
    idle = [rule for rule in never_fired(KRATOM, fired).transitions if rule.kind is MoveKind.DISCHARGE]
    assert all(DischargeReason.MOVED_AWAY not in rule.reasons for rule in idle)
    assert any(DischargeReason.COMPLETED in rule.reasons for rule in idle)


def test_of_one_moment_the_question_comes_before_the_move_and_the_move_before_what_follows() -> None:
    kinds = [EntryKind.CONTACT, EntryKind.MOVE, EntryKind.GATE]
    told = in_order(Entry(NOON, kind, sentence("rehearsal.return_to_use")) for kind in kinds)
    assert [each.kind for each in told] == [EntryKind.GATE, EntryKind.MOVE, EntryKind.CONTACT]


# -- the property over the rules alone --------------------------------------------------------------------------------
# No enrollment stands where there is no way on, and every contact ends in exactly one outcome. A walk is one person's
# way through a program by its tables alone: any move the tables allow, any answer a contact may have.


@pytest.mark.parametrize("document", PROGRAMS, ids=[each.program.key for each in PROGRAMS])
@pytest.mark.parametrize("seed", range(6))
def test_a_walk_by_the_rules_never_ends_where_there_is_no_way_on(document: ProgramDocument, seed: int) -> None:
    dice = Random(seed)
    status, phase = EnrollmentStatus.PROPOSED, None
    for _ in range(100):
        moves = [each for each in allowed_moves(document, status, phase, tuple(Role)) if _is_a_step(each.kind)]
        assert moves, (status, phase)
        assert ways_on(document, status, phase)
        move = dice.choice(moves)
        reason = DischargeReason(dice.choice(move.reasons)) if move.kind is MoveKind.DISCHARGE else None
        status = next_status(move.kind, status, reason=reason)
        phase = None if status in ENDED else move.to_phase or phase


@pytest.mark.parametrize("document", PROGRAMS, ids=[each.program.key for each in PROGRAMS])
@pytest.mark.parametrize("seed", range(3))
def test_every_contact_the_rules_owe_ends_in_exactly_one_outcome(document: ProgramDocument, seed: int) -> None:
    dice = Random(seed)
    for anchor in _anchors(document):
        owed = plan(rules_for(document, anchor.kind, anchor.phase), anchor, (), "America/New_York")
        assert len({each.key for each in owed}) == len(owed)
        for contact in owed:
            ended = _worked(contact, document.ladder(contact.ladder), dice)
            assert len(ended) == 1, (contact.rule_key, ended)


def _is_a_step(kind: MoveKind) -> bool:
    """Moves of the person's way; the others need rows to look at."""
    return kind not in (MoveKind.REVERSE, MoveKind.ADOPT_VERSION, MoveKind.TRANSFER)


def _anchors(document: ProgramDocument) -> list[Anchor]:
    day, event = date(2026, 1, 5), UUID(int=7)
    plain = [Anchor(kind, event, day, day) for kind in AnchorKind if kind is not AnchorKind.PHASE_ENTRY]
    return [*plain, *(Anchor(AnchorKind.PHASE_ENTRY, uuid4(), day, day, phase.key) for phase in document.phases)]


def _worked(contact: PlannedFollowUp, ladder: Ladder, dice: Random) -> list[Outcome]:
    """A contact on its ladder: silence, messages answered or not, calls; on the last step a person ends it."""
    ended: list[Outcome] = []
    tries: Counter[int] = Counter()
    now = contact.due_at
    step = first_step(ladder, LadderFacts(started_at=now, can_second_channel=dice.random() < 0.5))
    began, rung = step.starts_at, step.rung
    while not ended:
        if step.is_message:
            answered, now = dice.random() < 0.3, step.waits_until
            ended += [Outcome.REACHED] if answered else []
        else:
            result, now = dice.choice(list(CallResult)), now + timedelta(hours=27)
            tries[rung] += 1
            closes = CONSEQUENCES[result].closes
            given_up = rung == len(ladder.rungs) - 1 and tries[rung] > 1
            ended += [closes] if closes else [Outcome.UNREACHABLE] if given_up else []
        if not ended:
            following = next_step(ladder, rung, LadderFacts(started_at=began, tries=tries[rung]), now)
            assert following is not None
            step, began, rung = following, following.starts_at, following.rung
    assert all(may_decide(each, is_person=True) for each in ended)
    return ended
