"""Moves between phases: which are possible, who may make them, and when they may take effect."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.programs.library import shipped
from pathways.rules.moves import ENDED, OPEN, REASONS, WITHOUT_RULE, DischargeReason, EnrollmentStatus, MoveKind
from pathways.rules.phases import (
    NOT_REVERSIBLE,
    STATUS_TABLE,
    MoveNotAllowed,
    PastMove,
    allowed_moves,
    can_start,
    check_move,
    check_times,
    next_phase,
    next_status,
    reversible,
)
from pathways.rules.programs import GateSide, ProgramDocument

NOW = datetime(2026, 6, 18, 15, 0, tzinfo=UTC)
STABILIZATION, THERAPY, AFTERCARE = "assessment-and-stabilization", "behavioral-therapy", "aftercare"
ACTIVE, ON_HOLD, PROPOSED = EnrollmentStatus.ACTIVE, EnrollmentStatus.ON_HOLD, EnrollmentStatus.PROPOSED


def program() -> ProgramDocument:
    return next(each.program for each in shipped() if each.name == "kratom-outpatient")


def moved(kind: MoveKind, phase: str | None = STABILIZATION, status: EnrollmentStatus = ACTIVE, **more: object):
    given = {"roles": [Role.CLINICIAN], **more}
    return check_move(program(), status=status, phase_key=phase, kind=kind, **given)


def problem(kind: MoveKind, *args: object, **more: object) -> tuple[str, str, int]:
    with pytest.raises(MoveNotAllowed) as error:
        moved(kind, *args, **more)
    assert say(error.value.sentence, "en")
    assert say(error.value.sentence, "es")
    return error.value.sentence.code.removeprefix("phase.refused."), error.value.field, error.value.status


# Status


@pytest.mark.parametrize(
    ("kind", "status", "leads_to"),
    [
        (MoveKind.ADMIT, PROPOSED, ACTIVE),
        (MoveKind.ADMIT, EnrollmentStatus.WAITLISTED, ACTIVE),
        (MoveKind.ADVANCE, ACTIVE, ACTIVE),
        (MoveKind.STEP_BACK, ACTIVE, ACTIVE),
        (MoveKind.HOLD, ACTIVE, ON_HOLD),
        (MoveKind.RESUME, ON_HOLD, ACTIVE),
        (MoveKind.TRANSFER, ON_HOLD, EnrollmentStatus.LEFT),
        (MoveKind.READMIT, EnrollmentStatus.LEFT, ACTIVE),
        (MoveKind.ADOPT_VERSION, ON_HOLD, ON_HOLD),
    ],
)
def test_each_move_leads_from_a_status_to_a_status(kind, status, leads_to):
    assert next_status(kind, status) is leads_to


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (MoveKind.ADVANCE, ON_HOLD),
        (MoveKind.ADVANCE, PROPOSED),
        (MoveKind.ADMIT, ACTIVE),
        (MoveKind.RESUME, ACTIVE),
        (MoveKind.HOLD, ON_HOLD),
        (MoveKind.DISCHARGE, EnrollmentStatus.COMPLETED),
        (MoveKind.READMIT, ACTIVE),
        (MoveKind.STEP_BACK, EnrollmentStatus.LEFT),
    ],
)
def test_no_move_starts_where_the_table_does_not_say_so(kind, status):
    with pytest.raises(MoveNotAllowed, match=r"phase\.refused\.status"):
        next_status(kind, status)


def test_only_completing_completes_and_only_what_was_running():
    assert next_status(MoveKind.DISCHARGE, ACTIVE, reason=DischargeReason.COMPLETED) is EnrollmentStatus.COMPLETED
    assert next_status(MoveKind.DISCHARGE, ACTIVE, reason=DischargeReason.LOST_CONTACT) is EnrollmentStatus.LEFT
    assert next_status(MoveKind.DISCHARGE, PROPOSED, reason=DischargeReason.COMPLETED) is EnrollmentStatus.LEFT


def test_a_reversal_goes_back_to_the_status_before():
    assert next_status(MoveKind.REVERSE, EnrollmentStatus.LEFT, before=ON_HOLD) is ON_HOLD


def test_a_discharge_without_reason_and_a_reversal_without_a_before_are_errors():
    with pytest.raises(ValueError, match="reason"):
        next_status(MoveKind.DISCHARGE, ACTIVE)
    with pytest.raises(ValueError, match="before"):
        next_status(MoveKind.REVERSE, ACTIVE)


def test_every_kind_of_move_stands_in_the_table():
    assert set(STATUS_TABLE) == set(MoveKind)


def test_every_status_is_open_or_ended():
    assert set(EnrollmentStatus) == OPEN | ENDED
    assert not OPEN & ENDED


walks = st.lists(st.sampled_from(sorted(set(MoveKind) - {MoveKind.REVERSE})), max_size=12)


@given(st.sampled_from([PROPOSED, EnrollmentStatus.WAITLISTED]), walks, st.sampled_from(DischargeReason))
def test_every_reachable_state_of_an_enrollment_has_a_legal_way_out(start, walk, reason):
    document = program()
    status, phase = start, None
    for kind in walk:
        steps = [each for each in allowed_moves(document, status, phase, Role) if each.kind is kind]
        if not steps:
            continue
        status = next_status(kind, status, reason=reason)
        phase = steps[0].to_phase or phase
        ways = {each.kind for each in allowed_moves(document, status, phase, Role)}
        assert ways & ({MoveKind.READMIT} if status in ENDED else {MoveKind.DISCHARGE})


# Between phases


def test_the_next_phase_follows_the_way_on():
    keys = [None, STABILIZATION, THERAPY, AFTERCARE]
    following = [next_phase(program(), key) for key in keys]
    assert [each.key if each else None for each in following] == [STABILIZATION, THERAPY, AFTERCARE, None]


def test_an_advance_names_the_phases_and_the_gate_to_be_decided():
    move = moved(MoveKind.ADVANCE, THERAPY)
    assert (move.from_phase, move.to_phase, move.gate) == (THERAPY, AFTERCARE, (GateSide.EXIT, GateSide.ENTRY))


def test_a_phase_cannot_be_skipped():
    assert problem(MoveKind.ADVANCE, to_phase=AFTERCARE)[0] == "no_way"


def test_a_phase_that_does_not_exist_is_bad_input():
    assert problem(MoveKind.ADVANCE, to_phase="paradise") == ("unknown_phase", "to_phase", 422)


def test_the_last_phase_has_no_way_on():
    assert problem(MoveKind.ADVANCE, AFTERCARE)[0] == "no_rule"


def test_a_role_that_may_not_move_a_patient_is_told_who_may():
    assert problem(MoveKind.ADVANCE, roles=[Role.FRONT_DESK]) == ("role", "", 403)


def test_a_person_with_several_roles_may_what_one_of_them_may():
    assert moved(MoveKind.ADVANCE, roles=[Role.FRONT_DESK, Role.NURSE]).to_phase == THERAPY


def test_a_step_back_needs_a_reason_and_no_gate():
    assert problem(MoveKind.STEP_BACK, THERAPY) == ("reason_missing", "reason", 422)
    assert moved(MoveKind.STEP_BACK, THERAPY, reason="return_to_use").gate == ()


def test_a_reason_of_another_move_is_bad_input():
    assert problem(MoveKind.STEP_BACK, THERAPY, reason="completed") == ("reason", "reason", 422)


def test_the_reason_may_tell_which_phase_is_meant():
    assert moved(MoveKind.STEP_BACK, AFTERCARE, reason="withdrawal_signs").to_phase == STABILIZATION


def test_where_two_phases_are_possible_one_must_be_named():
    assert problem(MoveKind.STEP_BACK, AFTERCARE, reason="return_to_use") == ("which_phase", "to_phase", 422)
    assert moved(MoveKind.STEP_BACK, AFTERCARE, reason="return_to_use", to_phase=THERAPY).to_phase == THERAPY


def test_completing_goes_through_the_last_gate_and_only_from_aftercare():
    assert moved(MoveKind.DISCHARGE, AFTERCARE, reason="completed").gate == (GateSide.EXIT,)
    assert problem(MoveKind.DISCHARGE, THERAPY, reason="completed")[0] == "reason"


def test_leaving_goes_through_no_gate_from_any_phase_and_from_the_waitlist():
    for phase, status in ((THERAPY, ACTIVE), (STABILIZATION, ON_HOLD), (None, EnrollmentStatus.WAITLISTED)):
        assert moved(MoveKind.DISCHARGE, phase, status, reason="chose_to_leave").gate == ()


def test_ending_by_the_clinic_takes_words_of_its_own():
    assert problem(MoveKind.DISCHARGE, reason="ended_by_clinic") == ("note", "note", 422)
    assert moved(MoveKind.DISCHARGE, reason="ended_by_clinic", note="Moved to a higher level together.").needs_note


def test_a_hold_keeps_the_phase():
    assert moved(MoveKind.HOLD, THERAPY, reason="travel").to_phase is None


def test_an_ended_enrollment_can_be_readmitted_to():
    move = moved(MoveKind.READMIT, None, EnrollmentStatus.COMPLETED, to_phase=STABILIZATION)
    assert (move.to_phase, move.gate) == (STABILIZATION, (GateSide.ENTRY,))


def test_the_moves_offered_are_those_that_would_be_taken():
    offered = {each.kind for each in allowed_moves(program(), ACTIVE, THERAPY, [Role.COUNSELOR])}
    assert offered == {MoveKind.ADVANCE, MoveKind.STEP_BACK, MoveKind.HOLD, MoveKind.DISCHARGE}
    assert allowed_moves(program(), ACTIVE, THERAPY, [Role.FRONT_DESK]) == ()
    assert {each.kind for each in allowed_moves(program(), ON_HOLD, THERAPY, [Role.COUNSELOR])} == {
        MoveKind.RESUME,
        MoveKind.DISCHARGE,
    }


@given(st.sampled_from(EnrollmentStatus), st.sampled_from([None, STABILIZATION, THERAPY, AFTERCARE]),
       st.sets(st.sampled_from(Role)))  # fmt: skip
def test_whatever_is_offered_is_accepted(status, phase, roles):
    for move in allowed_moves(program(), status, phase, roles):
        assert can_start(move.kind, status)
        accepted = check_move(
            program(), status=status, phase_key=phase, kind=move.kind, roles=roles, to_phase=move.to_phase,
            reason=move.reasons[0] if move.reasons else None, note="In words.",
        )  # fmt: skip
        assert accepted == move


def test_every_reason_of_the_program_has_its_enumeration():
    for rule in program().transitions:
        assert all(REASONS[rule.kind](reason) for reason in rule.reasons)
        assert rule.kind not in WITHOUT_RULE


# When


def times(effective: timedelta, **more: object) -> None:
    given = {"opened_at": NOW - timedelta(days=10), "last_move_at": NOW - timedelta(days=3), **more}
    check_times(effective_at=NOW + effective, now=NOW, **given)


@pytest.mark.parametrize("effective", [timedelta(0), timedelta(hours=-1), timedelta(days=-3)])
def test_a_move_may_take_effect_between_the_last_one_and_now(effective):
    times(effective)


@pytest.mark.parametrize(
    ("effective", "code"),
    [(timedelta(seconds=1), "future"), (timedelta(days=-4), "before_last"), (timedelta(days=-11), "before_opening")],
)
def test_a_move_takes_no_effect_in_the_future_nor_before_what_went_before(effective, code):
    with pytest.raises(MoveNotAllowed) as error:
        times(effective)
    assert (error.value.sentence.code, error.value.field) == (f"phase.refused.{code}", "effective_at")
    assert error.value.status == 422


def test_the_refusal_tells_the_time_on_the_site_s_clock():
    with pytest.raises(MoveNotAllowed) as error:
        times(timedelta(days=-4), zone="America/New_York")
    assert "11:00" in say(error.value.sentence)


def test_a_time_without_zone_is_an_error():
    with pytest.raises(ValueError, match="zone"):
        check_times(effective_at=datetime(2026, 6, 1), now=NOW, opened_at=None, last_move_at=None)


# Reversal


def past(number: int, kind: MoveKind, **more: object) -> PastMove:
    return PastMove(UUID(int=number), kind, ACTIVE, ACTIVE, STABILIZATION, THERAPY, NOW, **more)


def test_the_newest_move_that_stands_is_the_one_reversed():
    admitted, advanced = past(1, MoveKind.ADMIT), past(2, MoveKind.ADVANCE)
    assert reversible([admitted, advanced]) is advanced
    undone = [admitted, replace(advanced, reversed=True), past(3, MoveKind.REVERSE)]
    assert reversible(undone) is admitted


def test_nothing_is_left_to_reverse_when_all_is_undone():
    with pytest.raises(MoveNotAllowed, match="nothing_to_reverse"):
        reversible([past(1, MoveKind.ADMIT, reversed=True)])


def test_an_adopted_version_is_not_reversed_this_way():
    assert MoveKind.ADOPT_VERSION in NOT_REVERSIBLE
    with pytest.raises(MoveNotAllowed, match="not_reversible"):
        reversible([past(1, MoveKind.ADMIT), past(2, MoveKind.ADOPT_VERSION)])
