"""Ways through the intensive program, and the wait for a place in it. All of them are of the first site."""

from pathways.demo import steps
from pathways.demo.panels import LIVER
from pathways.demo.steps import INTENSIVE
from pathways.demo.tales import FULL_INTAKE, Tale
from pathways.demo.ways import therapy as ways_of_therapy
from pathways.rules.capacity import WaitPriority
from pathways.rules.moves import TransferReason

NEEDS = (1, 1, 1, 1, 2, 2)
"""Likely to use and little support at home: nine hours a week are suggested."""


def waited_and_began(tale: Tale) -> None:
    """In line for a place, offered one, begun; in therapy by now."""
    _asks_for_a_place(tale, WaitPriority.SOON)
    tale.later(2).add(steps.OfferPlace, 10, days=3)
    tale.later(1).add(steps.AcceptPlace, 9)
    tale.reliable = True
    tale.later(1).add(steps.Measure, 9, 30, panel=LIVER)
    tale.stabilized(15, attested=False)
    tale.add(steps.Advance, 14)
    tale.therapy((tale.today - tale.day).days)


def first_weeks(tale: Tale) -> None:
    """Under way in its first phase."""
    tale.register()
    tale.consented()
    tale.intake(FULL_INTAKE)
    tale.add(steps.Rate, 11, ratings=NEEDS)
    tale.add(steps.Enroll, 11, 40, program=INTENSIVE)
    tale.withdrawal_watched(tale.today)


def transferred(tale: Tale) -> None:
    """From outpatient care after a return to use; agreed together."""
    ways_of_therapy.until_told(tale, 12)
    tale.returned()
    tale.later(2).add(steps.Rate, 10, ratings=(0, 1, 2, 1, 2, 2))
    tale.add(
        steps.TransferProgram, 11, program=INTENSIVE, reason=TransferReason.NEEDS_MORE_SUPPORT,
        note="Wants more days with people around; the evenings were the hard part.",
    )  # fmt: skip
    tale.withdrawal_watched(tale.today)


def place_offered(tale: Tale) -> None:
    """In line; since yesterday a place is held for them."""
    _asks_for_a_place(tale, WaitPriority.SOON)
    tale.on(1).add(steps.OfferPlace, 15, days=4)


def in_line(tale: Tale) -> None:
    """In line behind somebody else."""
    _asks_for_a_place(tale, WaitPriority.ROUTINE)


def _asks_for_a_place(tale: Tale, priority: WaitPriority) -> None:
    tale.register()
    tale.consented()
    tale.intake(FULL_INTAKE)
    tale.add(steps.Rate, 11, ratings=NEEDS)
    tale.add(
        steps.PutOnWaitlist, 11, 30, program=INTENSIVE, priority=priority, note="Can come on three mornings a week."
    )
