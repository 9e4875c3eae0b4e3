"""The course of an invented patient: coming in, asking gates, moving on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions import enrollments
from pathways.actions.follow_ups import plan_ahead
from pathways.actions.rehearsals.forms import NOTE, visit
from pathways.actions.rehearsals.gates import Answer, try_move
from pathways.actions.rehearsals.players.sessions import hold_sessions
from pathways.actions.rehearsals.world import World
from pathways.models import Enrollment
from pathways.queries.rehearsals import enrollment_of
from pathways.rules.follow_ups import PLAN_AHEAD_DAYS
from pathways.rules.moves import OPEN, DischargeReason, EnrollmentStatus, MoveKind
from pathways.rules.programs import TransitionRule

COMES_IN, VISITS, ASKED, NIGHT = time(11), time(10, 30), time(14), time(3)
A_DAY, A_WEEK, SOON = timedelta(days=1), timedelta(days=7), timedelta(hours=1)
PLANNED_ON = timedelta(days=PLAN_AHEAD_DAYS * 2 // 3)
"""Nights on which contacts are planned on: within the horizon of the plan, so that none is planned late."""
MOST_TRIES = 30
"""Days on which somebody is asked to come in before it is given up (invented)."""
EAGER = 4
"""Times a gate is asked again at once because something was done about it; after that once a week."""


@dataclass(slots=True)
class Course:
    """The way through the program. `entered_phase` is told of every first day in a phase, by place from 1."""

    world: World
    entered_phase: Callable[[int, date], None]
    _tries: int = 0
    _eager: int = 0
    _seen: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """The first day, and the nights on which contacts are planned on; the rest follows."""
        start = self.world.wanted.start_on
        self.world.put(self.world.at(start, COMES_IN), self._come_in)
        self.world.put(self.world.at(start + PLANNED_ON, NIGHT), self._plan_on)

    def come_back(self, to_phase: str, now: datetime) -> None:
        """Readmission through its gate, tried again on the days after."""
        world = self.world
        rule = next((each for each in self._rules(MoveKind.READMIT) if to_phase in ("", each.to_phase)), None)
        if rule is None or world.enrollment is None or world.status in OPEN:
            world.could_not(sentence("rehearsal.could_not.readmit"))
            return
        by = world.stage.who(Permission.ENROLLMENT_WRITE, *rule.roles)
        answer = try_move(world, rule, lambda: enrollments.readmit(
            by=by, now=now, enrollment_id=world.enrolled, to_phase=rule.to_phase, note=note_for(rule),
            language=world.wanted.language,
        ))  # fmt: skip
        self._begun_or_again(answer, partial(self.come_back, to_phase))

    def moved(self, row: Enrollment) -> None:
        """A move has been made: what it brings with it is put on the agenda."""
        world = self.world
        status, phase = EnrollmentStatus(row.status), row.current_phase.key if row.current_phase else None
        world.enrollment, world.enrollment_pk, self._eager = row.public_id, row.pk, 0
        world.entered(status, phase)
        if phase is not None and phase not in self._seen:
            self._seen.add(phase)
            self.entered_phase(world.place + 1, world.today)
        if status is EnrollmentStatus.ACTIVE:
            world.put(world.at(world.today, VISITS), partial(visit, world, world.moves_made))
            world.put(world.at(world.today + A_DAY, ASKED), partial(self._ask, world.moves_made))
            hold_sessions(world, world.moves_made)

    def _come_in(self, now: datetime) -> None:
        """Admission through its gate, tried again on the days after."""
        world = self.world
        rule = next(self._rules(MoveKind.ADMIT), None)
        if rule is None:
            world.could_not(sentence("rehearsal.could_not.admit"))
            return
        by, stage = world.stage.who(Permission.ENROLLMENT_WRITE, *rule.roles), world.stage
        counselor = stage.staff[Role.COUNSELOR].public_id
        answer = try_move(world, rule, lambda: enrollments.enroll(
            by=by, now=now, patient_id=stage.patient.public_id, program_key=stage.program_key, counselor_id=counselor,
            note=note_for(rule), language=world.wanted.language,
        ))  # fmt: skip
        self._begun_or_again(answer, self._come_in)

    def _begun_or_again(self, answer: Answer, again: Callable[[datetime], None]) -> None:
        if answer.made is not None:
            self.moved(answer.made)
        elif not answer.impossible and self._tries < MOST_TRIES:
            self._tries += 1
            on = max(answer.earliest or date.min, self.world.today + A_DAY)
            self.world.put(self.world.at(on, COMES_IN), again)

    def _plan_on(self, now: datetime) -> None:
        """The nightly run, for this enrollment alone."""
        world = self.world
        if world.status in OPEN and world.enrollment_pk is not None:
            plan_ahead(by=world.stage.job, now=now, enrollment_id=world.enrollment_pk)
        world.put(world.at(world.today + PLANNED_ON, NIGHT), self._plan_on)

    def _ask(self, moves: int, now: datetime) -> None:
        """Whether they may move on, unless they have moved meanwhile."""
        world = self.world
        if moves != world.moves_made or world.status is not EnrollmentStatus.ACTIVE:
            return
        again = partial(self._ask, moves)
        rule = self._way_on()
        if rule is None:
            return
        if world.is_silent:
            world.put(now + A_WEEK, again)
            return
        answer = try_move(world, rule, partial(self._move_on, rule, now))
        if answer.made is not None:
            self.moved(answer.made)
        elif not answer.impossible:
            world.put(self._again_at(answer), again)

    def _move_on(self, rule: TransitionRule, now: datetime) -> Enrollment:
        world, language = self.world, self.world.wanted.language
        by = world.stage.who(Permission.ENROLLMENT_MOVE, *rule.roles)
        if rule.kind is MoveKind.DISCHARGE:
            enrollments.discharge(
                by=by, now=now, enrollment_id=world.enrolled, reason=DischargeReason.COMPLETED, note=note_for(rule),
                language=language,
            )  # fmt: skip
        else:
            enrollments.advance(
                by=by,
                now=now,
                enrollment_id=world.enrolled,
                to_phase=rule.to_phase,
                note=note_for(rule),
                language=language,
            )
        return enrollment_of(world.enrolled)

    def _way_on(self) -> TransitionRule | None:
        """The next phase; from the last one completion, if the script wants it."""
        onward = next((each for each in self._rules(MoveKind.ADVANCE) if each.from_phase == self.world.phase), None)
        if onward is not None or not self.world.script.completes:
            return onward
        leaving = (each for each in self._rules(MoveKind.DISCHARGE) if DischargeReason.COMPLETED in each.reasons)
        return next((each for each in leaving if each.from_phase in (None, self.world.phase)), None)

    def _again_at(self, answer: Answer) -> datetime:
        """When the gate could first be met; soon where something was done about it, else in a week.

        As long as things have not settled nothing is gained by asking before they have: once a week then.
        """
        world, today = self.world, self.world.today
        in_a_week, could_be = today + A_WEEK, answer.earliest or today
        if not world.is_settled:
            return world.at(max(could_be, min(world.settles_on or in_a_week, in_a_week)), ASKED)
        if could_be > today:
            return world.at(could_be, ASKED)
        if answer.worked and self._eager < EAGER:
            self._eager += 1
            return world.now + SOON if self._eager % 2 else world.at(today + A_DAY, ASKED)
        self._eager = 0
        return world.at(in_a_week, ASKED)

    def _rules(self, kind: MoveKind) -> Iterator[TransitionRule]:
        return (rule for rule in self.world.document.transitions if rule.kind is kind)


def note_for(rule: TransitionRule | None) -> str:
    """What is written where the program asks for a note."""
    return NOTE if rule is not None and rule.needs_note else ""
