"""Ways out of the program, and back into it."""

from pathways.demo import steps
from pathways.demo.tales import Tale
from pathways.rules.moves import Destination, DischargeReason

THERAPY = "behavioral-therapy"
STABILIZATION = "assessment-and-stabilization"


def lost_contact(tale: Tale) -> None:
    """Nobody could reach them any more."""
    tale.arrive()
    tale.to_therapy(12)
    tale.therapy(tale.rng.randrange(20, 34))
    _leaves(tale, DischargeReason.LOST_CONTACT, Destination.UNKNOWN)


def chose_to_leave(tale: Tale) -> None:
    tale.arrive()
    tale.withdrawal_watched(tale.later(tale.rng.randrange(4, 11)).day)
    _leaves(tale, DischargeReason.CHOSE_TO_LEAVE, Destination.HOME)


def left_last_week(tale: Tale) -> None:
    """In the seven days after a discharge."""
    tale.arrive()
    tale.to_therapy(9)
    tale.therapy((tale.today - tale.day).days - 5)
    tale.on(5)
    _leaves(tale, DischargeReason.MOVED_TO_OTHER_CARE, Destination.INTENSIVE_OUTPATIENT)


def moved_away(tale: Tale) -> None:
    tale.arrive()
    tale.to_therapy(11)
    tale.therapy(40)
    _leaves(tale, DischargeReason.MOVED_AWAY, Destination.OUTPATIENT_ELSEWHERE)


def ended_by_clinic(tale: Tale) -> None:
    tale.arrive()
    tale.withdrawal_watched(tale.later(14).day)
    _leaves(
        tale, DischargeReason.ENDED_BY_CLINIC, Destination.RESIDENTIAL,
        "Needs care around the clock, which we cannot give; a place was found the same day.",
    )  # fmt: skip


def in_custody(tale: Tale) -> None:
    tale.arrive()
    tale.to_therapy(13)
    tale.therapy(22)
    _leaves(tale, DischargeReason.CUSTODY, Destination.CUSTODY)


def readmitted(tale: Tale) -> None:
    """Left, and came back: to stabilization, or straight into therapy."""
    tale.arrive()
    tale.to_therapy(10)
    tale.therapy(tale.rng.randrange(20, 30))
    _leaves(tale, DischargeReason.LOST_CONTACT, Destination.UNKNOWN)
    tale.later(tale.rng.randrange(35, 50))
    for instrument in ("kratom_use_profile", "dsm5_sud", "cows", "phq9", "cssrs_screen"):
        tale.add(steps.Find, 9, 30, instrument=instrument)
    straight = tale.rng.random() < 0.3
    note = "Has not used since; wants to go on where they stopped." if straight else ""
    tale.add(steps.Readmit, 11, to_phase=THERAPY if straight else STABILIZATION, note=note)
    if straight:
        tale.therapy((tale.today - tale.day).days)
    else:
        tale.to_therapy(9)
        tale.therapy((tale.today - tale.day).days)


def _leaves(tale: Tale, reason: DischargeReason, destination: Destination, note: str = "") -> None:
    tale.add(steps.Discharge, 13, reason=reason, destination=destination, note=note)
