"""What a rehearsal came to: read back from the tables before they are undone, and told in order."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from clinic.rules.sentences import Sentence, sentence
from clinic.wording import say
from pathways.actions.rehearsals.world import World
from pathways.queries.courses import courses
from pathways.queries.enrollments import next_decisions
from pathways.queries.rehearsals import Told, enrollments_of, told
from pathways.rules.follow_ups import CallResult, Outcome
from pathways.rules.moves import REASONS
from pathways.rules.rehearsals import (
    ContactOwed,
    Entry,
    EntryKind,
    Fired,
    Happened,
    MessageKept,
    Moved,
    PhaseDays,
    Rehearsal,
    as_data,
    in_order,
    never_fired,
    unanswered,
    ways_on,
)
from patients.rules.contact import Channel

BY_A_MOVE = frozenset({Outcome.CANCELLED, Outcome.SUPERSEDED})
PATIENCE = timedelta(days=10)
"""How long after its ladder a contact may still be open: calls are tried again on other days."""


def tell(world: World) -> Rehearsal:
    """The rehearsal as it will be shown; asks the tables a constant number of times."""
    rows, found = enrollments_of(world.stage.patient), told(world.stage.patient, world.document)
    drawn = courses(
        rows, next_decisions(rows, now=world.end), now=world.end, language=world.wanted.language, words=True
    )
    messages = tuple(_messages(world))
    entries = in_order([*_entries(world, found), *_of_messages(messages), *world.entries])
    happened = Happened(
        found.moves, tuple(world.gates), found.contacts, messages, found.unsent, entries, frozenset(world.rungs)
    )
    return Rehearsal(
        title=world.script.title,
        seed=world.wanted.seed,
        zone=world.stage.site.time_zone,
        first=world.wanted.start_on,
        last=world.wanted.start_on + timedelta(days=world.wanted.days),
        status=world.status,
        courses=tuple(drawn[row.pk] for row in rows if row.pk in drawn),
        phases=tuple(_phases(world, found)),
        happened=happened,
        never=never_fired(world.document, _fired(happened)),
        could_not=tuple(world.not_done),
        stuck=tuple(_stuck(world, found)),
        scripted=as_data(world.script),
    )


def _messages(world: World) -> Iterator[MessageKept]:
    for kept in world.channel.kept:
        of = world.sent[kept.message.reference]
        title = of.title if isinstance(of.title, str) else say(of.title, world.wanted.language)
        yield MessageKept(
            kept.at, of.template, kept.message.channel, kept.message.text, of.rule_key, title, of.ladder, of.rung
        )


def _fired(happened: Happened) -> Fired:
    return Fired(
        gates=frozenset(key for each in happened.gates for key in each.gate.split("+")),
        hindrances=frozenset(each.key for asked in happened.gates for each in asked.hindrances),
        moves=happened.moves,
        follow_ups=frozenset(each.rule_key for each in happened.contacts),
        rungs=happened.rungs,
        templates=frozenset(each.template for each in happened.messages),
    )


def _stuck(world: World, found: Told) -> Iterator[Sentence]:
    """No way on from where they stand at the end, and contacts that nobody ended."""
    if world.status is not None and not ways_on(world.document, world.status, world.phase):
        here = world.document.phase(world.phase).title if world.phase else ""
        yield sentence("rehearsal.stuck.no_way_on", status=world.status, phase=here)
    for each in unanswered(found.contacts, world.end, PATIENCE):
        yield sentence("rehearsal.stuck.contact", title=each.title, on=_local(world, each.due_at).date())


def _phases(world: World, found: Told) -> Iterator[PhaseDays]:
    for phase in world.document.phases:
        spans = [(start, end or world.end) for key, start, end in found.stays if key == phase.key]
        days = sum((_local(world, end).date() - _local(world, start).date()).days for start, end in spans)
        yield PhaseDays(phase.key, phase.title, days)


def _entries(world: World, found: Told) -> Iterator[Entry]:
    for move in found.moves:
        yield Entry(move.at, EntryKind.MOVE, _moved(world, move), _why(move))
    yield from _of_contacts(world, found.contacts)
    for call in found.calls:
        if call.result not in (CallResult.REACHED, CallResult.DECLINED):
            said = sentence("rehearsal.contact.called", title=call.title, result=CallResult(call.result))
            yield Entry(call.at, EntryKind.CONTACT, said)
    for at in found.returns:
        yield Entry(at, EntryKind.EVENT, sentence("rehearsal.return_to_use"))


def _of_contacts(world: World, contacts: Sequence[ContactOwed]) -> Iterator[Entry]:
    """How each contact ended; what a move ended by itself, together."""
    left_out: dict[tuple[datetime, Outcome], list[str]] = {}
    for contact in contacts:
        if contact.outcome is None or contact.closed_at is None:
            continue
        if contact.outcome in BY_A_MOVE:
            left_out.setdefault((contact.closed_at, contact.outcome), []).append(contact.title)
            continue
        ended = sentence("rehearsal.contact.ended", title=contact.title, outcome=contact.outcome)
        due = sentence("rehearsal.contact.due", at=_local(world, contact.due_at))
        yield Entry(contact.closed_at, EntryKind.CONTACT, ended, due)
    for (at, outcome), titles in left_out.items():
        said = sentence("rehearsal.contact.left_out", count=len(titles), outcome=outcome)
        yield Entry(at, EntryKind.CONTACT, said, _named(titles))


def _named(titles: Sequence[str]) -> Sentence:
    counted = Counter(titles)
    each = tuple(sentence("rehearsal.contact.named", title=title, count=count) for title, count in counted.items())
    return sentence("rehearsal.contact.all", titles=each)


def _of_messages(messages: tuple[MessageKept, ...]) -> Iterator[Entry]:
    for each in messages:
        said = sentence("rehearsal.message", title=each.title, channel=Channel(each.channel))
        step = sentence("rehearsal.message.step", step=each.rung + 1, template=each.template)
        yield Entry(each.at, EntryKind.MESSAGE, said, step, each.text)


def _moved(world: World, move: Moved) -> Sentence:
    there = world.document.phase(move.to_phase).short_title if move.to_phase else ""
    return sentence(f"course.move.{move.kind}", phase=there)


def _why(move: Moved) -> Sentence | None:
    if not move.reason or move.kind not in REASONS:
        return None
    return sentence("rehearsal.reason", reason=REASONS[move.kind](move.reason))


def _local(world: World, at: datetime) -> datetime:
    return at.astimezone(world.stage.site.zone)
