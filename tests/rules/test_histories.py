"""A history read again: where an enrollment stands, and what time was spent where, follows from its moves alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.histories import BrokenHistory, Spent, Standing, Step, replay
from pathways.rules.moves import ENDED, RUNNING, EnrollmentStatus, MoveKind
from pathways.rules.phases import NOT_REVERSIBLE, can_start

BEGAN = datetime(2026, 3, 2, 14, tzinfo=UTC)
DAY = timedelta(days=1)
S, K = EnrollmentStatus, MoveKind
OPENED = (K.ADMIT, S.PROPOSED, S.ACTIVE, None, "first")
PHASES = ("first", "second", "third")

Row = tuple[MoveKind, EnrollmentStatus, EnrollmentStatus, str | None, str | None]


def history(*rows: Row) -> list[Step]:
    """One move a day."""
    return [Step(UUID(int=n + 1), *row, BEGAN + n * DAY) for n, row in enumerate(rows)]


def then(steps: list[Step], kind: MoveKind, to: EnrollmentStatus, phase: str | None, **given: object) -> list[Step]:
    """The history with one more move, which begins where it stands, a day later."""
    here, number = replay(steps), len(steps)
    step = Step(UUID(int=number + 1), kind, here.status, to, here.phase, phase, BEGAN + number * DAY)
    return [*steps, replace(step, **given)]


def undone(steps: list[Step], number: int = -1) -> list[Step]:
    """The history with one of its moves reversed, the newest unless said otherwise."""
    wrong = steps[number]
    return then(steps, K.REVERSE, wrong.from_status, wrong.from_phase, reverses=wrong.public_id)


def in_second() -> list[Step]:
    return then(history(OPENED), K.ADVANCE, S.ACTIVE, "second")


def test_an_admission_begins_a_stay() -> None:
    assert replay(history(OPENED)) == Standing(S.ACTIVE, "first", (Spent("first", BEGAN),))


def test_who_was_proposed_or_waits_is_in_no_phase() -> None:
    waiting = history((K.PROPOSE, S.PROPOSED, S.PROPOSED, None, None))
    assert replay(waiting) == Standing(S.PROPOSED, None, ())
    admitted = then(then(waiting, K.WAITLIST, S.WAITLISTED, None), K.ADMIT, S.ACTIVE, "first")
    assert replay(admitted) == Standing(S.ACTIVE, "first", (Spent("first", BEGAN + 2 * DAY),))


def test_a_move_on_ends_one_stay_and_begins_the_next() -> None:
    stays = (Spent("first", BEGAN, BEGAN + DAY), Spent("second", BEGAN + DAY))
    assert replay(in_second()) == Standing(S.ACTIVE, "second", stays)


def test_a_step_back_is_a_stay_of_its_own() -> None:
    stays = replay(then(in_second(), K.STEP_BACK, S.ACTIVE, "first")).stays
    assert [each.phase for each in stays] == ["first", "second", "first"]


def test_a_hold_and_a_change_of_site_let_the_stay_go_on() -> None:
    held = then(in_second(), K.HOLD, S.ON_HOLD, "second")
    resumed = then(held, K.RESUME, S.ACTIVE, "second")
    elsewhere = then(resumed, K.TRANSFER, S.ACTIVE, "second")
    assert replay(held).stays == replay(resumed).stays == replay(elsewhere).stays == replay(in_second()).stays


def test_an_end_closes_the_stay() -> None:
    left = replay(then(in_second(), K.DISCHARGE, S.LEFT, None))
    assert left == Standing(
        S.LEFT, None, (Spent("first", BEGAN, BEGAN + DAY), Spent("second", BEGAN + DAY, BEGAN + 2 * DAY))
    )


def test_a_version_adopted_in_the_same_phase_keeps_the_stay() -> None:
    assert replay(then(in_second(), K.ADOPT_VERSION, S.ACTIVE, "second")) == replay(in_second())


def test_a_version_adopted_in_another_phase_begins_a_stay() -> None:
    stays = replay(then(in_second(), K.ADOPT_VERSION, S.ACTIVE, "third")).stays
    assert stays[1:] == (Spent("second", BEGAN + DAY, BEGAN + 2 * DAY), Spent("third", BEGAN + 2 * DAY))


def test_a_reversal_restores_what_stood_before() -> None:
    for kind, status, phase in [
        (K.ADVANCE, S.ACTIVE, "third"),
        (K.STEP_BACK, S.ACTIVE, "first"),
        (K.HOLD, S.ON_HOLD, "second"),
        (K.DISCHARGE, S.COMPLETED, None),
    ]:
        assert replay(undone(then(in_second(), kind, status, phase))) == replay(in_second())


def test_reversals_go_back_one_move_after_the_other() -> None:
    twice = then(then(history(OPENED), K.ADVANCE, S.ACTIVE, "second"), K.HOLD, S.ON_HOLD, "second")
    once = undone(twice)
    assert replay(once) == replay(in_second())
    assert replay(undone(once, 1)) == replay(history(OPENED))


def test_after_a_reversal_another_day_may_be_right() -> None:
    """The discharge was two days earlier than the one that was undone, but not before the move it follows."""
    mistaken = undone(then(in_second(), K.DISCHARGE, S.LEFT, None))
    right = then(mistaken, K.DISCHARGE, S.LEFT, None, effective_at=BEGAN + DAY)
    assert replay(right).stays[-1] == Spent("second", BEGAN + DAY, BEGAN + DAY)


def test_no_history_is_no_enrollment() -> None:
    with pytest.raises(ValueError):
        replay([])


@pytest.mark.parametrize(
    "opening",
    [
        (K.ADVANCE, S.ACTIVE, S.ACTIVE, "first", "second"),
        (K.DISCHARGE, S.ACTIVE, S.LEFT, "first", None),
        (K.ADMIT, S.PROPOSED, S.ACTIVE, "first", "second"),
        (K.REVERSE, S.ACTIVE, S.ACTIVE, None, None),
    ],
)
def test_a_history_begins_with_an_opening(opening: Row) -> None:
    with pytest.raises(BrokenHistory):
        replay(history(opening))


BROKEN: dict[str, Callable[[], list[Step]]] = {
    "from another phase": lambda: then(in_second(), K.ADVANCE, S.ACTIVE, "third", from_phase="first"),
    "from another status": lambda: then(in_second(), K.RESUME, S.ACTIVE, "second", from_status=S.ON_HOLD),
    "a kind that cannot begin here": lambda: then(in_second(), K.RESUME, S.ACTIVE, "second"),
    "a move after the end": lambda: then(then(in_second(), K.DISCHARGE, S.LEFT, None), K.ADVANCE, S.ACTIVE, "third"),
    "before the move it follows": lambda: then(in_second(), K.HOLD, S.ON_HOLD, "second", effective_at=BEGAN),
    "a reversal of an older move": lambda: undone(then(in_second(), K.HOLD, S.ON_HOLD, "second"), 1),
    "a reversal of what is reversed": lambda: undone(undone(in_second()), 1),
    "a reversal of no move": lambda: then(in_second(), K.REVERSE, S.ACTIVE, "first"),
    "a reversal of the opening": lambda: undone(history(OPENED)),
    "a reversal that leads elsewhere": lambda: then(
        in_second(), K.REVERSE, S.ACTIVE, "third", reverses=in_second()[-1].public_id
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_chain_that_breaks_is_refused(broken: Callable[[], list[Step]]) -> None:
    with pytest.raises(BrokenHistory):
        replay(broken())


@st.composite
def courses(draw: st.DrawFn) -> list[Step]:
    """Any history that can be made: each move begins where the one before it led, or undoes the newest that stands."""
    steps = history(draw(st.sampled_from([OPENED, (K.PROPOSE, S.PROPOSED, S.PROPOSED, None, None)])))
    stands = list(steps)
    for _ in range(draw(st.integers(0, 12))):
        here = replay(steps)
        kinds = [kind for kind in K if kind is not K.READMIT and can_start(kind, here.status)]
        kind = draw(st.sampled_from(kinds))
        if kind is not K.REVERSE:
            steps = then(steps, kind, *leads_to(draw, kind, here))
            stands.append(steps[-1])
        elif len(stands) > 1 and stands[-1].kind not in NOT_REVERSIBLE:
            wrong = stands.pop()
            steps = then(steps, kind, wrong.from_status, wrong.from_phase, reverses=wrong.public_id)
    return steps


def leads_to(draw: st.DrawFn, kind: MoveKind, here: Standing) -> tuple[EnrollmentStatus, str | None]:
    if kind in (K.ADMIT, K.ADVANCE, K.STEP_BACK):
        return S.ACTIVE, draw(st.sampled_from([each for each in PHASES if each != here.phase]))
    if kind is K.ADOPT_VERSION:
        return here.status, here.phase and draw(st.sampled_from(PHASES))
    ends = {K.DISCHARGE: S.COMPLETED, K.TRANSFER: S.LEFT}
    if kind in ends:
        return ends[kind], None
    return {K.HOLD: S.ON_HOLD, K.RESUME: S.ACTIVE, K.WAITLIST: S.WAITLISTED}[kind], here.phase


@given(courses())
def test_stays_follow_each_other_and_the_last_is_open_while_it_runs(steps: list[Step]) -> None:
    found = replay(steps)
    assert all(one.ended_at is not None and one.ended_at <= two.started_at for one, two in pairwise(found.stays))
    assert [each.ended_at for each in found.stays].count(None) == (found.status in RUNNING)
    if found.status in RUNNING:
        assert found.stays[-1].phase == found.phase
    if found.status in ENDED:
        assert found.phase is None


@given(courses())
def test_every_part_of_a_history_is_a_history(steps: list[Step]) -> None:
    for number in range(1, len(steps) + 1):
        found = replay(steps[:number])
        assert (found.status, found.phase) == (steps[number - 1].to_status, steps[number - 1].to_phase)


@given(courses())
def test_undoing_the_newest_move_gives_what_stood_before_it(steps: list[Step]) -> None:
    newest = steps[-1]
    if len(steps) > 1 and newest.kind is not K.REVERSE:
        assert replay(undone(steps)) == replay(steps[:-1])


@given(courses(), st.data())
def test_a_history_that_lost_a_move_is_noticed(steps: list[Step], data: st.DataObject) -> None:
    """One that changed where somebody stands, and was followed by another."""
    changing = [
        number
        for number, each in enumerate(steps[:-1])
        if number and (each.from_status, each.from_phase) != (each.to_status, each.to_phase)
    ]
    if changing:
        lost = data.draw(st.sampled_from(changing))
        with pytest.raises(BrokenHistory):
            replay(steps[:lost] + steps[lost + 1 :])
