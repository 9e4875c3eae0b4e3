"""Follow-ups: what is owed after an event, how it ends, and what silence does."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.programs.library import shipped
from pathways.rules.follow_ups import (
    CONSEQUENCES,
    OUTCOMES,
    Anchor,
    CallResult,
    ExistingFollowUp,
    LadderFacts,
    Outcome,
    PlannedFollowUp,
    adaptive_months,
    first_step,
    may_decide,
    next_step,
    plan,
    replan,
    rules_for,
    step_after_call,
    still_to_come,
)
from pathways.rules.programs import (
    AdaptiveMonths,
    AnchorKind,
    ContactMode,
    Every,
    FollowUpRule,
    Ladder,
    Offsets,
    ProgramDocument,
    Purpose,
    Rung,
    RungKind,
    Schedule,
)

ZONE = "America/New_York"
EVENT = UUID(int=77)
MONDAY = date(2026, 3, 2)
NOW = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)


def rule(schedule: Schedule, key: str = "check-in", **more: object) -> FollowUpRule:
    given = {
        "title": "Check-in", "anchor": AnchorKind.DISCHARGE, "phases": (), "at": time(10, 0), "window_days": 1,
        "purpose": Purpose.CHECK_IN, "mode": ContactMode.PHONE, "instrument": None, "template": "follow_up.check_in",
        "ladder": "contact", "owner": Role.COUNSELOR, "source": "local default", **more,
    }  # fmt: skip
    return FollowUpRule(rule_key=key, schedule=schedule, **given)


def anchor(kind: AnchorKind = AnchorKind.DISCHARGE, on: date = MONDAY, **more: object) -> Anchor:
    return Anchor(kind, EVENT, on, **{"known_on": on, **more})


def stands(planned: PlannedFollowUp, **more: object) -> ExistingFollowUp:
    return ExistingFollowUp(
        uuid5(EVENT, f"{planned.rule_key}{planned.occurrence}"), planned.rule_key, planned.anchor_event_id,
        planned.occurrence, planned.due_on, planned.due_time, planned.zone, **more,
    )  # fmt: skip


def due_days(*rules: FollowUpRule, **more: object) -> list[date]:
    return [each.due_on for each in plan(rules, anchor(), (), ZONE, **more)]


def program() -> ProgramDocument:
    return next(each.program for each in shipped() if each.name == "kratom-outpatient")


# Planning


def test_contacts_fall_on_their_days_after_the_event():
    assert due_days(rule(Offsets((2, 7, 14, 30)))) == [
        date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16), date(2026, 4, 1),
    ]  # fmt: skip


def test_the_wall_time_stays_when_the_clock_changes():
    before, after = plan([rule(Offsets((2, 7)))], anchor(), (), ZONE)
    assert (before.due_at.hour, after.due_at.hour) == (15, 14)
    assert before.due_time == after.due_time == time(10, 0)


def test_a_time_the_clock_jumps_over_becomes_the_next_valid_minute():
    (contact,) = plan([rule(Offsets((6,)), at=time(2, 30))], anchor(), (), ZONE)
    assert contact.due_at == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_recurrence_with_an_end_stops_there():
    assert due_days(rule(Every(7, 1, 57)))[-1] == date(2026, 4, 28)
    assert len(due_days(rule(Every(7, 1, 57)))) == 9


def test_a_recurrence_without_an_end_is_planned_ahead_and_no_farther():
    assert due_days(rule(Every(7, 7, None)), through=date(2026, 3, 23)) == [
        date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23),
    ]  # fmt: skip


def test_planning_on_continues_the_count():
    weekly = [rule(Every(7, 7, None))]
    first = plan(weekly, anchor(), (), ZONE, through=date(2026, 3, 23))
    more = plan(weekly, anchor(), [stands(each) for each in first], ZONE, through=date(2026, 4, 6))
    changes = replan([stands(each) for each in first], more)
    assert [each.occurrence for each in changes.to_create] == [4, 5]
    assert not changes.to_cancel


def test_a_nearer_horizon_takes_nothing_back():
    weekly = [rule(Every(7, 7, None))]
    far = [stands(each) for each in plan(weekly, anchor(), (), ZONE, through=date(2026, 6, 1))]
    assert replan(far, plan(weekly, anchor(), far, ZONE, through=date(2026, 3, 10))).nothing_to_do


def test_a_phase_entry_sets_off_the_rules_of_its_phase_only():
    document = program()
    keys = {each.rule_key for each in rules_for(document, AnchorKind.PHASE_ENTRY, "behavioral-therapy")}
    assert keys == {"therapy-weekly-check-in", "therapy-bam", "therapy-mood", "therapy-screen"}
    entered = anchor(AnchorKind.PHASE_ENTRY, phase="behavioral-therapy")
    assert {each.rule_key for each in plan(document.follow_ups, entered, (), ZONE)} == keys


def test_after_a_discharge_the_7_day_contact_lies_in_the_7_day_window():
    planned = plan(program().follow_ups, anchor(), (), ZONE)
    visit = next(each for each in planned if each.rule_key == "after-discharge-visit")
    assert visit.mode is ContactMode.IN_PERSON
    assert date(2026, 3, 3) <= visit.due_on <= visit.last_day <= date(2026, 3, 9)


def test_what_nobody_could_have_kept_is_not_planned():
    late = anchor(known_on=MONDAY + timedelta(days=9))
    assert [each.occurrence for each in plan([rule(Offsets((2, 7, 8, 14)))], late, (), ZONE)] == [3, 4]


def test_what_was_due_already_is_neither_moved_nor_taken_away_by_another_plan():
    before = plan([rule(Offsets((2, 20)))], anchor(), (), ZONE)
    there = [stands(each) for each in before]
    other = plan([rule(Offsets((3, 21)))], anchor(), there, ZONE)
    between = before[0].due_at + timedelta(days=1)
    change = still_to_come(replan(there, other), between)
    assert [old.occurrence for old, _ in change.to_move] == [2]
    assert not still_to_come(replan(there, ()), before[1].due_at).to_cancel


# Recovery check-ups


def months(needs: dict[int, bool], for_months: int = 24, first: int = 1) -> list[int]:
    return [month for _, month in adaptive_months(needs, for_months, first)]


def test_checkups_without_need_grow_apart():
    assert months({}) == [1, 2, 4, 7, 11, 16, 22]


def test_a_checkup_with_need_brings_the_next_one_after_a_month():
    assert months({3: True}) == [1, 2, 4, 5, 7, 10, 14, 19]


def test_lasting_need_keeps_them_monthly():
    assert months(dict.fromkeys(range(1, 30), True)) == list(range(1, 25))


def test_checkups_may_begin_with_the_second_month():
    assert months({}, first=2) == [2, 4, 7, 11, 16, 22]


@given(st.dictionaries(st.integers(1, 24), st.booleans()), st.integers(1, 2))
def test_there_are_always_at_least_five_checkups_in_two_years(needs, first):
    planned = months(needs, first=first)
    assert len(planned) >= 5
    assert all(earlier < later for earlier, later in pairwise(planned))


def test_found_need_moves_the_checkups_that_are_still_open():
    adaptive = [rule(AdaptiveMonths(24))]
    first = plan(adaptive, anchor(), (), ZONE)
    done = {1: {"outcome": Outcome.REACHED}, 2: {"outcome": Outcome.REACHED, "need": True}}
    existing = [stands(each, **done.get(each.occurrence, {})) for each in first]
    changes = replan(existing, plan(adaptive, anchor(), existing, ZONE))
    assert changes.to_move[0][1].due_on == date(2026, 6, 2)
    assert len(changes.to_keep) == 2


# Planning again

schedules = st.one_of(
    st.lists(st.integers(0, 400), min_size=1, max_size=5, unique=True).map(lambda days: Offsets(tuple(sorted(days)))),
    st.builds(Every, st.integers(1, 60), st.integers(0, 60), st.none() | st.integers(1, 300)),
    st.builds(AdaptiveMonths, st.integers(1, 36), st.integers(1, 2)),
)
some_rules = st.lists(schedules, min_size=1, max_size=4).map(
    lambda found: [rule(each, f"rule-{number}") for number, each in enumerate(found)]
)
zones = st.sampled_from(["America/New_York", "America/Phoenix", "Australia/Lord_Howe", "Europe/London"])


@settings(max_examples=50)
@given(some_rules, st.dates(date(2024, 1, 1), date(2027, 12, 31)), zones, st.times())
def test_planning_twice_is_planning_once(rules, on, zone, at):
    rules = [replace(each, at=at.replace(second=0, microsecond=0, tzinfo=None)) for each in rules]
    first = plan(rules, anchor(on=on), (), zone)
    existing = [stands(each) for each in first]
    again = plan(rules, anchor(on=on), existing, zone)
    assert again == first
    assert replan(existing, again).nothing_to_do
    assert len({each.key for each in first}) == len(first)


@settings(max_examples=50)
@given(some_rules, some_rules, st.data())
def test_replanning_then_replanning_changes_nothing_more(before, after, data):
    outcomes = st.none() | st.sampled_from(Outcome)
    existing = [stands(each, outcome=data.draw(outcomes)) for each in plan(before, anchor(), (), ZONE)]
    planned = plan(after, anchor(), existing, ZONE)
    changes = replan(existing, planned)
    gone, moving = set(changes.to_cancel), {old.key: new for old, new in changes.to_move}
    assert all(each.outcome is None for each in gone)
    left = [stands(moving[each.key]) if each.key in moving else each for each in existing if each not in gone]
    left += [stands(each) for each in changes.to_create]
    assert replan(left, planned).nothing_to_do


def test_when_the_phase_ends_its_open_contacts_are_cancelled_and_the_rest_stays():
    first, second = (stands(each) for each in plan([rule(Offsets((2, 7)))], anchor(), (), ZONE))
    reached = replace(first, outcome=Outcome.REACHED)
    changes = replan([reached, second], ())
    assert (changes.to_cancel, changes.to_keep) == ((second,), (reached,))


def test_what_has_an_outcome_is_never_planned_twice():
    planned = plan([rule(Offsets((2,)))], anchor(), (), ZONE)
    for outcome in Outcome:
        assert replan([stands(planned[0], outcome=outcome)], planned).nothing_to_do


def test_what_a_person_moved_keeps_its_date():
    (planned,) = plan([rule(Offsets((2,)))], anchor(), (), ZONE)
    moved = replace(stands(planned, by_hand=True), due_on=date(2026, 3, 20))
    assert replan([moved], [planned]).nothing_to_do


def test_a_second_stay_plans_its_own_contacts():
    weekly = [rule(Offsets((2,)))]
    first = [stands(each) for each in plan(weekly, anchor(), (), ZONE)]
    second = plan(weekly, replace(anchor(), event_id=UUID(int=78)), first, ZONE)
    assert len(replan(first, [*plan(weekly, anchor(), first, ZONE), *second]).to_create) == 1


# Outcomes


def test_every_outcome_and_every_call_result_has_its_consequence():
    assert set(OUTCOMES) == set(Outcome)
    assert set(CONSEQUENCES) == set(CallResult)


def test_only_a_person_gives_up_on_somebody():
    assert may_decide(Outcome.UNREACHABLE, is_person=True)
    assert not may_decide(Outcome.UNREACHABLE, is_person=False)
    assert not OUTCOMES[Outcome.UNREACHABLE].by_job


def test_planning_alone_supersedes():
    assert OUTCOMES[Outcome.SUPERSEDED].by_job
    assert not may_decide(Outcome.SUPERSEDED, is_person=True)
    assert not may_decide(Outcome.SUPERSEDED, is_person=False)


def test_only_a_person_leaves_a_contact_for_the_next_one_and_only_where_there_is_one():
    assert may_decide(Outcome.RESCHEDULED, is_person=True)
    assert not may_decide(Outcome.RESCHEDULED, is_person=False)
    assert [each for each, rule in OUTCOMES.items() if rule.needs_next] == [Outcome.RESCHEDULED]


def test_reaching_somebody_ends_the_contact_and_no_answer_does_not():
    assert CONSEQUENCES[CallResult.REACHED].closes is Outcome.REACHED
    assert CONSEQUENCES[CallResult.DECLINED].closes is Outcome.DECLINED
    assert CONSEQUENCES[CallResult.NO_ANSWER].closes is None
    assert CONSEQUENCES[CallResult.LEFT_MESSAGE].climbs


def test_a_second_call_comes_at_another_hour_of_the_day():
    again = CONSEQUENCES[CallResult.NO_ANSWER].again_after_hours
    assert again % 24 != 0


# Ladder

LADDER = Ladder(
    "contact",
    "Contact",
    (
        Rung(RungKind.MESSAGE, 24),
        Rung(RungKind.SECOND_CHANNEL, 24),
        Rung(RungKind.SUPPORT_PERSON, 24),
        Rung(RungKind.STAFF_CALL, 72, tries=2),
        Rung(RungKind.SUPERVISOR, 72, role=Role.SUPERVISOR),
    ),
    "local default",
)


def step_after(waited: float, rung: int = 0, **more: object):
    known = LadderFacts(started_at=NOW - timedelta(hours=waited), **more)
    return next_step(LADDER, rung, known, NOW)


def test_a_follow_up_begins_with_the_first_rung_that_can_be_used():
    assert first_step(LADDER, LadderFacts(NOW)).kind is RungKind.MESSAGE
    assert first_step(LADDER, LadderFacts(NOW, can_message=False)).kind is RungKind.STAFF_CALL


def test_silence_waits_for_its_time_and_then_climbs():
    assert step_after(23.9).kind is RungKind.MESSAGE
    assert step_after(24).kind is RungKind.STAFF_CALL


def test_channels_and_people_that_may_not_be_used_are_passed_over():
    assert step_after(24, can_second_channel=True).kind is RungKind.SECOND_CHANNEL
    assert step_after(24, can_support_person=True).kind is RungKind.SUPPORT_PERSON


def test_a_message_that_came_to_nothing_is_not_waited_for_whichever_channel_it_was_for():
    assert step_after(1, came_to_nothing=True, can_second_channel=True).kind is RungKind.SECOND_CHANNEL
    assert step_after(1, rung=1, came_to_nothing=True, can_second_channel=True).kind is RungKind.STAFF_CALL


def test_a_later_try_that_was_chosen_holds_its_own_step_and_no_other():
    until = NOW + timedelta(hours=10)
    assert step_after(80, rung=3, patient_until=until).waits_until == until
    assert step_after(80, rung=3, patient_until=NOW).kind is RungKind.SUPERVISOR
    assert step_after(1, rung=3, tries=2, patient_until=until).waits_until == NOW + timedelta(hours=72)


def test_only_the_last_call_of_a_step_leads_on_at_once():
    known = LadderFacts(started_at=NOW - timedelta(hours=100), tries=1)
    assert step_after_call(LADDER, 0, known, NOW) is None
    assert step_after_call(LADDER, 3, known, NOW) is None
    assert step_after_call(LADDER, 3, replace(known, tries=2), NOW).kind is RungKind.SUPERVISOR
    assert step_after_call(LADDER, 4, replace(known, tries=9), NOW) is None


def test_an_answer_stops_the_ladder():
    assert step_after(500, answered=True) is None


def test_long_silence_climbs_rung_by_rung_each_from_the_end_of_the_one_before():
    step = step_after(50, can_second_channel=True)
    assert (step.kind, step.starts_at) == (RungKind.STAFF_CALL, NOW - timedelta(hours=2))


def test_two_calls_without_an_answer_hand_over_to_the_supervisor():
    assert step_after(1, rung=3, tries=1).kind is RungKind.STAFF_CALL
    step = step_after(1, rung=3, tries=2)
    assert (step.kind, step.role, step.starts_at) == (RungKind.SUPERVISOR, Role.SUPERVISOR, NOW)


def test_the_last_rung_stays_until_a_person_decides():
    assert step_after(10_000, rung=4).kind is RungKind.SUPERVISOR


def test_grace_gives_a_patient_more_time():
    assert step_after(30, grace_hours=12).kind is RungKind.MESSAGE


def test_a_rung_the_ladder_does_not_have_is_an_error():
    with pytest.raises(ValueError, match="no step"):
        step_after(1, rung=5)


def test_the_sentence_says_where_it_stands_and_what_silence_will_do():
    said = say(step_after(1, zone=ZONE).sentence)
    assert said == "Step 1 of 5: message. If there is no answer, next is call by staff, Fri 19 Jun 09:00."
    assert say(step_after(1, rung=4).sentence) == "Step 5 of 5: supervisor decides. A person decides."


@given(st.floats(0, 400), st.floats(0, 100), st.integers(0, 4), st.booleans(), st.booleans(), st.integers(0, 3))
def test_a_ladder_never_goes_down(waited, longer, rung, second, support, tries):
    known = {"can_second_channel": second, "can_support_person": support, "tries": tries}
    now, later = step_after(waited, rung, **known), step_after(waited + longer, rung, **known)
    assert rung <= now.rung <= later.rung
