"""Telling one person's story: steps on days that follow one another, in the passages most ways are made of."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from random import Random
from typing import Any, TypeVar

from pathways.demo import steps, words
from pathways.demo.courses import Course
from pathways.demo.panels import VITALS
from pathways.demo.people import Person
from pathways.rules.levels import Level, PlacementReason
from pathways.rules.moves import StepBackReason
from pathways.rules.plans import PlanKind, PlanSigner

FULL_INTAKE = (
    "kratom_use_profile", "dsm5_sud", "cows", "sows", "phq9", "gad7", "cssrs_screen", "auditc", "bam", "barc10",
    "craving_vas",
)  # fmt: skip
SHORT_INTAKE = ("kratom_use_profile", "dsm5_sud", "cows", "phq9", "gad7", "cssrs_screen", "craving_vas")
RENEWED = ("kratom_use_profile", "dsm5_sud", "phq9", "cssrs_screen")
"""What the first gate wants to be newer than a month."""
SATURDAY = 5
SIGNED_WITHIN, RATED_WITHIN = timedelta(weeks=14), timedelta(days=9)
"""By then people have signed a plan, and somebody has rated the needs again after a return to use."""
KEPT_HERE = timedelta(days=112)
"""How long plans, consents and measurements have been kept here; before that they are on paper."""
SUPPORT = ("a sister, Fern", "a brother, Reed", "a friend, Sage", "a partner, Robin", "a mother, Hazel")

AnyStep = TypeVar("AnyStep", bound=steps.Step)


class Tale:
    """A story being told. `day` is where it stands; `today` is the day it is loaded and nothing is told beyond."""

    def __init__(self, person: Person, *, seed: int, today: date, began_ago: int) -> None:
        self.person = person
        self.today = today
        self.rng = Random(f"{seed}/tale/{person.number}")
        self.day = _weekday(today - timedelta(days=began_ago)) if began_ago > 3 else today - timedelta(days=began_ago)
        self.began = self.day
        self.steps: list[steps.Step] = []
        self.returns: list[date] = []
        self.chance = Random(f"{seed}/consents/{person.number}")
        self.loses_messages = False
        self.reliable = False

    def course(self) -> Course:
        return Course(str(self.person.number), self.person.severity, self.began, tuple(self.returns))

    def add(self, kind: type[AnyStep], hour: int, minute: int = 0, **given: Any) -> AnyStep:
        """A step on the present day, a few minutes off the full hour."""
        shifted = minute + self.person.number % 23
        step = kind(on=self.day, at=time(hour + shifted // 60, shifted % 60), **given)
        self.steps.append(step)
        return step

    def on(self, days_ago: int) -> "Tale":
        """Go to a day counted back from today."""
        self.day = self.today - timedelta(days=days_ago)
        return self

    def later(self, days: int) -> "Tale":
        """Go on by so many days, to a weekday."""
        self.day = _weekday(self.day + timedelta(days=days))
        return self

    def register(self) -> None:
        self.add(steps.Register, 9)

    def intake(
        self, sections: tuple[str, ...] = (), *, held: Mapping[str, Mapping[str, int]] | None = None, risk: str = "none"
    ) -> None:
        """A signed intake; some are asked everything, some what is required."""
        asked = sections or (FULL_INTAKE if self.rng.random() < 0.2 else SHORT_INTAKE)
        self.add(steps.TakeIntake, 9, 30, sections=asked, held=held or {}, risk=risk)

    def rated(self) -> None:
        """Six ratings and a decision: mostly as suggested, sometimes lower for a reason people give."""
        heavy, chance = self.person.severity > 0.6, self.rng.random()
        if chance < 0.16:
            self.add(
                steps.Rate, 11, ratings=(1, 0, 2, 1, 2, 1), level=Level.L1,
                reason=self.rng.choice((PlacementReason.WORK_OR_FAMILY_CONFLICT, PlacementReason.PATIENT_PREFERENCE)),
            )  # fmt: skip
        elif chance < 0.28:
            self.add(
                steps.Rate, 11, ratings=(3, 1, 1, 1, 1, 1), level=Level.L1M,
                reason=PlacementReason.CLINICIAN_JUDGEMENT, signed_after_minutes=25,
                note="Support at home every evening; a nurse sees them daily for the first week.",
            )  # fmt: skip
        else:
            self.add(steps.Rate, 11, ratings=(2, 1, 1, 1, 1, 1) if heavy else (1, 0, 1, 1, 1, 0))

    def arrive(self, **intake: Any) -> None:
        """Registered, asked, rated and enrolled on one day."""
        self.register()
        self.consented()
        self.intake(**intake)
        self.rated()
        self.add(steps.Enroll, 11, 40)

    @property
    def recent(self) -> bool:
        """Whether what is written down on the present day is kept here."""
        return self.today - self.day < KEPT_HERE

    def consented(self) -> None:
        """Vital signs, and the consents most people sign on the first day; some take one back later."""
        if not self.recent:
            return
        self.add(steps.SignConsent, 9, 8)
        if self.chance.random() < 0.35:
            self.add(steps.SignConsent, 9, 9, support_person=self.chance.choice(SUPPORT))
        self.add(steps.Measure, 9, 20, panel=VITALS)

    def plan(self, kind: PlanKind, hour: int, minute: int = 0) -> None:
        """A plan, signed by both; some new ones are still to be signed by the patient."""
        if self.recent:
            unsigned = self.person.number % 5 == 3 and self.today - self.day < SIGNED_WITHIN
            signed_by = (PlanSigner.STAFF,) if unsigned else steps.EVERYBODY
            self.add(steps.WritePlan, hour, minute, plan=kind, signed_by=signed_by)

    def withdrawal_watched(self, through: date) -> None:
        """COWS and craving on the days after admission, until the day before `through`."""
        entered = self.day
        for offset in (1, 3, 6, 11, 17):
            day = entered + timedelta(days=offset)
            if day < through:
                self.day = day
                self.add(steps.Find, 9, 40, instrument="cows")
                if offset == 3:
                    self.add(steps.Find, 9, 50, instrument="craving_vas")
        self.day = entered

    def stabilized(self, days: int, *, attested: bool = True) -> None:
        """All the first gate asks for: two settled readings a day apart, what is old asked again, the plan agreed."""
        entered = self.day
        last = _weekday(entered + timedelta(days=days))
        self.withdrawal_watched(last - timedelta(days=1))
        self.day = last - timedelta(days=1)
        self.add(steps.Find, 9, 15, instrument="cows", settled=True)
        self.day = last
        if (last - entered).days > 24:
            self.renew()
        self.add(steps.Find, 10, instrument="cows", settled=True)
        self.plan(PlanKind.CARE, 12, 30)
        if attested:
            self.add(steps.Attest, 13, key="treatment-plan-agreed")

    def renew(self) -> None:
        """What the gate wants to be newer."""
        for instrument in RENEWED:
            self.add(steps.Find, 9, 30, instrument=instrument)

    def to_therapy(self, days: int) -> None:
        self.stabilized(days)
        self.add(steps.Advance, 14)

    def therapy(self, days: int) -> None:
        """So many days of therapy with its regular forms; stands on the last day, which is not beyond yesterday."""
        entered = self.day
        for offset in range(21, days, 21):
            self.day = _weekday(entered + timedelta(days=offset))
            if self.day >= self.today:
                break
            self.add(steps.Find, 15, instrument="craving_vas")
            if offset % 42 == 0:
                self.add(steps.Find, 15, 5, instrument="gad7")
                self.add(steps.Find, 15, 10, instrument="cssrs_screen")
        self.day = _weekday(entered + timedelta(days=days))

    def ready_for_aftercare(self) -> None:
        """All the second gate asks for, on the present day."""
        for instrument in ("phq9", "gad7", "bam", "craving_vas"):
            self.add(steps.Find, 9, 30, instrument=instrument, settled=True)
        self.add(steps.Find, 10, 5, instrument="barc10", settled=True)
        self.add(steps.Find, 10, 10, instrument="cssrs_screen")
        self.plan(PlanKind.RECOVERY, 10, 30)
        self.add(steps.Attest, 11, key="recovery-plan-signed")

    def to_aftercare(self, days: int) -> None:
        self.therapy(days - 7)
        self.add(steps.Find, 14, instrument="craving_vas", settled=True)
        self.later(7)
        self.ready_for_aftercare()
        self.add(steps.Advance, 14)

    def aftercare(self, days: int) -> None:
        """So many days of aftercare with its regular forms; stands on the last day."""
        entered = self.day
        for offset in range(60, days, 60):
            self.day = _weekday(entered + timedelta(days=offset))
            if self.day >= self.today:
                break
            self.add(steps.Find, 11, instrument="phq2")
            if offset % 120 == 0:
                self.add(steps.Find, 11, 5, instrument="barc10")
                self.add(steps.Find, 11, 10, instrument="dsm5_sud", settled=True)
        self.day = _weekday(entered + timedelta(days=days))

    def returned(self, days_before: int = 1) -> None:
        """A return to use, told on the present day; felt in what is found that day. Soon after, needs are rated again,
        where there was time for it."""
        self.returns.append(self.day - timedelta(days=days_before))
        self.add(steps.Return, 11, days_before=days_before, told=self.rng.choice(words.RETURNS))
        self.add(steps.Find, 11, 5, instrument="craving_vas")
        if self.today - self.day > RATED_WITHIN:
            again = _weekday(self.day + timedelta(days=2))
            self.steps.append(steps.Rate(on=again, at=time(14, self.person.number % 50), ratings=(1, 0, 1, 1, 1, 0)))

    def stepped_back(self, to_phase: str | None = None) -> None:
        self.add(
            steps.StepBack, 11, 30, reason=StepBackReason.RETURN_TO_USE, to_phase=to_phase,
            note="Agreed together: closer contact for a while.",
        )  # fmt: skip

    def this_morning(self, kind: type[AnyStep], minutes_ago: int, **given: Any) -> None:
        """A step shortly before the story is loaded."""
        self.steps.append(kind(on=self.today, at=time(8), minutes_ago=minutes_ago, **given))


def _weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day
