"""Contacts of an invented patient: messages that would go, silence that climbs, calls and visits at their moment.

What is owed stands in the tables as for anybody; here it is read, and done when it is due by the verbs everybody uses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pathways.actions import follow_ups
from pathways.actions.rehearsals.replies import Replies
from pathways.actions.rehearsals.world import World
from pathways.actions.reminders import Claim, Prepared, Reported, claim_due, open_window, record_outcomes
from pathways.delivery.messages import Message
from pathways.queries.providers import provider_of, window_of
from pathways.queries.rehearsals import Outstanding, Owed, outstanding
from pathways.rules.programs import MESSAGE_RUNGS, ContactMode
from pathways.rules.reminders.pauses import Paused

COMES_LATE_BY = timedelta(minutes=30)


@dataclass(slots=True)
class Contacts:
    """The contacts of one rehearsal: `next_at`, then `act` at that moment, again and again."""

    world: World
    replies: Replies
    _open: Outstanding = field(default_factory=Outstanding)
    _fresh: bool = False
    _climbed: set[tuple[int, datetime]] = field(default_factory=set)

    def changed(self) -> None:
        """Something has been done that may have changed what is owed: it is read again when it is asked for."""
        self._fresh = False

    def next_at(self) -> datetime | None:
        """When the next thing is due: a message, a step of a ladder, a call, a visit."""
        self._read()
        return min((at for at, _ in self._due()), default=None)

    def act(self) -> None:
        """Do what is due now: messages first, then ladders, then people."""
        self._read()
        now = self.world.now
        due = [row for at, row in self._due() if at <= now]
        people = [row for row in due if row is not None]
        if any(each.next_at <= now for each in self._open.waiting.values()):
            self._deliver()
        elif len(people) < len(due):
            self._climb()
        elif people:
            self._stood_on(people[0])
            self.replies.work(people[0])
        self.changed()

    def _read(self) -> None:
        if not self._fresh:
            self._open, self._fresh = outstanding(self.world.stage.patient), True
            for row in self._open.owed:
                if row.since is not None and row.since <= self.world.now:
                    self._stood_on(row)

    def _stood_on(self, row: Owed) -> None:
        self.world.rungs.add((row.ladder, row.rung))

    def _due(self) -> Iterator[tuple[datetime, Owed | None]]:
        """Moments at which something is due, and the contact a person works on then (None: a machine's work)."""
        for message in self._open.waiting.values():
            yield message.next_at, None
        for row in self._open.owed:
            if row.climbs_at is not None and (row.pk, row.climbs_at) not in self._climbed:
                yield row.climbs_at, None
            if row.mode == ContactMode.IN_PERSON and self.replies.expects(row):
                yield row.due_at + COMES_LATE_BY, row
            elif self._is_a_persons(row):
                yield self.world.awake(max(row.act_at, self.world.now)), row

    def _is_a_persons(self, row: Owed) -> bool:
        return self.world.document.ladder(row.ladder).rungs[row.rung].kind not in MESSAGE_RUNGS

    def _climb(self) -> None:
        """Silence climbs. What stays where it is all the same is not asked about again for the same moment."""
        now = self.world.now
        self._climbed |= {(row.pk, row.climbs_at) for row in self._open.owed if row.climbs_at and row.climbs_at <= now}
        self._climb_ladders()

    def _climb_ladders(self) -> None:
        follow_ups.climb_ladders(by=self.world.stage.job, now=self.world.now, patients=[self.world.stage.patient.pk])

    def _deliver(self) -> None:
        """The delivery run, through the channel that keeps everything; what cannot go lets its ladder climb."""
        stage, known = self.world.stage, {row.pk: row for row in self._open.owed}
        claim = claim_due(by=stage.job, now=self.world.now, patients=[stage.patient.pk])
        sent = [each for channel, ids in claim.by_channel.items() for each in self._windows(claim, channel, ids)]
        for each in sent:
            message = self._open.waiting[each.reminder_id]
            self.world.sent[str(each.reference)] = message
            row = known.get(message.follow_up_id) if message.follow_up_id is not None else None
            if row is not None:
                self._stood_on(row)
                self.replies.hears(row)
        if len(sent) < claim.size:
            self._climb_ladders()

    def _windows(self, claim: Claim, channel: str, ids: list[int]) -> Iterator[Prepared]:
        by, now, size = self.world.stage.job, self.world.now, window_of(provider_of(channel))
        for start in range(0, len(ids), size):
            some = ids[start : start + size]
            window = open_window(by=by, now=now, claim_id=claim.claim_id, ids=some, live=False, paused=Paused())
            if window:
                record_outcomes(by=by, now=now, claim_id=claim.claim_id, reported=self._recorded(window))
            yield from window

    def _recorded(self, window: list[Prepared]) -> list[Reported]:
        prepared = {str(each.reference): each for each in window}
        outcomes = self.world.channel.send([_message(each) for each in window])
        return [Reported(prepared[one.reference], outcome.kind, outcome.provider_id) for one, outcome in outcomes]


def _message(prepared: Prepared) -> Message:
    return Message(
        reference=str(prepared.reference),
        channel=prepared.channel,
        to=prepared.to,
        sender=prepared.sender,
        text=prepared.text,
        subject=prepared.subject or None,
        language=prepared.language,
    )
