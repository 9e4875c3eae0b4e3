"""The programs that come with the product: five levels of care, each told as it really differs."""

import re

import pytest

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.messages import template
from pathways.modalities import modalities
from pathways.programs.library import ShippedProgram, shipped
from pathways.rules.attendance import meets
from pathways.rules.gates import Criterion, GateFacts, Requirement, State, decide
from pathways.rules.levels import Level
from pathways.rules.moves import WITHOUT_RULE, DischargeReason, MoveKind, StepBackReason
from pathways.rules.programs import (
    MESSAGE_RUNGS,
    AdaptiveMonths,
    AnchorKind,
    Every,
    FollowUpRule,
    Offsets,
    PhaseDef,
    ProgramDocument,
    Purpose,
    RungKind,
    canonical,
    parse,
    problems,
)
from pathways.rules.programs.wording import is_local
from tests.rules.fulfilled import NOW, fulfilled
from tests.rules.test_programs import KNOWN

STABILIZATION, THERAPY, AFTERCARE = "assessment-and-stabilization", "behavioral-therapy", "aftercare"
EARLY, OUTPATIENT = "kratom-early-intervention", "kratom-outpatient"
INTENSIVE, RESIDENTIAL = "kratom-intensive-outpatient", "kratom-residential"
INPATIENT = "kratom-medically-managed-inpatient"
LEVELS_BY_PHASE = {
    EARLY: ("0", "0", "0"),
    OUTPATIENT: ("1", "1", "1"),
    INTENSIVE: ("2", "2", "1"),
    RESIDENTIAL: ("3M", "3H", "1"),
    INPATIENT: ("4", "3M", "1M"),
}
AROUND_THE_CLOCK = {"3", "3H", "3M", "4"}
KRATOM_TESTS = {"mitragynine-screen", "mitragynine-confirm", "mitragynine-mass", "mitragynine-creatinine-ratio",
                "hydroxymitragynine-confirm", "hydroxymitragynine-mass"}  # fmt: skip
PROGRAMS = sorted(LEVELS_BY_PHASE)
STEPPED_DOWN = (RESIDENTIAL, INPATIENT)


def file(name: str) -> ShippedProgram:
    return next(each for each in shipped() if each.name == name)


def program(name: str) -> ProgramDocument:
    return file(name).program


def every(name: str, kind: str) -> list[Criterion]:
    return [each for each in program(name).criteria() if str(each.kind.KEY) == kind]


def exit_of(name: str, phase: str) -> list[Criterion]:
    gate = program(name).phase(phase).exit
    assert gate is not None
    return list(gate.walk())


def asked(name: str, phase: str, key: str) -> Criterion:
    return next(each for each in exit_of(name, phase) if each.key == key)


def days_of(rule: FollowUpRule) -> tuple[int, ...]:
    return rule.schedule.days if isinstance(rule.schedule, Offsets) else ()


def rules(name: str, anchor: AnchorKind, phase: str | None = None) -> list[FollowUpRule]:
    found = [each for each in program(name).follow_ups if each.anchor is anchor]
    return [each for each in found if phase is None or phase in each.phases]


def minutes(phase: PhaseDef) -> int:
    return sum(each.weekly_minutes for each in phase.activities)


def writes(name: str, rule: FollowUpRule) -> bool:
    return any(each.kind in MESSAGE_RUNGS for each in program(name).ladder(rule.ladder).rungs)


ALL_PHASES = [(name, phase) for name in PROGRAMS for phase in program(name).phases]
by_phase = pytest.mark.parametrize(("name", "phase"), ALL_PHASES, ids=lambda each: getattr(each, "key", each))


# What ships


