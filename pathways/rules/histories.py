"""The history of an enrollment, read again from its first move: where it stands, and what time was spent where.

Status, phase and stays of an enrollment are projections of its transitions (decisions.md 9). These rules are the
projection: what is stored must be what they give.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pathways.rules.moves import ENDED, OPENINGS, TO_A_PHASE, EnrollmentStatus, MoveKind
from pathways.rules.phases import can_start

ENTERS = TO_A_PHASE | {MoveKind.ADOPT_VERSION}
OPENS = OPENINGS | {MoveKind.PROPOSE, MoveKind.WAITLIST}


class BrokenHistory(ValueError):
    """A move that does not begin where the one before it ended: it can never have been made."""


@dataclass(frozen=True, slots=True)
class Step:
    """A transition as history keeps it, in the order recorded. `reverses` is the move a reversal undoes."""

    public_id: UUID
    kind: MoveKind
    from_status: EnrollmentStatus
    to_status: EnrollmentStatus
    from_phase: str | None
    to_phase: str | None
    effective_at: datetime
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """Time in a phase; `ended_at` None while it lasts."""

    phase: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an enrollment stands, and the stays that led there."""

    status: EnrollmentStatus
    phase: str | None
    stays: tuple[Spent, ...]


def replay(history: Sequence[Step]) -> Standing:
    """The state after every move, in the order recorded.

    Raises BrokenHistory where a history does not begin with an opening, where a move begins where the enrollment did
    not stand, cannot begin there at all or takes effect before the one it follows, and where a reversal undoes anything
    but the newest move that stands; ValueError for no history.
    """
    if not history:
        raise ValueError("an enrollment has at least the move that opened it")
    standing = _opened(history[0])
    made = [(history[0], standing)]  # the moves that stand, each with what stood before it
    for step in history[1:]:
        if (standing.status, standing.phase) != (step.from_status, step.from_phase):
            raise BrokenHistory(f"{step.kind} began at {step.from_status}, {step.from_phase}, but stood at {standing}")
        if step.kind is MoveKind.REVERSE:
            standing = _undone(step, made)
        else:
            before, standing = standing, _after(standing, step, made[-1][0])
            made.append((step, before))
    return standing


def _opened(step: Step) -> Standing:
    if step.kind not in OPENS or step.from_phase is not None:
        raise BrokenHistory(f"{step.kind} opens no enrollment")
    return Standing(step.to_status, step.to_phase, tuple(_stays((), step)))


def _after(here: Standing, step: Step, before: Step) -> Standing:
    if not can_start(step.kind, here.status):
        raise BrokenHistory(f"{step.kind} cannot begin at {here.status}")
    if step.effective_at < before.effective_at:
        raise BrokenHistory(f"{step.kind} took effect before the {before.kind} it follows")
    return Standing(step.to_status, step.to_phase, tuple(_stays(here.stays, step)))


def _undone(step: Step, made: list[tuple[Step, Standing]]) -> Standing:
    if len(made) == 1 or made[-1][0].public_id != step.reverses:
        raise BrokenHistory("a reversal of something else than the newest move that stands")
    restored = made.pop()[1]
    if (restored.status, restored.phase) != (step.to_status, step.to_phase):
        raise BrokenHistory(f"a reversal led to {step.to_status}, {step.to_phase} instead of {restored}")
    return restored


def _stays(stays: Iterable[Spent], step: Step) -> list[Spent]:
    found = list(stays)
    enters = step.kind in ENTERS and step.to_phase is not None
    if enters and step.kind is MoveKind.ADOPT_VERSION and step.from_phase == step.to_phase:
        return found
    if (enters or step.to_status in ENDED) and found and found[-1].ended_at is None:
        found[-1] = replace(found[-1], ended_at=step.effective_at)
    if enters and step.to_phase is not None:
        found.append(Spent(step.to_phase, step.effective_at))
    return found
