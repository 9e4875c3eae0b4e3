"""Ways through early intervention: use that is new, a few talks, a page to keep."""

from pathways.demo import steps
from pathways.demo.steps import EARLY
from pathways.demo.tales import Tale
from pathways.rules.plans import PlanKind

MILD = {"total": 2}
LOOKED_AT = ("kratom_use_profile", "dast10", "phq2", "sows")


def first_look(tale: Tale) -> None:
    """A first look has begun."""
    tale.register()
    tale.consented()
    for minute, instrument in enumerate(LOOKED_AT):
        tale.add(steps.Find, 9, 30 + minute, instrument=instrument)
    tale.add(steps.Find, 9, 36, instrument="dsm5_sud", scores=MILD)
    tale.add(steps.Find, 9, 37, instrument="cssrs_screen")
    tale.add(steps.Rate, 11, ratings=(0, 0, 0, 1, 1, 0), diagnosis=False)
    tale.add(steps.Enroll, 11, 40, program=EARLY)


def talks(tale: Tale) -> None:
    """Through the first look; talks and a page to keep; check-ups, once they are there."""
    first_look(tale)
    tale.later(6).add(steps.Meet, 12, modality="motivational-interviewing")
    tale.later(1).add(steps.Find, 12, instrument="sows")
    tale.add(steps.Advance, 14)
    for days in (7, 7):
        tale.later(days).add(steps.Meet, 12, modality="motivational-enhancement")
    tale.add(steps.WritePlan, 14, plan=PlanKind.RECOVERY, short=True)
    if (tale.today - tale.day).days > 8:
        tale.later(7).add(steps.Find, 12, instrument="craving_vas", settled=True)
        tale.add(steps.Advance, 14)
