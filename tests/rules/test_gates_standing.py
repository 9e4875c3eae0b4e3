"""Days in a phase, open safety flags, and what people confirmed by name."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from clinic.rules.roles import Role
from pathways.rules.gates import Attested, OpenFlag, State
from pathways.rules.gates.kinds import Attestation, DaysInPhase, NoOpenSafetyFlag
from patients.rules.instruments import Severity
from tests.rules.gate_ground import NOW, days, entered, found


def test_the_day_of_entry_is_day_nought():
    result = found(DaysInPhase(1), entered(date(2026, 6, 18)))
    assert (result.state, result.earliest) == (State.UNMET, date(2026, 6, 19))


def test_days_in_phase_are_met_on_the_day_itself_and_never_lapse():
    result = found(DaysInPhase(56), entered(date(2026, 4, 23)))
    assert (result.state, result.lapses_on) == (State.MET, None)


def test_nobody_has_days_in_a_phase_before_admission():
    assert found(DaysInPhase(1)).state is State.MISSING


def test_an_open_flag_of_that_severity_or_worse_stands_in_the_way():
    flags = tuple(OpenFlag(UUID(int=n), each, each.value, NOW) for n, each in enumerate(Severity))
    result = found(NoOpenSafetyFlag(Severity.URGENT), *flags)
    assert result.state is State.UNMET
    assert [each.public_id.int for each in result.evidence] == [3, 2]


def test_a_lesser_flag_does_not():
    flags = (OpenFlag(UUID(int=1), Severity.WARNING, "Craving high", NOW),)
    assert found(NoOpenSafetyFlag(Severity.URGENT), *flags).state is State.MET


def agreed(role: Role = Role.COUNSELOR, ago: timedelta = timedelta(days=1), key: str = "plan") -> Attested:
    return Attested(UUID(int=5), key, role, "Ada Sandbox", NOW - ago)


PLAN = Attestation("plan", "Treatment plan agreed", (Role.COUNSELOR, Role.CLINICIAN), 30)


def test_an_attestation_holds_for_its_days():
    assert (
        found(
            PLAN,
            agreed(
                ago=days(30),
            ),
        ).state
        is State.MET
    )
    assert (
        found(
            PLAN,
            agreed(
                ago=days(31),
            ),
        ).state
        is State.EXPIRED
    )


def test_an_attestation_by_another_role_or_of_another_thing_does_not_count():
    assert found(PLAN, agreed(Role.FRONT_DESK), agreed(key="other")).state is State.MISSING


def test_an_attestation_without_a_limit_never_lapses():
    result = found(
        replace(PLAN, valid_days=None),
        agreed(
            ago=days(900),
        ),
    )
    assert (result.state, result.lapses_on) == (State.MET, None)
