"""The ways people go, each told as a function, and the deck they are dealt from.

The first twelve cover everything the demonstration promises; the others repeat with the frequency of real caseloads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from clinic.rules.roles import Role
from pathways.demo import steps
from pathways.demo.people import Person, Reach, person
from pathways.demo.tales import SHORT_INTAKE, Tale
from pathways.rules.levels import Level, PlacementReason
from pathways.rules.moves import Destination, DischargeReason, HoldReason, StepBackReason

THERAPY, AFTERCARE, STABILIZATION = "behavioral-therapy", "aftercare", "assessment-and-stabilization"


def registered(tale: Tale) -> None:
    """Came in, not asked yet."""
    tale.register()


def intake_open(tale: Tale) -> None:
    """An intake begun and left."""
    tale.register()
    some = SHORT_INTAKE[: tale.rng.randrange(2, 6)]
    tale.add(steps.TakeIntake, 10, sections=some, signed=False)


def level_unsigned(tale: Tale) -> None:
    """Decided lower than severe withdrawal suggests; the second signature is still owed."""
    tale.register()
    tale.intake()
    tale.this_morning(
        steps.Rate, 55, ratings=(3, 1, 1, 1, 2, 1), level=Level.L1M, reason=PlacementReason.PATIENT_DECLINES,
        note="Does not want to stay overnight; comes in daily and lives with a sister.",
    )  # fmt: skip


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
    tale.arrive()
    tale.to_therapy(tale.rng.randrange(8, 14))
    told = tale.rng.randrange(2, 12)
    tale.therapy((tale.today - tale.day).days - told)
    tale.on(told).returned()
    tale.this_morning(steps.Assign, 50, role=Role.CLINICIAN)
    tale.loses_messages = tale.person.number % 2 == 0


def step_back_now(tale: Tale) -> None:
    """From therapy back to stabilization after a return to use; stabilizing again."""
    tale.arrive()
    tale.to_therapy(tale.rng.randrange(8, 14))
    told = tale.rng.randrange(5, 11)
    tale.therapy((tale.today - tale.day).days - told)
    tale.on(told).returned()
    tale.stepped_back()
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
    tale.therapy((tale.today - tale.day).days)


def back_from_aftercare(tale: Tale) -> None:
    """A return to use in aftercare, back to therapy and on."""
    tale.arrive()
    tale.to_therapy(10)
    tale.to_aftercare(tale.rng.randrange(62, 68))
    tale.aftercare(tale.rng.randrange(40, 60))
    tale.later(1).returned()
    tale.stepped_back(THERAPY)
    tale.therapy((tale.today - tale.day).days)


def ready_for_aftercare(tale: Tale) -> None:
    """The second gate is met since yesterday."""
    tale.arrive()
    tale.to_therapy(9)
    tale.therapy((tale.today - tale.day).days - 8)
    tale.on(8).add(steps.Find, 14, instrument="craving_vas", settled=True)
    tale.on(1).ready_for_aftercare()


def on_hold(tale: Tale) -> None:
    """The pathway pauses now."""
    tale.arrive()
    tale.to_therapy(tale.rng.randrange(8, 16))
    since = tale.rng.randrange(4, 18)
    tale.therapy((tale.today - tale.day).days - since)
    reason = tale.rng.choice((HoldReason.TRAVEL, HoldReason.FAMILY, HoldReason.MEDICAL_STAY))
    tale.on(since).add(steps.Hold, 12, reason=reason, review_days=28, note="Comes back to us by telephone.")


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


def completed(tale: Tale) -> None:
    """Through the whole program."""
    tale.arrive()
    tale.to_therapy(9)
    tale.to_aftercare(66)
    tale.aftercare(184)
    tale.add(steps.Find, 9, 30, instrument="dsm5_sud", settled=True)
    tale.add(steps.Attest, 10, key="long-term-contacts-agreed", role=Role.COUNSELOR)
    tale.add(steps.Discharge, 11, reason=DischargeReason.COMPLETED, destination=Destination.HOME)


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


def _leaves(tale: Tale, reason: DischargeReason, destination: Destination, note: str = "") -> None:
    tale.add(steps.Discharge, 13, reason=reason, destination=destination, note=note)


@dataclass(frozen=True, slots=True)
class Arc:
    """A way, how long ago it may have begun, and how many of the cards carry it."""

    key: str
    tell: Callable[[Tale], None]
    least_ago: int
    most_ago: int
    cards: int = 1
    reach: Reach | None = None


ESSENTIAL: tuple[Arc, ...] = (
    Arc("emergency", emergency, 58, 72, reach=Reach.BOTH),
    Arc("step_back_and_on", step_back_and_on, 130, 150, reach=Reach.BOTH),
    Arc("on_hold", on_hold, 60, 80),
    Arc("hold_and_on", hold_and_on, 200, 230, reach=Reach.BOTH),
    Arc("completed", completed, 292, 340),
    Arc("lost_contact", lost_contact, 90, 150),
    Arc("readmitted", readmitted, 150, 180, reach=Reach.BOTH),
    Arc("override_pending", override_pending, 16, 20, reach=Reach.BOTH),
    Arc("first_days_worried", first_days_worried, 3, 4, reach=Reach.NO_CONSENT),
    Arc("level_unsigned", level_unsigned, 1, 1),
    Arc("step_back_now", step_back_now, 70, 90, reach=Reach.BOTH),
    Arc("override_used", override_used, 50, 70, reach=Reach.BOTH),
)

CASELOAD: tuple[Arc, ...] = (
    Arc("therapy", therapy, 24, 85, 11),
    Arc("aftercare", aftercare, 96, 270, 10),
    Arc("first_days", first_days, 1, 6, 4),
    Arc("ready", ready, 8, 13, 4),
    Arc("stabilizing", stabilizing, 9, 22, 3),
    Arc("intake_open", intake_open, 1, 3, 3),
    Arc("registered", registered, 1, 2, 2),
    Arc("recent_return", recent_return, 40, 90, 4),
    Arc("step_back_and_on", step_back_and_on, 110, 170, 3),
    Arc("step_back_now", step_back_now, 60, 90, 2),
    Arc("back_from_aftercare", back_from_aftercare, 190, 240, 2),
    Arc("ready_for_aftercare", ready_for_aftercare, 86, 100, 3),
    Arc("on_hold", on_hold, 50, 100, 2),
    Arc("hold_and_on", hold_and_on, 190, 260, 1),
    Arc("completed", completed, 270, 355, 4),
    Arc("chose_to_leave", chose_to_leave, 40, 200, 2),
    Arc("left_last_week", left_last_week, 50, 60, 1),
    Arc("moved_away", moved_away, 100, 200, 1),
    Arc("ended_by_clinic", ended_by_clinic, 60, 160, 1),
    Arc("in_custody", in_custody, 80, 160, 1),
    Arc("lost_contact", lost_contact, 70, 170, 1),
    Arc("readmitted", readmitted, 140, 200, 2),
    Arc("worried_in_therapy", worried_in_therapy, 40, 90, 2),
    Arc("asked_too_early", asked_too_early, 40, 70, 1),
    Arc("needs_more_support", needs_more_support, 80, 120, 1),
    Arc("sooner_to_aftercare", sooner_to_aftercare, 110, 200, 1),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One person's story, ready to be played."""

    person: Person
    arc: str
    tale: Tale


def deal(patients: int, *, seed: int, today: date) -> list[Told]:
    """So many stories: the essential ones, then the caseload's cards in the seed's order."""
    rng = Random(f"{seed}/deck")
    cards = [arc for arc in CASELOAD for _ in range(arc.cards)]
    rng.shuffle(cards)
    rest = max(0, patients - len(ESSENTIAL))
    arcs = [*ESSENTIAL, *(cards[place % len(cards)] for place in range(rest))][:patients]
    return [_told(number, arc, seed, today) for number, arc in enumerate(arcs)]


def _told(number: int, arc: Arc, seed: int, today: date) -> Told:
    rng = Random(f"{seed}/arc/{number}")
    someone = person(number, seed=seed, today=today, reach=arc.reach)
    tale = Tale(someone, seed=seed, today=today, began_ago=rng.randint(arc.least_ago, arc.most_ago))
    arc.tell(tale)
    return Told(someone, arc.key, tale)
