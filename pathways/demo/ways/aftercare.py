"""Ways into aftercare, through it, and back from it."""

from clinic.rules.roles import Role
from pathways.demo import steps
from pathways.demo.tales import Tale
from pathways.rules.moves import Destination, DischargeReason, HoldReason

THERAPY = "behavioral-therapy"


def hold_and_on(tale: Tale) -> None:
    """A pause, and on to aftercare."""
    tale.arrive()
    tale.to_therapy(9)
    tale.therapy(28)
    tale.later(2).add(steps.Hold, 12, reason=HoldReason.WORK, review_days=21, note="Away for a seasonal job.")
    tale.later(20).add(steps.Resume, 10)
    tale.to_aftercare(60)
    tale.aftercare((tale.today - tale.day).days)


def aftercare(tale: Tale) -> None:
    """Well on the way, in aftercare."""
    tale.arrive()
    tale.to_therapy(tale.rng.randrange(7, 18))
    tale.to_aftercare(tale.rng.randrange(60, 72))
    tale.aftercare((tale.today - tale.day).days)


def sooner_to_aftercare(tale: Tale) -> None:
    """To aftercare before eight weeks, by a clinician's judgement."""
    tale.arrive()
    tale.to_therapy(9)
    tale.therapy(33)
    tale.add(steps.Find, 14, instrument="craving_vas", settled=True)
    tale.later(7).ready_for_aftercare()
    tale.add(
        steps.Advance, 14, set_aside=("weeks-of-therapy",),
        note="Moves to a night shift; aftercare contacts fit, weekly groups do not. All scores are settled.",
    )  # fmt: skip
    tale.aftercare((tale.today - tale.day).days)


def back_from_aftercare(tale: Tale) -> None:
    """A return to use in aftercare, back to therapy and on."""
    tale.arrive()
    tale.to_therapy(10)
    tale.to_aftercare(tale.rng.randrange(62, 68))
    tale.aftercare(tale.rng.randrange(40, 60))
    tale.later(1).returned()
    tale.stepped_back(THERAPY)
    tale.therapy((tale.today - tale.day).days)


def completed(tale: Tale) -> None:
    """Through the whole program."""
    tale.arrive()
    tale.to_therapy(9)
    tale.to_aftercare(66)
    tale.aftercare(184)
    tale.add(steps.Find, 9, 30, instrument="dsm5_sud", settled=True)
    tale.add(steps.Attest, 10, key="long-term-contacts-agreed", role=Role.COUNSELOR)
    tale.add(steps.Discharge, 11, reason=DischargeReason.COMPLETED, destination=Destination.HOME)
