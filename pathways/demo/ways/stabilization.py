"""Before a program, and the first weeks in it."""

from clinic.rules.roles import Role
from pathways.demo import steps
from pathways.demo.panels import VITALS
from pathways.demo.steps import OUTPATIENT
from pathways.demo.tales import SHORT_INTAKE, Tale
from pathways.rules.levels import Level, PlacementReason


def registered(tale: Tale) -> None:
    """Came in, not asked yet."""
    tale.register()


def intake_open(tale: Tale) -> None:
    """An intake begun and left."""
    tale.register()
    some = SHORT_INTAKE[: tale.rng.randrange(2, 6)]
    tale.add(steps.TakeIntake, 10, sections=some, signed=False)


def level_unsigned(tale: Tale) -> None:
    """Decided lower than severe withdrawal suggests; the second signature is still owed, and the pulse is high."""
    tale.register()
    tale.intake()
    tale.this_morning(steps.Measure, 70, panel=VITALS, values={"heart-rate": 126}, keep=True)
    tale.this_morning(
        steps.Rate, 55, ratings=(3, 1, 1, 1, 2, 1), level=Level.L1M, reason=PlacementReason.PATIENT_DECLINES,
        note="Does not want to stay overnight; comes in daily and lives with a sister.",
    )  # fmt: skip


def proposed(tale: Tale) -> None:
    """The program was proposed; thinks it over until the end of the week."""
    tale.register()
    tale.consented()
    tale.intake()
    tale.rated()
    tale.add(steps.Propose, 11, 40, program=OUTPATIENT, note="Wants to talk it over at home first.")


def first_days(tale: Tale) -> None:
    """In the first days of stabilization."""
    tale.arrive()
    tale.withdrawal_watched(tale.today)


def first_days_worried(tale: Tale) -> None:
    """In the first days, with an answer about suicide that was found last evening and is being followed."""
    tale.arrive()
    tale.withdrawal_watched(tale.today)
    tale.on(1).add(steps.Find, 16, 20, instrument="phq9", held={"phq9_9": 1}, scores={"total": 14}, keep=True)


def stabilizing(tale: Tale) -> None:
    """Takes longer to settle."""
    tale.arrive(held={"kratom_use_profile": {"kup_co_alcohol": 1}})
    tale.withdrawal_watched(tale.today)


def ready(tale: Tale) -> None:
    """Everything the first gate asks for is there; the move has not been made."""
    tale.arrive()
    tale.stabilized((tale.today - tale.day).days - 2)
    tale.this_morning(steps.Assign, 45, role=Role.PEER_SUPPORTER)


def override_pending(tale: Tale) -> None:
    """Withdrawal signs that do not settle by number; the clinician asks a second person."""
    tale.arrive()
    tale.withdrawal_watched(tale.today)
    tale.on(1).add(steps.Attest, 10, key="treatment-plan-agreed")
    tale.this_morning(
        steps.AskOverride, 80, criteria=("withdrawal-settled",),
        note="A lasting tremor from before keeps the COWS at five; sleeps and eats well.",
    )  # fmt: skip
