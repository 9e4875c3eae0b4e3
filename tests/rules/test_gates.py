"""The gate evaluator: what is met, unmet, missing or too old, and what may be set aside."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.rules.documents import Fields
from pathways.rules.gates import (
    Attested,
    Criterion,
    Gate,
    GateFacts,
    OpenFlag,
    Override,
    OverrideReason,
    Reading,
    Requirement,
    State,
    as_record,
    at_least,
    decide,
    from_record,
    may_override,
    override_problems,
    read_gate,
)
from pathways.rules.gates.groups import AllOf, AnyOf, AtLeast
from pathways.rules.gates.kinds import AssessmentDone, Attestation, DaysInPhase, NoOpenSafetyFlag
from pathways.rules.gates.scores import Comparison, ScoreCompared, holds
from patients.rules.instruments import Severity

NOW = datetime(2026, 6, 18, 15, 0, tzinfo=UTC)
ZONE = "America/New_York"
SOMEBODY, SOMEBODY_ELSE = UUID(int=1), UUID(int=2)
PHQ9_MILD = ScoreCompared("phq9", "total", Comparison.AT_MOST, 9, within_days=14)
COWS_SETTLED = ScoreCompared("cows", "total", Comparison.BELOW, 5, within_days=7, last=2, hours_between=24)


def reading(score: int | None, ago: timedelta, number: int = 9, **more: object) -> Reading:
    return Reading(UUID(int=number), NOW - ago, total=score, **more)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def facts(**more: object) -> GateFacts:
    return GateFacts(as_of=NOW, zone=ZONE, **more)


def gate(*criteria: Criterion) -> Gate:
    return Gate("test", "Test", criteria)


def asked(kind: object, key: str = "asked", **more: object) -> Criterion:
    return Criterion(key, kind, **more)


def found(kind: object, **more: object):
    return decide(gate(asked(kind)), facts(**more)).criteria[0]


def aside(key: str = "asked", roles: tuple[Role, ...] = (Role.SUPERVISOR,), **more: object) -> Override:
    given = {"by": SOMEBODY, "reason": OverrideReason.CLINICAL_JUDGEMENT, "note": "Seen today, well.", **more}
    return Override(key, roles=roles, **given)


OPEN_TO_SUPERVISOR = {"requirement": Requirement.OVERRIDABLE, "overridable_by": (Role.SUPERVISOR,)}


# Assessment done


def test_an_assessment_that_was_never_done_is_missing():
    result = found(AssessmentDone("phq9", 30))
    assert result.state is State.MISSING
    assert say(result.next_step) == "Record a new PHQ-9"


def test_a_form_the_patient_can_fill_in_is_sent_instead_of_recorded():
    assert say(found(AssessmentDone("phq9", 30), sendable=frozenset({"phq9"})).next_step) == "Send the form: PHQ-9"


def test_an_assessment_holds_through_the_day_it_reaches_its_age():
    result = found(AssessmentDone("phq9", 30), readings={"phq9": (reading(3, days(30)),)})
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 18))
    assert say(result.found) == "Done on Tue 19 May. Holds until Thu 18 Jun."


def test_an_assessment_one_day_older_is_too_old():
    result = found(AssessmentDone("phq9", 30), readings={"phq9": (reading(3, days(31)),)})
    assert result.state is State.EXPIRED
    assert result.evidence[0].public_id == UUID(int=9)


def test_days_are_counted_in_the_site_s_zone():
    late_evening_of_the_17th = Reading(UUID(int=9), datetime(2026, 6, 18, 3, 30, tzinfo=UTC), total=3)
    result = found(AssessmentDone("phq9", 0), readings={"phq9": (late_evening_of_the_17th,)})
    assert result.state is State.EXPIRED


def test_an_assessment_effective_after_the_moment_asked_about_is_not_seen():
    assert found(AssessmentDone("phq9", 30), readings={"phq9": (reading(3, -hours(1)),)}).state is State.MISSING


# Score compared


def test_a_score_within_the_limit_meets_and_says_until_when():
    result = found(PHQ9_MILD, readings={"phq9": (reading(9, days(4)),)})
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 28))
    assert say(result.sentence) == "PHQ-9 of 9 or less, within 14 days"


def test_a_score_beyond_the_limit_is_unmet_even_if_an_older_one_fitted():
    result = found(PHQ9_MILD, readings={"phq9": (reading(10, days(1)), reading(2, days(3), 8))})
    assert result.state is State.UNMET
    assert [each.public_id for each in result.evidence] == [UUID(int=9)]


def test_a_score_past_its_window_is_too_old_whatever_it_says():
    for score in (3, 11):
        result = found(PHQ9_MILD, readings={"phq9": (reading(score, days(22)),)})
        assert result.state is State.EXPIRED
        assert say(result.found).startswith(f"Too old: {score} on Wed 27 May")


def test_an_incomplete_form_without_a_score_says_nothing():
    only_incomplete = found(PHQ9_MILD, readings={"phq9": (reading(None, days(1)),)})
    passed_over = found(PHQ9_MILD, readings={"phq9": (reading(None, days(1)), reading(4, days(2), 8))})
    assert (only_incomplete.state, passed_over.state) == (State.MISSING, State.MET)


def test_readings_need_not_come_in_order():
    result = found(PHQ9_MILD, readings={"phq9": (reading(2, days(3), 8), reading(10, days(1)))})
    assert result.state is State.UNMET


def test_cows_below_five_once_is_not_yet_twice():
    result = found(COWS_SETTLED, readings={"cows": (reading(3, hours(1)),)})
    assert result.state is State.MISSING
    assert result.earliest == date(2026, 6, 19)
    assert say(result.next_step) == "Record another COWS from Fri 19 Jun 10:00 on"


def test_cows_below_five_twice_within_a_day_is_not_yet_twice_a_day_apart():
    result = found(COWS_SETTLED, readings={"cows": (reading(3, hours(1)), reading(2, hours(24.9), 8))})
    assert result.state is State.MISSING


def test_cows_below_five_twice_exactly_a_day_apart_is_met():
    result = found(COWS_SETTLED, readings={"cows": (reading(3, hours(0)), reading(4, hours(24), 8))})
    assert result.state is State.MET
    assert say(result.sentence) == ("COWS below 5 on the last 2 readings, within 7 days, 24 hours or more apart")


def test_readings_in_between_do_not_hinder_if_they_fit():
    between = (reading(3, hours(0)), reading(4, hours(12), 7), reading(2, hours(24), 8))
    assert found(COWS_SETTLED, readings={"cows": between}).state is State.MET


def test_a_reading_of_five_in_between_breaks_the_row():
    between = (reading(3, hours(0)), reading(5, hours(12), 7), reading(2, hours(24), 8))
    result = found(COWS_SETTLED, readings={"cows": between})
    assert result.state is State.UNMET
    assert result.earliest == date(2026, 6, 19)


def test_the_hours_between_are_true_hours_when_the_clock_changes():
    spring = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)
    apart = (Reading(UUID(int=1), spring, 1), Reading(UUID(int=2), spring - hours(23.5), 1))
    result = decide(gate(asked(COWS_SETTLED)), GateFacts(spring, ZONE, readings={"cows": apart}))
    assert result.criteria[0].state is State.MISSING


def test_a_row_long_enough_but_too_old_is_too_old():
    old = (reading(3, days(6)), reading(3, days(8), 8))
    assert found(COWS_SETTLED, readings={"cows": old}).state is State.EXPIRED


def test_a_row_lapses_when_the_oldest_reading_it_needs_grows_too_old():
    row = (reading(1, days(0)), reading(1, days(2), 8), reading(1, days(5), 7))
    assert found(COWS_SETTLED, readings={"cows": row}).lapses_on == date(2026, 6, 23)


def test_a_subscore_and_a_band_can_be_compared():
    risk = ScoreCompared("bam", "risk", Comparison.BELOW, 12, within_days=30)
    screen = ScoreCompared("cssrs_screen", "band", Comparison.ONE_OF, ("none", "low"), within_days=30)
    assert found(risk, readings={"bam": (reading(None, days(1), subscores={"risk": 11}),)}).state is State.MET
    assert found(screen, readings={"cssrs_screen": (reading(None, days(1), band="high"),)}).state is State.UNMET
    assert found(screen, readings={"cssrs_screen": (reading(None, days(1), band="low"),)}).state is State.MET
    assert say(screen.asks()) == "C-SSRS: none or low, within 30 days"


@pytest.mark.parametrize(
    ("op", "limit", "fitting", "not_fitting"),
    [
        (Comparison.BELOW, 5, 4, 5),
        (Comparison.AT_MOST, 5, 5, 6),
        (Comparison.AT_LEAST, 5, 5, 4),
        (Comparison.ABOVE, 5, 6, 5),
        (Comparison.EQUALS, 5, 5, 4),
        (Comparison.ONE_OF, (1, 3), 3, 2),
    ],
)
def test_each_comparison_keeps_its_limit(op, limit, fitting, not_fitting):
    assert holds(op, fitting, limit)
    assert not holds(op, not_fitting, limit)


def test_a_band_cannot_be_more_or_less_than_a_number():
    with pytest.raises(ValueError, match="cannot be"):
        holds(Comparison.BELOW, "low", 5)


# Days, flags, attestations


def test_the_day_of_entry_is_day_nought():
    result = found(DaysInPhase(1), phase_entered_on=date(2026, 6, 18))
    assert (result.state, result.earliest) == (State.UNMET, date(2026, 6, 19))


def test_days_in_phase_are_met_on_the_day_itself_and_never_lapse():
    result = found(DaysInPhase(56), phase_entered_on=date(2026, 4, 23))
    assert (result.state, result.lapses_on) == (State.MET, None)


def test_nobody_has_days_in_a_phase_before_admission():
    assert found(DaysInPhase(1)).state is State.MISSING


def test_an_open_flag_of_that_severity_or_worse_stands_in_the_way():
    flags = tuple(OpenFlag(UUID(int=n), each, each.value, NOW) for n, each in enumerate(Severity))
    result = found(NoOpenSafetyFlag(Severity.URGENT), flags=flags)
    assert result.state is State.UNMET
    assert [each.public_id.int for each in result.evidence] == [3, 2]


def test_a_lesser_flag_does_not():
    flags = (OpenFlag(UUID(int=1), Severity.WARNING, "Craving high", NOW),)
    assert found(NoOpenSafetyFlag(Severity.URGENT), flags=flags).state is State.MET


def agreed(role: Role = Role.COUNSELOR, ago: timedelta = timedelta(days=1), key: str = "plan") -> Attested:
    return Attested(UUID(int=5), key, role, "Ada Sandbox", NOW - ago)


PLAN = Attestation("plan", "Treatment plan agreed", (Role.COUNSELOR, Role.CLINICIAN), 30)


def test_an_attestation_holds_for_its_days():
    assert found(PLAN, attestations=(agreed(ago=days(30)),)).state is State.MET
    assert found(PLAN, attestations=(agreed(ago=days(31)),)).state is State.EXPIRED


def test_an_attestation_by_another_role_or_of_another_thing_does_not_count():
    assert found(PLAN, attestations=(agreed(Role.FRONT_DESK), agreed(key="other"))).state is State.MISSING


def test_an_attestation_without_a_limit_never_lapses():
    result = found(replace(PLAN, valid_days=None), attestations=(agreed(ago=days(900)),))
    assert (result.state, result.lapses_on) == (State.MET, None)


# The algebra of groups

states = st.sampled_from(State)
several = st.lists(states, min_size=1, max_size=8)


def test_the_chain_of_states():
    assert at_least(1, [State.EXPIRED, State.MISSING, State.UNMET]) is State.EXPIRED
    assert at_least(3, [State.MET, State.EXPIRED, State.MISSING]) is State.MISSING
    assert at_least(2, [State.UNMET, State.MET, State.EXPIRED]) is State.EXPIRED
    assert at_least(2, [State.UNMET, State.MET, State.MET]) is State.MET


@given(several)
def test_all_of_is_met_only_if_every_one_is(members):
    assert (at_least(len(members), members) is State.MET) == all(each is State.MET for each in members)


@given(several)
def test_any_of_is_met_if_one_is(members):
    assert (at_least(1, members) is State.MET) == (State.MET in members)


@given(several, st.data())
def test_a_group_is_met_exactly_when_enough_are(members, data):
    needed = data.draw(st.integers(1, len(members)))
    enough = sum(each is State.MET for each in members) >= needed
    assert (at_least(needed, members) is State.MET) == enough


@given(several, st.data())
def test_a_member_coming_nearer_never_moves_the_group_away(members, data):
    needed = data.draw(st.integers(1, len(members)))
    place = data.draw(st.integers(0, len(members) - 1))
    nearer = data.draw(states.filter(lambda state: state.distance <= members[place].distance))
    after = [*members[:place], nearer, *members[place + 1 :]]
    assert at_least(needed, after).distance <= at_least(needed, members).distance


@given(several, states, st.data())
def test_one_more_member_never_turns_met_into_anything_else_where_a_number_is_needed(members, more, data):
    needed = data.draw(st.integers(1, len(members)))
    assert at_least(needed, [*members, more]).distance <= at_least(needed, members).distance


@given(several)
def test_adding_a_met_criterion_changes_no_all_of(members):
    assert at_least(len(members) + 1, [*members, State.MET]) is at_least(len(members), members)


@given(several, st.randoms(use_true_random=False), st.data())
def test_order_does_not_matter(members, random, data):
    needed = data.draw(st.integers(1, len(members)))
    shuffled = random.sample(members, len(members))
    assert at_least(needed, shuffled) is at_least(needed, members)


@given(several)
def test_needing_more_is_never_easier(members):
    answers = [at_least(needed, members).distance for needed in range(1, len(members) + 1)]
    assert all(fewer <= more for fewer, more in pairwise(answers))


@pytest.mark.parametrize("needed", [0, 3])
def test_a_group_that_can_never_be_decided_is_an_error(needed):
    with pytest.raises(ValueError, match="can never be decided"):
        at_least(needed, [State.MET, State.MET])


def test_a_group_lapses_when_too_few_of_its_members_still_hold():
    short, longer = AssessmentDone("phq9", 10), AssessmentDone("gad7", 20)
    readings = {"phq9": (reading(1, days(0)),), "gad7": (reading(1, days(0)),)}
    members = (asked(short, "a"), asked(longer, "b"))
    lapses = {
        kind.KEY: decide(gate(asked(kind, children=members)), facts(readings=readings)).criteria[0].lapses_on
        for kind in (AllOf(), AnyOf(), AtLeast(1))
    }
    assert lapses == {"all_of": date(2026, 6, 28), "any_of": date(2026, 7, 8), "at_least": date(2026, 7, 8)}


def test_a_group_can_be_met_on_the_day_enough_members_can():
    members = (asked(DaysInPhase(10), "a"), asked(DaysInPhase(20), "b"))
    since = {"phase_entered_on": date(2026, 6, 18)}
    both = decide(gate(asked(AllOf(), children=members)), facts(**since))
    either = decide(gate(asked(AnyOf(), children=members)), facts(**since))
    assert (both.earliest, either.earliest) == (date(2026, 7, 8), date(2026, 6, 28))


def test_an_advisory_member_is_shown_and_not_counted():
    members = (asked(DaysInPhase(1), "a"), asked(DaysInPhase(900), "b", requirement=Requirement.ADVISORY))
    result = decide(gate(asked(AllOf(), children=members)), facts(phase_entered_on=date(2026, 6, 1)))
    assert result.met
    assert result.criteria[0].children[1].state is State.UNMET


# The decision


def test_a_gate_counts_its_binding_criteria_and_names_the_earliest_day():
    decision = decide(
        gate(
            asked(DaysInPhase(1), "in-time"),
            asked(DaysInPhase(10), "soon"),
            asked(PHQ9_MILD, "mood"),
            asked(DaysInPhase(99), "advice", requirement=Requirement.ADVISORY),
        ),
        facts(phase_entered_on=date(2026, 6, 14), readings={"phq9": (reading(3, days(1)),)}),
    )
    assert (decision.met, decision.met_count, decision.of_count) == (False, 2, 3)
    assert decision.earliest == date(2026, 6, 24)
    assert (decision.lapses_next.criterion, decision.lapses_next.on) == ("mood", date(2026, 7, 1))
    assert [each.key for each in decision.unmet] == ["soon"]


def test_a_gate_that_is_met_has_no_earliest_day():
    assert decide(gate(asked(DaysInPhase(1))), facts(phase_entered_on=date(2026, 6, 1))).earliest is None


def test_a_gate_that_asks_nothing_is_open():
    assert decide(gate(), facts()).met


# Setting aside


def test_an_overridable_criterion_set_aside_lets_the_move_pass_and_keeps_what_was_found():
    decision = decide(gate(asked(PHQ9_MILD, **OPEN_TO_SUPERVISOR)), facts(), [aside()])
    assert decision.met
    assert (decision.criteria[0].state, decision.met_count) == (State.MISSING, 0)
    assert decision.criteria[0].set_aside.by == SOMEBODY


def test_a_required_criterion_can_never_be_set_aside():
    required = asked(PHQ9_MILD)
    assert not may_override(required, Role)
    assert override_problems(gate(required), [aside()])[0].sentence.code == "gate.override.required"
    with pytest.raises(ValueError, match="not to be set aside"):
        decide(gate(required), facts(), [aside()])


def test_a_group_that_holds_a_required_criterion_can_never_be_set_aside():
    group = asked(AllOf(), children=(asked(PHQ9_MILD, "inner"),), **OPEN_TO_SUPERVISOR)
    assert not may_override(group, [Role.SUPERVISOR])


@pytest.mark.parametrize(
    ("override", "code"),
    [
        (aside("nothing"), "unknown"),
        (aside(roles=(Role.NURSE,)), "role"),
        (aside(reason=None), "reason"),
        (aside(note="  "), "reason"),
        (aside(), "cosign"),
        (aside(cosigned_by=SOMEBODY_ELSE, cosigner_roles=(Role.NURSE,)), "cosign"),
        (aside(cosigned_by=SOMEBODY, cosigner_roles=(Role.CLINICIAN,)), "two_people"),
    ],
)
def test_setting_aside_takes_the_role_the_reason_and_another_person_s_signature(override, code):
    signed_twice = asked(PHQ9_MILD, cosigned_by=(Role.CLINICIAN,), **OPEN_TO_SUPERVISOR)
    assert override_problems(gate(signed_twice), [override])[0].sentence.code == f"gate.override.{code}"


def test_a_second_signature_by_another_person_is_taken():
    signed_twice = asked(PHQ9_MILD, cosigned_by=(Role.CLINICIAN,), **OPEN_TO_SUPERVISOR)
    override = aside(cosigned_by=SOMEBODY_ELSE, cosigner_roles=(Role.CLINICIAN,))
    assert decide(gate(signed_twice), facts(), [override]).met


def test_an_override_of_what_is_met_anyway_changes_nothing():
    mild = {"phq9": (reading(3, days(1)),)}
    result = decide(gate(asked(PHQ9_MILD, **OPEN_TO_SUPERVISOR)), facts(readings=mild), [aside()])
    assert result.criteria[0].set_aside is None


# The record

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 18)).map(lambda at: at.replace(tzinfo=UTC))
some_readings = st.lists(st.builds(Reading, st.uuids(), moments, st.none() | st.integers(0, 27)), max_size=5).map(tuple)
some_facts = st.builds(
    GateFacts,
    as_of=st.just(NOW),
    zone=st.just(ZONE),
    phase_entered_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 18)),
    readings=st.fixed_dictionaries({"phq9": some_readings, "cows": some_readings}),
    flags=st.lists(
        st.builds(OpenFlag, st.uuids(), st.sampled_from(Severity), st.text(min_size=1, max_size=20), moments),
        max_size=2,
    ).map(tuple),
    attestations=st.lists(
        st.builds(Attested, st.uuids(), st.just("plan"), st.sampled_from(Role), st.text(max_size=9), moments),
        max_size=2,
    ).map(tuple),
)
WHOLE = gate(
    asked(AllOf("Intake"), "intake", children=(asked(AssessmentDone("phq9", 30), "a"), asked(COWS_SETTLED, "b"))),
    asked(PHQ9_MILD, "mood", **OPEN_TO_SUPERVISOR),
    asked(NoOpenSafetyFlag(Severity.URGENT), "flags"),
    asked(PLAN, "plan"),
    asked(AtLeast(1), "one", children=(asked(DaysInPhase(5), "c"), asked(AssessmentDone("local_form", 5), "d"))),
)


@settings(max_examples=40)
@given(some_facts, st.booleans())
def test_a_record_is_plain_json_and_gives_the_same_decision_back(known, set_aside):
    decision = decide(WHOLE, known, [aside("mood")] if set_aside else [])
    record = json.loads(json.dumps(as_record(decision)))
    assert from_record(record) == decision


@settings(max_examples=40)
@given(some_facts, st.sampled_from(["en", "es"]))
def test_every_decision_can_be_said_in_both_languages(known, language):
    for result in decide(WHOLE, known).criteria:
        said = [result.sentence, result.found, *(each.sentence for each in result.evidence)]
        assert all(say(each, language) for each in said)
        assert (result.next_step is None) == (result.state is State.MET)
        assert result.next_step is None or say(result.next_step, language)


@settings(max_examples=40)
@given(some_facts)
def test_the_evaluator_never_calls_met_what_it_says_lapsed_before_today(known):
    for result in decide(WHOLE, known).criteria:
        assert result.lapses_on is None or result.lapses_on >= known.today


# Reading a gate


def read(*criteria: dict) -> tuple[Gate, list[tuple[str, str]]]:
    problems = []
    result = read_gate(Fields({"title": "T", "criteria": list(criteria)}, "exit", problems), "exit")
    return result, [(each.path, each.sentence.code.rsplit(".", 1)[1]) for each in problems]


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
