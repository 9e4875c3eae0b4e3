"""What the script says happens on a day: a return to use, a step back, a pause, leaving, coming back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from clinic.actions.verbs import refusals_survived
from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions import enrollments, returns
from pathways.actions.rehearsals.course import Course, note_for
from pathways.actions.rehearsals.players import reason_of
from pathways.actions.rehearsals.world import UNSETTLED_DAYS, World
from pathways.queries.rehearsals import enrollment_of
from pathways.rules.moves import RUNNING, DischargeReason, HoldReason, MoveKind, StepBackReason
from pathways.rules.programs import TransitionRule
from pathways.rules.rehearsals import EventKind, ScriptEvent

HAPPENS = time(12)
USUAL_PAUSE, LONGEST_PAUSE = 14, 180
TOLD_AFTER = timedelta(hours=20)
"""A return to use is told the next day, and never dated before admission."""


@dataclass(slots=True)
class Events:
    """The events of a script. Those of a phase are put when it is first entered."""

    world: World
    course: Course | None = None

    def begin(self) -> None:
        """What is counted from admission."""
        for event in self.world.script.events:
            if event.in_phase is None:
                self._put(event, self.world.wanted.start_on)

    def entered_phase(self, place: int, on: date) -> None:
        """What is counted from the first day in this phase."""
        for event in self.world.script.events:
            if event.in_phase == place:
                self._put(event, on)

    def _put(self, event: ScriptEvent, since: date) -> None:
        self.world.put(
            self.world.at(since + timedelta(days=event.on_day), HAPPENS), partial(self._happen, event, since)
        )

    def _happen(self, event: ScriptEvent, since: date, now: datetime) -> None:
        if event.what is EventKind.READMIT:
            self._course.come_back(event.to_phase, now)
            return
        if self.world.status not in RUNNING or self.world.enrollment is None:
            self.world.could_not(sentence("rehearsal.could_not.not_running", what=event.what, on=self.world.today))
            return
        match event.what:
            case EventKind.RETURN_TO_USE:
                self._try(event, partial(self._return_to_use, now))
            case EventKind.STEP_BACK:
                self._try(event, partial(self._step_back, event, now))
            case EventKind.HOLD:
                self._try(event, partial(self._hold, event, since, now))
            case EventKind.DISCHARGE:
                self._try(event, partial(self._discharge, event, now))

    @property
    def _course(self) -> Course:
        if self.course is None:
            raise ValueError("events need a course to happen in")
        return self.course

    def _try(self, event: ScriptEvent, verb: Callable[[], None]) -> None:
        try:
            with refusals_survived():
                verb()
        except Refused as refused:
            self.world.could_not(sentence("rehearsal.could_not.event", what=event.what, why=reason_of(refused)))

    def _return_to_use(self, now: datetime) -> None:
        world = self.world
        began = world.at(world.wanted.start_on, time(23, 59))
        returns.record_return_to_use(
            by=world.stage.who(Permission.ENROLLMENT_WRITE, Role.COUNSELOR), now=now, enrollment_id=self.world.enrolled,
            effective_at=min(now, max(began, now - TOLD_AFTER)),
        )  # fmt: skip
        world.unsettled_until = world.today + timedelta(days=UNSETTLED_DAYS)

    def _step_back(self, event: ScriptEvent, now: datetime) -> None:
        reason, rule = self._way(event, MoveKind.STEP_BACK, StepBackReason.RETURN_TO_USE)
        to_phase = event.to_phase or (rule.to_phase if rule else None)
        enrollments.step_back(
            by=self._who(rule), now=now, enrollment_id=self.world.enrolled, reason=StepBackReason(reason),
            to_phase=to_phase, note=note_for(rule),
        )  # fmt: skip
        self._moved()

    def _hold(self, event: ScriptEvent, since: date, now: datetime) -> None:
        world = self.world
        reason, rule = self._way(event, MoveKind.HOLD, HoldReason.TRAVEL)
        days = USUAL_PAUSE if event.until_day is None else (since - world.today).days + event.until_day
        review_on = world.today + timedelta(days=min(max(days, 0), LONGEST_PAUSE))
        enrollments.hold(
            by=self._who(rule), now=now, enrollment_id=self.world.enrolled, reason=HoldReason(reason),
            review_on=review_on, note=note_for(rule),
        )  # fmt: skip
        self._moved()
        world.put(
            world.at(world.today + timedelta(days=max(days, 1)), HAPPENS),
            partial(self._resume, event, world.moves_made),
        )

    def _resume(self, event: ScriptEvent, moves: int, now: datetime) -> None:
        """The pause is over, unless it has ended otherwise."""
        if moves == self.world.moves_made:
            self._try(event, partial(self._go_on, now))

    def _go_on(self, now: datetime) -> None:
        rule = next((each for each in self.world.document.transitions if each.kind is MoveKind.RESUME), None)
        enrollments.resume(by=self._who(rule), now=now, enrollment_id=self.world.enrolled, note=note_for(rule))
        self._moved()

    def _discharge(self, event: ScriptEvent, now: datetime) -> None:
        reason, rule = self._way(event, MoveKind.DISCHARGE, DischargeReason.CHOSE_TO_LEAVE)
        enrollments.discharge(
            by=self._who(rule), now=now, enrollment_id=self.world.enrolled, reason=DischargeReason(reason),
            destination=event.destination, note=note_for(rule), language=self.world.wanted.language,
        )  # fmt: skip
        self._moved()

    def _way(self, event: ScriptEvent, kind: MoveKind, usual: str) -> tuple[str, TransitionRule | None]:
        """The reason, and the first rule that takes it from here; a reason that is not said is the usual one, or the
        first the program knows."""
        here = [
            rule
            for rule in self.world.document.transitions
            if rule.kind is kind and rule.from_phase in (None, self.world.phase)
            and event.to_phase in ("", rule.to_phase)
        ]  # fmt: skip
        known = [reason for rule in here for reason in rule.reasons]
        reason = event.reason or (usual if usual in known or not known else known[0])
        return reason, next((rule for rule in here if not rule.reasons or reason in rule.reasons), None)

    def _who(self, rule: TransitionRule | None) -> Actor:
        return self.world.stage.who(Permission.ENROLLMENT_MOVE, *(rule.roles if rule else ()))

    def _moved(self) -> None:
        self._course.moved(enrollment_of(self.world.enrolled))
