"""Which move is possible, from where to where, and when it may take effect.

Two tables decide. STATUS_TABLE, here, is the same for every program: which kind of move leads from which status to
which. The transition rules of the program's document say between which phases, by which roles, with which reasons and
through which gate. A move must stand in both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.moves import (
    COMPLETING,
    ENDED,
    REASONS,
    TO_A_PHASE,
    WAITING,
    DischargeReason,
    EnrollmentStatus,
    MoveKind,
)
from pathways.rules.programs.document import GateSide, PhaseDef, ProgramDocument, TransitionRule

S = EnrollmentStatus

# kind -> (the statuses it starts from, the status it leads to; None: decided in `next_status`)
STATUS_TABLE: dict[MoveKind, tuple[frozenset[EnrollmentStatus], EnrollmentStatus | None]] = {
    MoveKind.PROPOSE: (frozenset(), S.PROPOSED),  # opens an enrollment, as a waitlisting may
    MoveKind.WAITLIST: (frozenset({S.PROPOSED}), S.WAITLISTED),
    MoveKind.ADMIT: (WAITING, S.ACTIVE),
    MoveKind.ADVANCE: (frozenset({S.ACTIVE}), S.ACTIVE),
    MoveKind.STEP_BACK: (frozenset({S.ACTIVE}), S.ACTIVE),
    MoveKind.HOLD: (frozenset({S.ACTIVE}), S.ON_HOLD),
    MoveKind.RESUME: (frozenset({S.ON_HOLD}), S.ACTIVE),
    MoveKind.DISCHARGE: (frozenset({S.PROPOSED, S.WAITLISTED, S.ACTIVE, S.ON_HOLD}), None),
    MoveKind.TRANSFER: (frozenset({S.ACTIVE, S.ON_HOLD}), S.LEFT),
    MoveKind.READMIT: (ENDED, S.ACTIVE),  # of the new enrollment; the ended one stays as it is (decisions.md 8)
    MoveKind.ADOPT_VERSION: (frozenset({S.PROPOSED, S.WAITLISTED, S.ACTIVE, S.ON_HOLD}), None),
    MoveKind.REVERSE: (frozenset(S), None),
}

# What opened an enrollment, an adoption or a reversal itself is not undone by a reversal.
NOT_REVERSIBLE = frozenset({MoveKind.PROPOSE, MoveKind.WAITLIST, MoveKind.REVERSE, MoveKind.ADOPT_VERSION})


class MoveNotAllowed(Exception):
    """A move that cannot be made: the sentence to show, the input it concerns, and whose business it is.

    field: "", or the name of the input · status: 403 role, 409 state, 422 input.
    """

    def __init__(self, said: Sentence, *, field: str = "", status: int = 409) -> None:
        self.sentence = said
        self.field = field
        self.status = status
        super().__init__(said.code)


@dataclass(frozen=True, slots=True)
class Move:
    """A move that stands in both tables. `gate` names the sides to be decided before it is made; empty: none."""

    kind: MoveKind
    from_phase: str | None
    to_phase: str | None
    status: EnrollmentStatus | None
    roles: tuple[Role, ...]
    reasons: tuple[str, ...]
    gate: tuple[GateSide, ...]
    needs_note: bool


@dataclass(frozen=True, slots=True)
class PastMove:
    """A transition already made, for deciding what may be reversed."""

    public_id: UUID
    kind: MoveKind
    from_status: EnrollmentStatus
    to_status: EnrollmentStatus
    from_phase: str | None
    to_phase: str | None
    effective_at: datetime
    reversed: bool = False


def can_start(kind: MoveKind, status: EnrollmentStatus) -> bool:
    """Whether a move of this kind can begin at this status."""
    return status in STATUS_TABLE[kind][0]


def next_status(
    kind: MoveKind,
    status: EnrollmentStatus,
    *,
    reason: DischargeReason | None = None,
    before: EnrollmentStatus | None = None,
) -> EnrollmentStatus:
    """The status a move leads to.

    A discharge completes an enrollment that was running if its reason does, else it is left. Adopting a version keeps
    the status. A reversal goes back to `before`, the status the reversed transition came from. Raises MoveNotAllowed
    where the kind cannot start here, ValueError where `reason` or `before` is wanting.
    """
    if not can_start(kind, status):
        raise MoveNotAllowed(sentence("phase.refused.status", kind=kind, status=status))
    leads_to = STATUS_TABLE[kind][1]
    if leads_to is not None:
        return leads_to
    if kind is MoveKind.ADOPT_VERSION:
        return status
    if kind is MoveKind.REVERSE:
        if before is None:
            raise ValueError("a reversal needs the status before")
        return before
    if reason is None:
        raise ValueError("a discharge needs its reason")
    return S.COMPLETED if reason in COMPLETING and status not in WAITING else S.LEFT


def next_phase(document: ProgramDocument, phase_key: str | None) -> PhaseDef | None:
    """The phase that comes next: where one is admitted to, or where the way on leads. None at the end."""
    kind = MoveKind.ADMIT if phase_key is None else MoveKind.ADVANCE
    for rule in document.transitions:
        if rule.kind is kind and rule.from_phase == phase_key and rule.to_phase is not None:
            return document.phase(rule.to_phase)
    return None


def allowed_moves(
    document: ProgramDocument, status: EnrollmentStatus, phase_key: str | None, roles: Iterable[Role]
) -> tuple[Move, ...]:
    """The moves somebody with these roles may make from here, in the order of the document. Gates are not asked."""
    held = set(roles)
    return tuple(
        move
        for rule in document.transitions
        if (move := _move(rule, status, phase_key)) is not None and not held.isdisjoint(rule.roles)
    )


def check_move(
    document: ProgramDocument,
    *,
    status: EnrollmentStatus,
    phase_key: str | None,
    kind: MoveKind,
    roles: Iterable[Role],
    to_phase: str | None = None,
    reason: str | None = None,
    note: str = "",
) -> Move:
    """The move that is meant, if it may be made. Raises MoveNotAllowed: wrong status or phase, role, reason or note.

    Reversal and adoption of a version follow no rule of the program; ask `next_status` and `reversible` for those.
    """
    if not can_start(kind, status):
        raise MoveNotAllowed(sentence("phase.refused.status", kind=kind, status=status))
    _check_phase(document, to_phase)
    found = [
        (rule, move)
        for rule in document.transitions
        if rule.kind is kind
        and (move := _move(rule, status, phase_key)) is not None
        and to_phase in (None, move.to_phase)
    ]
    if not found:
        raise MoveNotAllowed(_no_way(document, kind, phase_key, to_phase))
    held = set(roles)
    permitted = [(rule, move) for rule, move in found if not held.isdisjoint(rule.roles)]
    if not permitted:
        wanted = tuple(dict.fromkeys(role for rule, _ in found for role in rule.roles))
        raise MoveNotAllowed(sentence("phase.refused.role", kind=kind, roles=wanted), status=403)
    return _check_reason([move for _, move in permitted], kind, reason, note)


def check_times(
    *,
    effective_at: datetime,
    now: datetime,
    opened_at: datetime | None,
    last_move_at: datetime | None,
    zone: str = "UTC",
) -> None:
    """A move takes effect neither in the future nor before what happened last.

    `opened_at`: when the enrollment began (admission, or the proposal before it); `last_move_at`: the effective time
    of its last transition that was not reversed; `zone`: the site's, in which the sentence tells the time. The same
    moment is allowed. Raises MoveNotAllowed, and ValueError for a time without zone.
    """
    if effective_at.tzinfo is None or now.tzinfo is None:
        raise ValueError("a moment needs its zone")
    if effective_at > now:
        raise MoveNotAllowed(sentence("phase.refused.future"), field="effective_at", status=422)
    if opened_at is not None and effective_at < opened_at:
        said = sentence("phase.refused.before_opening", at=opened_at.astimezone(ZoneInfo(zone)))
        raise MoveNotAllowed(said, field="effective_at", status=422)
    if last_move_at is not None and effective_at < last_move_at:
        said = sentence("phase.refused.before_last", at=last_move_at.astimezone(ZoneInfo(zone)))
        raise MoveNotAllowed(said, field="effective_at", status=422)


def reversible(history: Sequence[PastMove]) -> PastMove:
    """The transition a reversal would undo: the newest one that stands. `history` is in the order recorded.

    Raises MoveNotAllowed where nothing stands, or where what stands is not undone this way.
    """
    standing = [move for move in history if not move.reversed and move.kind is not MoveKind.REVERSE]
    if not standing:
        raise MoveNotAllowed(sentence("phase.refused.nothing_to_reverse"))
    if standing[-1].kind in NOT_REVERSIBLE:
        raise MoveNotAllowed(sentence("phase.refused.not_reversible", kind=standing[-1].kind))
    return standing[-1]


def _move(rule: TransitionRule, status: EnrollmentStatus, phase_key: str | None) -> Move | None:
    """The rule as a move from this status and phase, or None where it does not apply."""
    if not can_start(rule.kind, status):
        return None
    in_phase = phase_key is not None and status not in WAITING
    if rule.from_phase is not None and (rule.from_phase != phase_key or not in_phase):
        return None
    leads_to = STATUS_TABLE[rule.kind][1]
    to_phase = rule.to_phase if rule.kind in TO_A_PHASE else None
    return Move(
        rule.kind, phase_key if in_phase else None, to_phase, leads_to, rule.roles, rule.reasons, rule.gate,
        rule.needs_note,
    )  # fmt: skip


def _check_phase(document: ProgramDocument, to_phase: str | None) -> None:
    if to_phase is not None and document.find_phase(to_phase) is None:
        said = sentence("phase.refused.unknown_phase", phase=to_phase, program=document.program.title)
        raise MoveNotAllowed(said, field="to_phase", status=422)


def _check_reason(moves: Sequence[Move], kind: MoveKind, reason: str | None, note: str) -> Move:
    """The one move the reason belongs to, among rules that differ in their reasons (and so in their gates)."""
    fitting = [move for move in moves if not move.reasons or reason in move.reasons]
    if not fitting:
        allowed = [REASONS[kind](each) for move in moves for each in move.reasons]
        code = "phase.refused.reason_missing" if reason is None else "phase.refused.reason"
        raise MoveNotAllowed(sentence(code, reasons=allowed), field="reason", status=422)
    move = fitting[0]
    if len({each.to_phase for each in fitting}) > 1:
        raise MoveNotAllowed(sentence("phase.refused.which_phase"), field="to_phase", status=422)
    if move.needs_note and not note.strip():
        raise MoveNotAllowed(sentence("phase.refused.note"), field="note", status=422)
    return move


def _no_way(document: ProgramDocument, kind: MoveKind, phase_key: str | None, to_phase: str | None) -> Sentence:
    here = document.find_phase(phase_key) if phase_key else None
    there = document.find_phase(to_phase) if to_phase else None
    if here is None or there is None:
        return sentence("phase.refused.no_rule", kind=kind, program=document.program.title)
    return sentence("phase.refused.no_way", kind=kind, here=here.title, there=there.title)