def test_five_programs_ship_one_for_each_kind_of_treatment() -> None:
    assert [each.name for each in shipped()] == PROGRAMS
    assert all(each.program.program.key == each.name for each in shipped())
    assert {each.program.program.substance for each in shipped()} == {"kratom"}
    assert len({each.digest for each in shipped()}) == len(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_shipped_program_has_no_problem(name: str) -> None:
    assert problems(program(name), KNOWN) == ()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_shipped_program_is_its_own_canonical_text(name: str) -> None:
    assert parse(file(name).document) == program(name)
    assert canonical(file(name).document) == file(name).canonical


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_shipped_program_has_the_three_phases_of_the_mission(name: str) -> None:
    phases = program(name).phases
    assert [each.key for each in phases] == [STABILIZATION, THERAPY, AFTERCARE]
    assert [each.title for each in phases] == [
        "Assessment and stabilization",
        "Behavioral therapy and relapse prevention",
        "Aftercare and maintenance",
    ]
    assert all(each.goals and each.assessments and each.activities for each in phases)


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_number_has_its_source(name: str) -> None:
    document = program(name)
    leaves = [each for each in document.criteria() if not each.children]
    numbers = (*leaves, *document.phases, *document.follow_ups, *document.ladders)
    assert all(each.source for each in numbers)
    assert all(each.source for phase in document.phases for each in (*phase.assessments, *phase.activities))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_clinician_sees_which_numbers_wait_to_be_confirmed(name: str) -> None:
    document = program(name)
    sources = [each.source for each in (*document.criteria(), *document.follow_ups, *document.ladders) if each.source]
    assert any(is_local(each) for each in sources)
    assert not all(is_local(each) for each in sources)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_requirement_can_be_said_in_both_languages(name: str) -> None:
    for criterion in program(name).criteria():
        assert say(criterion.kind.asks(), "en")
        assert say(criterion.kind.asks(), "es")


@pytest.mark.parametrize("name", PROGRAMS)
def test_words_put_the_person_first(name: str) -> None:
    blaming = r"\b(addict\w*|abus\w+|clean|dirty|compli\w+|fail\w*|relapsed|dropout|dropped out|users?)\b"
    assert re.findall(blaming, file(name).canonical, flags=re.IGNORECASE) == []


# Levels of care


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_phase_stands_at_a_level_of_care_and_they_only_step_down(name: str) -> None:
    phases = program(name).phases
    assert tuple(each.level for each in phases) == LEVELS_BY_PHASE[name]
    ranks = [Level(f"L{each.level}").rank for each in phases]
    assert ranks == sorted(ranks, reverse=True)


def test_the_programs_begin_at_five_different_levels() -> None:
    first = [Level(f"L{program(name).phases[0].level}").rank for name in LEVELS_BY_PHASE]
    assert first == sorted(set(first))


@by_phase
def test_the_weekly_minutes_fit_the_hours_of_the_level(name: str, phase: PhaseDef) -> None:
    level = Level(f"L{phase.level}")
    assert minutes(phase) > 0
    assert meets(level, minutes(phase)) in (True, None)
    if level.rank <= Level.L2.rank:
        above = Level.L2H if level is Level.L2 else Level.L2
        assert not meets(above, minutes(phase)), "more hours than the level has"


@pytest.mark.parametrize("phase", [STABILIZATION, THERAPY])
def test_intensive_outpatient_care_fills_three_days_of_the_week(phase: str) -> None:
    on_each_day = [each for each in program(INTENSIVE).phase(phase).activities if each.per_week >= 3]
    assert {each.per_week for each in on_each_day if not each.adjunct} == {3}


def test_hospital_care_is_told_in_rounds_and_not_in_hours() -> None:
    by_modality = {each.modality: each for each in program(INPATIENT).phase(STABILIZATION).activities}
    assert by_modality["medication-visit"].per_week == 7
    assert by_modality["nursing-check"].per_week == 7 * 24 / 4
    assert not any(each.kind.measure == "minutes" for each in every(INPATIENT, "sessions_attended"))


@by_phase
def test_what_counts_toward_the_hours_is_what_the_modality_says(name: str, phase: PhaseDef) -> None:
    known = {each.key: each for each in modalities()}
    assert {each.modality for each in phase.activities} <= known.keys()
    for each in phase.activities:
        assert each.adjunct is not known[each.modality].counts_toward_hours, each.modality


# Gates


def test_each_program_asks_before_admission_what_its_level_calls_for() -> None:
    at_most = {}
    for name in PROGRAMS:
        gate = program(name).phase(STABILIZATION).entry
        at_most[name] = [each.kind.level for each in gate.walk() if each.kind.KEY == "level_at_most"]
    assert at_most == {EARLY: [Level.L0], OUTPATIENT: [], INTENSIVE: [Level.L2M], RESIDENTIAL: [Level.L3M],
                       INPATIENT: [Level.L4]}  # fmt: skip


def test_nobody_who_needs_a_hospital_is_held_up_by_a_gate() -> None:
    gate = program(INPATIENT).phase(STABILIZATION).entry
    assert all(each.requirement is Requirement.ADVISORY for each in gate.criteria)


@pytest.mark.parametrize("name", [OUTPATIENT, INTENSIVE, RESIDENTIAL])
def test_an_emergency_is_answered_before_care_outside_a_hospital_begins(name: str) -> None:
    gate = program(name).phase(STABILIZATION).entry
    flags = [each for each in gate.criteria if each.kind.KEY == "no_open_safety_flag"]
    assert [(each.kind.severity, each.may_be_set_aside) for each in flags] == [("emergency", False)]


@pytest.mark.parametrize("name", [OUTPATIENT, INTENSIVE, RESIDENTIAL, INPATIENT])
def test_withdrawal_is_settled_by_two_readings_a_day_apart(name: str) -> None:
    kind = asked(name, STABILIZATION, "withdrawal-settled").kind
    assert (kind.instrument, kind.op, kind.value, kind.last, kind.hours_between) == ("cows", "below", 5, 2, 24)


def test_the_closer_the_care_the_less_of_the_withdrawal_watch_can_be_set_aside() -> None:
    watched = [name for name in PROGRAMS if name != EARLY]
    assert {name: asked(name, STABILIZATION, "late-withdrawal-watched").requirement for name in watched} == {
        OUTPATIENT: Requirement.ADVISORY,
        INTENSIVE: Requirement.OVERRIDABLE,
        RESIDENTIAL: Requirement.OVERRIDABLE,
        INPATIENT: Requirement.REQUIRED,
    }
    assert not asked(INPATIENT, STABILIZATION, "withdrawal-settled").may_be_set_aside


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("phase", [STABILIZATION, THERAPY, AFTERCARE])
def test_no_gate_is_passed_while_something_is_open_that_cannot_wait(name: str, phase: str) -> None:
    flags = [each for each in exit_of(name, phase) if each.kind.KEY == "no_open_safety_flag"]
    assert len(flags) == 1
    assert not flags[0].may_be_set_aside
    # The ward that follows the hospital days still has somebody near day and night.
    in_hospital = name == INPATIENT and phase == STABILIZATION
    assert flags[0].kind.severity == ("emergency" if in_hospital else "urgent")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_kratom_screen_is_a_test_for_kratom_and_never_a_panel(name: str) -> None:
    screens = [each.kind for each in every(name, "observation_compared") if each.kind.op in ("negative", "positive")]
    assert screens
    assert all(set(each.tests) <= KRATOM_TESTS for each in screens)
    tests = {test for each in every(name, "observation_compared") for test in each.kind.tests}
    assert not {test for test in tests if test.startswith("panel-")}


@pytest.mark.parametrize("name", [INTENSIVE, RESIDENTIAL, INPATIENT])
def test_vital_findings_are_looked_at_before_stabilization_ends(name: str) -> None:
    tests = {test for each in exit_of(name, STABILIZATION) if each.kind.KEY == "observation_compared"
             for test in each.kind.tests}  # fmt: skip
    vital_signs = {"blood-pressure-systolic", "heart-rate", "temperature", "oxygen-saturation"}
    assert tests >= {"alt", "bilirubin-total", "qtc"}
    assert (tests >= vital_signs) is (name in STEPPED_DOWN)
    assert (tests >= {"inr", "potassium"}) is (name == INPATIENT)


@pytest.mark.parametrize("name", [INTENSIVE, RESIDENTIAL, INPATIENT])
@pytest.mark.parametrize(("phase", "plan"), [(STABILIZATION, "care"), (THERAPY, "recovery")])
def test_a_plan_is_signed_before_the_phase_that_made_it_ends(name: str, phase: str, plan: str) -> None:
    found = [each for each in exit_of(name, phase) if each.kind.KEY == "plan_element"]
    assert [(each.kind.plan, each.kind.state, each.requirement) for each in found] == [
        (plan, "signed", Requirement.REQUIRED)
    ]


@by_phase
def test_every_gate_can_be_met_and_none_is_met_by_itself(name: str, phase: PhaseDef) -> None:
    assert phase.exit is not None
    nothing = GateFacts(NOW, "UTC")
    for gate in filter(None, (phase.entry, phase.exit)):
        done = decide(gate, fulfilled(gate, days=phase.typical_days))
        assert done.met, [each.key for each in done.unmet]
        assert all(each.state is State.MET for each in done.criteria), "advice can be followed as well"
    assert not decide(phase.exit, nothing).met


@by_phase
def test_the_usual_length_of_a_phase_is_enough_for_its_gate(name: str, phase: PhaseDef) -> None:
    asked_days = [each.kind.at_least for each in exit_of(name, phase.key) if each.kind.KEY == "days_in_phase"]
    assert max(asked_days, default=0) <= phase.typical_days


@pytest.mark.parametrize("name", STEPPED_DOWN)
def test_nobody_leaves_24_hour_care_without_the_next_contact_and_a_consent_to_hand_over(name: str) -> None:
    booked, consented = (asked(name, THERAPY, key) for key in ("next-contact-booked", "hand-over-consented"))
    assert booked.kind.within_days == 7
    assert (consented.kind.purpose, consented.kind.recipient) == ("treatment", "treating_providers")
    assert Requirement.ADVISORY not in (booked.requirement, consented.requirement)
    assert consented.may_be_set_aside, "care never depends on a consent"


@pytest.mark.parametrize("name", [INTENSIVE, *STEPPED_DOWN])
def test_the_next_contact_is_one_of_the_care_that_follows(name: str) -> None:
    kind = asked(name, THERAPY, "next-contact-booked").kind
    here, after = program(name).phase(THERAPY), program(name).phase(AFTERCARE)
    assert set(kind.modalities) <= {each.modality for each in after.activities}
    assert not set(kind.modalities) & {each.modality for each in here.activities}
    assert not {each.purpose for each in rules(name, AnchorKind.PHASE_ENTRY, THERAPY)} & set(kind.purposes)


@pytest.mark.parametrize("name", [INTENSIVE, *STEPPED_DOWN])
def test_a_step_down_is_rated_before_it_is_made(name: str) -> None:
    (rated,) = (each for each in exit_of(name, THERAPY) if each.kind.KEY == "level_at_most")
    here = Level(f"L{program(name).phase(THERAPY).level}")
    assert rated.kind.basis == "indicated"
    assert rated.kind.level.rank < here.rank
    assert (name in STEPPED_DOWN) is (rated.kind.within_days == 7)


@by_phase
def test_a_gate_counts_only_sessions_the_phase_plans(name: str, phase: PhaseDef) -> None:
    planned = {each.modality for each in phase.activities}
    for each in exit_of(name, phase.key):
        if each.kind.KEY == "sessions_attended":
            assert set(each.kind.modalities) <= planned, each.key


@by_phase
def test_a_gate_asks_for_a_kratom_screen_only_where_one_is_owed(name: str, phase: PhaseDef) -> None:
    binding = [each for each in exit_of(name, phase.key)
               if each.kind.KEY == "observation_compared" and each.kind.op == "negative"
               and each.requirement is not Requirement.ADVISORY]  # fmt: skip
    owed = [each for each in rules(name, AnchorKind.PHASE_ENTRY, phase.key) if each.rule_key.endswith("-screen")]
    assert bool(binding) <= bool(owed)


def test_outpatient_care_holds_nobody_back_by_what_its_gates_newly_look_at() -> None:
    new = {"observation_compared", "sessions_attended", "plan_element", "level_at_most"}
    found = [each for each in program(OUTPATIENT).criteria() if each.kind.KEY in new]
    assert {each.kind.KEY for each in found} == new
    assert {each.requirement for each in found} == {Requirement.ADVISORY}


# Moves


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_kind_of_move_is_there_with_its_roles(name: str) -> None:
    document = program(name)
    assert {each.kind for each in document.transitions} == set(MoveKind) - WITHOUT_RULE
    assert all(each.roles for each in document.transitions)
    assert all(each.reasons for each in document.transitions if each.kind in (MoveKind.STEP_BACK, MoveKind.HOLD))


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("phase", [THERAPY, AFTERCARE])
def test_from_therapy_and_aftercare_there_is_a_way_back_after_a_return_to_use(name: str, phase: str) -> None:
    back = [each for each in program(name).transitions if each.kind is MoveKind.STEP_BACK and each.from_phase == phase]
    assert any(StepBackReason.RETURN_TO_USE in each.reasons and not each.gate for each in back)


@pytest.mark.parametrize("name", PROGRAMS)
def test_care_can_end_for_every_reason_and_completes_only_through_the_last_gate(name: str) -> None:
    endings = [each for each in program(name).transitions if each.kind is MoveKind.DISCHARGE]
    assert {reason for each in endings for reason in each.reasons} == set(DischargeReason)
    (completing,) = (each for each in endings if DischargeReason.COMPLETED in each.reasons)
    assert (completing.from_phase, completing.gate) == (AFTERCARE, ("exit",))
    for ending in endings:
        assert ending is completing or not ending.gate or ending.reasons == (DischargeReason.MOVED_TO_OTHER_CARE,)


@pytest.mark.parametrize("name", STEPPED_DOWN)
def test_a_planned_step_down_elsewhere_goes_through_the_hand_over_and_an_urgent_one_does_not(name: str) -> None:
    endings = [each for each in program(name).transitions if DischargeReason.MOVED_TO_OTHER_CARE in each.reasons]
    elsewhere = [each for each in endings if each.from_phase in (None, THERAPY)]
    planned, urgent = sorted(elsewhere, key=lambda each: not each.gate)
    assert (planned.roles, planned.from_phase, planned.gate) == ((Role.COUNSELOR,), THERAPY, ("exit",))
    assert (urgent.roles, urgent.gate, urgent.needs_note) == ((Role.CLINICIAN, Role.SUPERVISOR), (), True)


def test_only_clinicians_and_supervisors_bring_somebody_into_a_hospital() -> None:
    (admit,) = (each for each in program(INPATIENT).transitions if each.kind is MoveKind.ADMIT)
    assert set(admit.roles) == {Role.CLINICIAN, Role.SUPERVISOR, Role.API_CLIENT}


# Contacts


@pytest.mark.parametrize("name", PROGRAMS)
def test_after_discharge_come_days_2_7_14_and_30_and_then_adaptive_checkups(name: str) -> None:
    after = rules(name, AnchorKind.DISCHARGE)
    assert sorted(day for each in after for day in days_of(each)) == [2, 7, 14, 30]
    (checkups,) = (each for each in after if each.purpose is Purpose.CHECKUP)
    assert isinstance(checkups.schedule, AdaptiveMonths)
    assert checkups.schedule.first_month == 2, "the contact of day 30 is the first month"
    assert checkups.schedule.for_months == (12 if name == EARLY else 24)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_return_to_use_makes_contact_weekly_from_the_next_day(name: str) -> None:
    (closer,) = rules(name, AnchorKind.RETURN_TO_USE)
    assert isinstance(closer.schedule, Every)
    assert (closer.schedule.every_days, closer.schedule.first_day) == (7, 1)
    assert closer.schedule.for_days is not None
    first = program(name).ladder(closer.ladder).rungs
    assert any(each.kind is RungKind.STAFF_CALL for each in first[:2]), "a person calls at once or the same day"


@pytest.mark.parametrize("name", STEPPED_DOWN)
def test_in_24_hour_care_the_watch_is_every_4_hours_for_two_days_and_then_every_8(name: str) -> None:
    watch = {each.rule_key: days_of(each) for each in rules(name, AnchorKind.PHASE_ENTRY, STABILIZATION)
             if each.ladder == "watch"}  # fmt: skip
    assert watch == {"withdrawal-watch-4-hourly": (0, 1), "withdrawal-watch-8-hourly": (2, 3, 4, 5)}
    (cows,) = (each for each in program(name).phase(STABILIZATION).assessments if each.instrument == "cows")
    assert "every 4 h on days 0 and 1, every 8 h on days 2 to 5" in cows.source


@pytest.mark.parametrize("name", [OUTPATIENT, INTENSIVE])
def test_at_home_somebody_is_in_touch_on_each_of_the_first_five_days(name: str) -> None:
    (daily,) = (each for each in program(name).follow_ups if each.rule_key == "stabilization-daily-contact")
    assert days_of(daily) == (1, 2, 3, 4, 5)
    assert daily.owner is Role.NURSE


def test_early_intervention_watches_no_withdrawal_and_passes_it_on() -> None:
    instruments = {each.instrument for phase in program(EARLY).phases for each in phase.assessments}
    assert "cows" not in instruments
    little = asked(EARLY, STABILIZATION, "little-withdrawal")
    assert (little.kind.instrument, little.kind.value) == ("sows", 10)


@pytest.mark.parametrize("name", [OUTPATIENT, INTENSIVE, RESIDENTIAL, INPATIENT])
def test_liver_and_heart_are_looked_at_at_intake_in_week_2_to_4_and_in_week_8(name: str) -> None:
    by_key = {each.rule_key: each for each in rules(name, AnchorKind.ADMISSION)}
    assert days_of(by_key["liver-and-ecg-at-intake"])[0] <= 1
    again = by_key["liver-and-ecg-again"]
    assert [(day, day + again.window_days) for day in days_of(again)] == [(14, 28), (56, 70)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_ladder_ends_with_a_person(name: str) -> None:
    for ladder in program(name).ladders:
        assert ladder.rungs[-1].kind is RungKind.SUPERVISOR
        assert ladder.rungs[-1].role is Role.SUPERVISOR


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_template_is_there_in_both_languages_on_both_channels(name: str) -> None:
    used = {each.template for each in program(name).follow_ups if each.template}
    assert used
    for key in used:
        for channel in ("sms", "email"):
            assert {template(key, channel, each).language for each in ("en", "es")} == {"en", "es"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_whoever_lives_in_the_house_is_not_written_to(name: str) -> None:
    inside = {each.key for each in program(name).phases if each.level in AROUND_THE_CLOCK}
    for rule in program(name).follow_ups:
        there = rule.anchor is AnchorKind.ADMISSION and STABILIZATION in inside
        there = there or bool(inside & set(rule.phases)) or (rule.anchor is AnchorKind.RETURN_TO_USE and bool(inside))
        assert not (there and writes(name, rule)), rule.rule_key


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_message_is_worded_for_what_it_is_for(name: str) -> None:
    for rule in program(name).follow_ups:
        if rule.template and rule.purpose is not Purpose.CHECK_IN:
            assert rule.template == f"follow_up.{rule.purpose}", rule.rule_key


def test_waiting_for_a_bed_is_looked_at_more_often_than_waiting_for_a_talk() -> None:
    often = {}
    for name in LEVELS_BY_PHASE:
        (review,) = rules(name, AnchorKind.WAITLIST)
        assert isinstance(review.schedule, Every)
        often[name] = review.schedule.every_days
    assert often == {EARLY: 7, OUTPATIENT: 7, INTENSIVE: 7, RESIDENTIAL: 3, INPATIENT: 1}
