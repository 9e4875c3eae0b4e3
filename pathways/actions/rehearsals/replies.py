"""How an invented patient answers, and what whoever works on a contact then does."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from clinic.models import Actor
from clinic.rules.roles import Permission, Role
from pathways.actions import follow_ups
from pathways.actions.rehearsals.forms import NOTE, hand_in
from pathways.actions.rehearsals.world import World
from pathways.queries.rehearsals import Owed, is_still_owed
from pathways.rules.follow_ups import CallResult, Outcome
from pathways.rules.programs import ContactMode, Purpose

ANSWERS_WITHIN = 18 * 60
"""Minutes within which somebody who answers a message does so (invented)."""
ANOTHER_DAY_IN = timedelta(days=2)
MOST_OTHER_DAYS = 2
LAST_TRIES = 2
"""Calls on the last step of a ladder before a person ends the contact (invented)."""


@dataclass(slots=True)
class Replies:
    """Answers by the script's chances: the same contact is always answered alike."""

    world: World
    _expected: set[tuple[int, datetime]] = field(default_factory=set)
    _tries: Counter[tuple[int, int]] = field(default_factory=Counter)
    _other_days: Counter[int] = field(default_factory=Counter)

    def expects(self, row: Owed) -> bool:
        """Whether a visit is still to come: nobody has yet waited for them at this time."""
        return (row.pk, row.due_at) not in self._expected

    def hears(self, row: Owed) -> None:
        """A message of the contact went: it may be answered, before its step is over."""
        share = self.world.script.replies.first_message if row.rung == 0 else self.world.script.replies.later_message
        if row.mode == ContactMode.IN_PERSON or not self._answers(row, share):
            return
        dice = self.world.dice.of("answers after", row.rule_key, row.occurrence, row.due_on, row.rung)
        at = self.world.awake(self.world.now + timedelta(minutes=dice.randint(10, ANSWERS_WITHIN)))
        if row.climbs_at is not None:
            at = min(at, row.climbs_at - timedelta(minutes=1))
        self.world.put(at, partial(self._answered, row))

    def work(self, row: Owed) -> None:
        """A person does what stands with them: a review, a visit, a call."""
        if row.mode == ContactMode.INTERNAL:
            self._close(row, Outcome.KEPT)
        elif row.mode == ContactMode.IN_PERSON and self.expects(row):
            self._wait_for(row)
        else:
            self._tries[row.pk, row.rung] += 1
            if self._answers(row, self.world.script.replies.call):
                self._reached(row, called=True)
            else:
                self._not_reached(row)

    def _answers(self, row: Owed, share: int) -> bool:
        if self.world.is_silent:
            return False
        step = self.world.script.replies.on_step
        if step is not None:
            return row.rung + 1 == step
        return self.world.dice.hits(share, "answers", *self._which(row))

    def _which(self, row: Owed) -> tuple[object, ...]:
        """What tells this try of this contact from every other."""
        return row.rule_key, row.due_on, row.occurrence, row.rung, self._tries[row.pk, row.rung]

    def _answered(self, row: Owed, now: datetime) -> None:
        """The patient answers, unless the contact has ended or gone on meanwhile."""
        if is_still_owed(row):
            self._reached(row, called=False)

    def _wait_for(self, row: Owed) -> None:
        """Whether they come on the day."""
        world = self.world
        self._expected.add((row.pk, row.due_at))
        if not world.is_silent and world.dice.hits(world.script.attendance, "comes", row.rule_key, row.due_on):
            self._close(row, Outcome.KEPT)

    def _reached(self, row: Owed, *, called: bool) -> None:
        """Spoken to: a form is filled in, a missed visit gets another day, anything else is done."""
        if row.instrument:
            self._asked_for_form(row, called)
        elif row.mode == ContactMode.IN_PERSON and self._other_days[row.pk] < MOST_OTHER_DAYS:
            self._other_days[row.pk] += 1
            on = self.world.today + ANOTHER_DAY_IN
            follow_ups.reschedule(by=self._who(row), now=self.world.now, follow_up_id=row.public_id, on=on)
        else:
            declines = row.mode == ContactMode.IN_PERSON or self._hits(
                self.world.script.replies.declines, "declines", row
            )
            self._call(row, CallResult.DECLINED if declines else CallResult.REACHED)

    def _asked_for_form(self, row: Owed, called: bool) -> None:
        if self._hits(self.world.script.forms, "fills in", row):
            hand_in(self.world, row.instrument)
        elif called:
            self._not_reached(row)

    def _not_reached(self, row: Owed) -> None:
        """Tried again another day; on the last step a person ends it after two tries, and says why."""
        last = row.rung == len(self.world.document.ladder(row.ladder).rungs) - 1
        if last and self._tries[row.pk, row.rung] >= LAST_TRIES:
            self._close(row, Outcome.UNREACHABLE)
        else:
            left = self._hits(50, "leaves a message", row)
            self._call(row, CallResult.LEFT_MESSAGE if left else CallResult.NO_ANSWER)

    def _call(self, row: Owed, result: CallResult) -> None:
        need = None
        if result is CallResult.REACHED and row.purpose == Purpose.CHECKUP:
            need = self._hits(self.world.script.check_up_need, "need", row)
        follow_ups.record_call(
            by=self._who(row), now=self.world.now, follow_up_id=row.public_id, result=result, need=need
        )

    def _close(self, row: Owed, outcome: Outcome) -> None:
        follow_ups.close(by=self._who(row), now=self.world.now, follow_up_id=row.public_id, outcome=outcome, note=NOTE)

    def _hits(self, share: int, what: str, row: Owed) -> bool:
        return self.world.dice.hits(share, what, *self._which(row))

    def _who(self, row: Owed) -> Actor:
        wanted = [Role(row.owner_role)] if row.owner_role else []
        return self.world.stage.who(Permission.FOLLOW_UP_WORK, *wanted)
