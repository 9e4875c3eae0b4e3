"""The deck of ways people go.

The first ones cover everything the demonstration promises; the others repeat with the frequency of real caseloads.
Those at even places come to the first site, the others to the second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from pathways.demo.people import Person, Reach, person
from pathways.demo.tales import Tale
from pathways.demo.ways import aftercare, early, intensive, leaving, stabilization, therapy


@dataclass(frozen=True, slots=True)
class Arc:
    """A way, how long ago it may have begun, and how many of the cards carry it."""

    key: str
    tell: Callable[[Tale], None]
    least_ago: int
    most_ago: int
    cards: int = 1
    reach: Reach | None = None
    severity: float | None = None


LIGHT = 0.15
"""The severity of people whose use is new."""

ESSENTIAL: tuple[Arc, ...] = (
    Arc("emergency", therapy.emergency, 58, 72, reach=Reach.BOTH),
    Arc("step_back_and_on", therapy.step_back_and_on, 130, 150, reach=Reach.BOTH),
    Arc("on_hold", therapy.on_hold, 60, 80),
    Arc("hold_and_on", aftercare.hold_and_on, 200, 230, reach=Reach.BOTH),
    Arc("completed", aftercare.completed, 292, 340),
    Arc("lost_contact", leaving.lost_contact, 90, 150),
    Arc("readmitted", leaving.readmitted, 150, 180, reach=Reach.BOTH),
    Arc("override_pending", stabilization.override_pending, 16, 20, reach=Reach.BOTH),
    Arc("first_days_worried", stabilization.first_days_worried, 3, 4, reach=Reach.NO_CONSENT),
    Arc("level_unsigned", stabilization.level_unsigned, 1, 1),
    Arc("step_back_now", therapy.step_back_now, 70, 90, reach=Reach.BOTH),
    Arc("override_used", therapy.override_used, 50, 70, reach=Reach.BOTH),
    Arc("waited_and_began", intensive.waited_and_began, 38, 42, reach=Reach.BOTH),
    Arc("talks", early.talks, 24, 27, severity=LIGHT),
    Arc("transferred", intensive.transferred, 70, 90, reach=Reach.BOTH),
    Arc("proposed", stabilization.proposed, 2, 2),
    Arc("place_offered", intensive.place_offered, 4, 5),
    Arc("first_look", early.first_look, 2, 3, severity=LIGHT),
    Arc("in_line", intensive.in_line, 3, 4),
)

CASELOAD: tuple[Arc, ...] = (
    Arc("therapy", therapy.therapy, 24, 85, 6),
    Arc("aftercare", aftercare.aftercare, 96, 270, 5),
    Arc("first_days", stabilization.first_days, 1, 6, 2),
    Arc("ready", stabilization.ready, 8, 13, 2),
    Arc("stabilizing", stabilization.stabilizing, 9, 22, 2),
    Arc("intake_open", stabilization.intake_open, 1, 3, 2),
    Arc("registered", stabilization.registered, 1, 2, 1),
    Arc("recent_return", therapy.recent_return, 40, 90, 2),
    Arc("step_back_and_on", therapy.step_back_and_on, 110, 170, 1),
    Arc("step_back_now", therapy.step_back_now, 60, 90, 1),
    Arc("back_from_aftercare", aftercare.back_from_aftercare, 190, 240, 1),
    Arc("ready_for_aftercare", therapy.ready_for_aftercare, 86, 100, 2),
    Arc("on_hold", therapy.on_hold, 50, 100, 1),
    Arc("hold_and_on", aftercare.hold_and_on, 190, 260, 1),
    Arc("completed", aftercare.completed, 270, 355, 2),
    Arc("chose_to_leave", leaving.chose_to_leave, 40, 200, 1),
    Arc("left_last_week", leaving.left_last_week, 50, 60, 1),
    Arc("moved_away", leaving.moved_away, 100, 200, 1),
    Arc("ended_by_clinic", leaving.ended_by_clinic, 60, 160, 1),
    Arc("in_custody", leaving.in_custody, 80, 160, 1),
    Arc("lost_contact", leaving.lost_contact, 70, 170, 1),
    Arc("readmitted", leaving.readmitted, 140, 200, 1),
    Arc("worried_in_therapy", therapy.worried_in_therapy, 40, 90, 1),
    Arc("asked_too_early", therapy.asked_too_early, 40, 70, 1),
    Arc("needs_more_support", therapy.needs_more_support, 80, 120, 1),
    Arc("sooner_to_aftercare", aftercare.sooner_to_aftercare, 110, 200, 1),
    Arc("talks", early.talks, 30, 60, 1, severity=LIGHT),
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
    someone = person(number, seed=seed, today=today, reach=arc.reach, severity=arc.severity)
    tale = Tale(someone, seed=seed, today=today, began_ago=rng.randint(arc.least_ago, arc.most_ago))
    arc.tell(tale)
    return Told(someone, arc.key, tale)
