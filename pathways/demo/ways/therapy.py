"""Ways through behavioral therapy, returns to use and pauses among them."""

from clinic.rules.roles import Role
from pathways.demo import steps
from pathways.demo.tales import Tale
from pathways.rules.capacity import LevelReason
from pathways.rules.levels import Level
from pathways.rules.moves import HoldReason, StepBackReason


def override_used(tale: Tale) -> None:
    """Moved on with a second signature; some weeks later a return to use, just told."""
    tale.arrive()
    tale.withdrawal_watched(tale.later(9).day)
    tale.add(steps.Attest, 10, key="treatment-plan-agreed")
    tale.add(
        steps.AskOverride, 10, 30, criteria=("withdrawal-settled",), signed_after_minutes=50,
        note="Readings were taken at home by video and are not in the record; both were below five.",
    )  # fmt: skip
    tale.add(steps.Advance, 14)
    tale.therapy((tale.today - tale.day).days - 6)
    tale.loses_messages = True
    tale.on(6).returned(days_before=2)


def asked_too_early(tale: Tale) -> None:
    """The move was asked for before the gate was met; it was made when it was."""
    tale.arrive()
    tale.later(2).add(steps.Advance, 15, refused=True)
    tale.to_therapy(11)
    tale.therapy((tale.today - tale.day).days)


def therapy(tale: Tale) -> None:
    """Under way in therapy."""
    tale.arrive()
    tale.to_therapy(tale.rng.randrange(7, 20))
    tale.therapy((tale.today - tale.day).days)


def emergency(tale: Tale) -> None:
    """In therapy; a suicide screen this morning."""
    therapy(tale)
    tale.this_morning(steps.Find, 35, instrument="cssrs_screen", band="high", keep=True)


def worried_in_therapy(tale: Tale) -> None:
    """In therapy; yesterday's form says that somebody should look today."""
    therapy(tale)
    tale.on(1).add(steps.Find, 15, 30, instrument="cssrs_screen", band="moderate", keep=True)


def recent_return(tale: Tale) -> None:
    """In therapy, with a return to use in the last days."""
    until_told(tale, tale.rng.randrange(2, 12))
    tale.returned()
    tale.this_morning(steps.Assign, 50, role=Role.CLINICIAN)
    tale.loses_messages = tale.person.number % 2 == 0


def until_told(tale: Tale, days_ago: int) -> None:
    """In therapy, up to the day a return to use is told."""
    tale.arrive()
    tale.to_therapy(tale.rng.randrange(8, 14))
    tale.therapy((tale.today - tale.day).days - days_ago)
    tale.on(days_ago)


def step_back_now(tale: Tale) -> None:
    """From therapy back to stabilization after a return to use, with a nurse every day; stabilizing again."""
    until_told(tale, tale.rng.randrange(5, 11))
    tale.returned()
    tale.stepped_back()
    tale.add(
        steps.TransferLevel, 12, level=Level.L2M, reason=LevelReason.RETURN_TO_USE,
        note="Comes in daily for two weeks: withdrawal is watched by the nurse, then looked at again.",
    )  # fmt: skip
    tale.withdrawal_watched(tale.today)


def step_back_and_on(tale: Tale) -> None:
    """From therapy back, and into therapy again."""
    tale.arrive()
    tale.to_therapy(tale.rng.randrange(8, 14))
    tale.therapy(tale.rng.randrange(24, 40))
    tale.later(2).returned()
    tale.stepped_back()
    tale.later(6).renew()
    tale.to_therapy(7)
    tale.later(3).add(
        steps.AdaptFollowUp, 12, rule_key="therapy-weekly-check-in", change={"at": "17:30"}, days=170,
        reason="Works day shifts on a building site; can talk from half past five.",
    )  # fmt: skip
    tale.therapy((tale.today - tale.day).days)


def needs_more_support(tale: Tale) -> None:
    """Back to stabilization for their mind's sake, without any return to use."""
    tale.arrive()
    tale.to_therapy(10)
    tale.therapy(20)
    tale.add(
        steps.StepBack, 11, 30, reason=StepBackReason.MENTAL_HEALTH, note="Sleeps badly since a loss in the family."
    )
    tale.later(5).renew()
    tale.to_therapy(8)
    tale.therapy((tale.today - tale.day).days)


def ready_for_aftercare(tale: Tale) -> None:
    """The second gate is met since yesterday."""
    tale.arrive()
    tale.to_therapy(9)
    tale.therapy((tale.today - tale.day).days - 8)
    tale.on(8).add(steps.Find, 14, instrument="craving_vas", settled=True)
    tale.on(1).ready_for_aftercare()


def on_hold(tale: Tale) -> None:
    """The pathway pauses now; somebody who was to be told of it is told no more."""
    tale.arrive()
    tale.add(steps.SignConsent, 11, 20, support_person="a roommate, Basil")
    tale.later(4).add(steps.RevokeConsent, 10, note="They do not live together any more.")
    tale.to_therapy(tale.rng.randrange(8, 16))
    since = tale.rng.randrange(4, 18)
    tale.therapy((tale.today - tale.day).days - since)
    reason = tale.rng.choice((HoldReason.TRAVEL, HoldReason.FAMILY, HoldReason.MEDICAL_STAY))
    tale.on(since).add(steps.Hold, 12, reason=reason, review_days=28, note="Comes back to us by telephone.")
