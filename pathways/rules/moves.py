"""The words of a move: its kinds, the states of an enrollment, and the reasons people give.

Reasons are written person-first and become labels from the catalogue. The discharge reasons can be told apart as the
TEDS reasons need (completed; left; ended by the clinic; transferred; custody; death; other); which code a state's
profile gives each of them is that profile's table, never this one.
"""

from enum import StrEnum


class MoveKind(StrEnum):
    """What a transition does (model.md, Transition)."""

    PROPOSE = "propose"
    WAITLIST = "waitlist"
    ADMIT = "admit"
    ADVANCE = "advance"
    STEP_BACK = "step_back"
    HOLD = "hold"
    RESUME = "resume"
    DISCHARGE = "discharge"
    READMIT = "readmit"
    TRANSFER = "transfer"
    ADOPT_VERSION = "adopt_version"
    REVERSE = "reverse"


# These need no rule in the program: the permission table alone says who may.
WITHOUT_RULE = frozenset({MoveKind.PROPOSE, MoveKind.WAITLIST, MoveKind.ADOPT_VERSION, MoveKind.REVERSE})
# These open an enrollment, or let it begin.
OPENINGS = frozenset({MoveKind.ADMIT, MoveKind.READMIT})
# These change the phase, so a phase to go to must be named (or be the only one).
TO_A_PHASE = frozenset({MoveKind.ADMIT, MoveKind.ADVANCE, MoveKind.STEP_BACK, MoveKind.READMIT})


class EnrollmentStatus(StrEnum):
    """Where an enrollment stands."""

    PROPOSED = "proposed"
    WAITLISTED = "waitlisted"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    LEFT = "left"


WAITING = frozenset({EnrollmentStatus.PROPOSED, EnrollmentStatus.WAITLISTED})
RUNNING = frozenset({EnrollmentStatus.ACTIVE, EnrollmentStatus.ON_HOLD})
OPEN = WAITING | RUNNING
ENDED = frozenset({EnrollmentStatus.COMPLETED, EnrollmentStatus.LEFT})


class StepBackReason(StrEnum):
    """Why somebody goes back a phase. A way, not a fault."""

    RETURN_TO_USE = "return_to_use"
    WITHDRAWAL_SIGNS = "withdrawal_signs"
    NEEDS_MORE_SUPPORT = "needs_more_support"
    MENTAL_HEALTH = "mental_health"
    MEDICAL = "medical"
    PATIENT_ASKED = "patient_asked"


class HoldReason(StrEnum):
    """Why the pathway pauses."""

    MEDICAL_STAY = "medical_stay"
    TRAVEL = "travel"
    FAMILY = "family"
    WORK = "work"
    CUSTODY = "custody"
    COVERAGE = "coverage"
    PATIENT_ASKED = "patient_asked"


class DischargeReason(StrEnum):
    """Why the enrollment ends. Only the first one completes it."""

    COMPLETED = "completed"
    MOVED_TO_OTHER_CARE = "moved_to_other_care"
    CHOSE_TO_LEAVE = "chose_to_leave"
    LOST_CONTACT = "lost_contact"
    ENDED_BY_CLINIC = "ended_by_clinic"
    CUSTODY = "custody"
    MOVED_AWAY = "moved_away"
    DID_NOT_START = "did_not_start"
    DIED = "died"
    OTHER = "other"


class TransferReason(StrEnum):
    """Why somebody goes on in another program, or at another site."""

    NEEDS_MORE_SUPPORT = "needs_more_support"
    NEEDS_LESS_SUPPORT = "needs_less_support"
    MOVED_HOME = "moved_home"
    CLOSER_TO_HOME = "closer_to_home"
    MEDICAL = "medical"
    PATIENT_ASKED = "patient_asked"
    SITE_CLOSES = "site_closes"


class Destination(StrEnum):
    """Where somebody goes after a discharge."""

    HOME = "home"
    OTHER_PROGRAM_HERE = "other_program_here"
    OUTPATIENT_ELSEWHERE = "outpatient_elsewhere"
    INTENSIVE_OUTPATIENT = "intensive_outpatient"
    RESIDENTIAL = "residential"
    WITHDRAWAL_MANAGEMENT = "withdrawal_management"
    HOSPITAL = "hospital"
    RECOVERY_RESIDENCE = "recovery_residence"
    CUSTODY = "custody"
    NONE = "none"
    UNKNOWN = "unknown"


COMPLETING = frozenset({DischargeReason.COMPLETED})
# No contact is owed, and none may be tried, after these.
ENDS_CONTACT = frozenset({DischargeReason.DIED})
REASONS: dict[MoveKind, type[StrEnum]] = {
    MoveKind.STEP_BACK: StepBackReason,
    MoveKind.HOLD: HoldReason,
    MoveKind.DISCHARGE: DischargeReason,
}
