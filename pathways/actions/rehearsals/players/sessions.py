"""Sessions that gates count or want booked: held from the first day in a phase, come to as the script has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from math import ceil

from clinic.actions.verbs import refusals_survived
from clinic.errors import Refused
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions import follow_ups, sessions
from pathways.actions.rehearsals.forms import gate_ahead
from pathways.actions.rehearsals.players.registry import plays, reason_of
from pathways.actions.rehearsals.world import World
from pathways.actions.sessions import Came, Person, What
from pathways.modalities import modality
from pathways.models import Session
from pathways.queries.rehearsals import Owed, outstanding, place_in
from pathways.rules.gates import Gate
from pathways.rules.gates.attendance import Measure, SessionsAttended
from pathways.rules.gates.bookings import ContactBooked, ContactType
from pathways.rules.gates.names import modality_name
from pathways.rules.rehearsals import EntryKind
from pathways.rules.sessions import Slot

FIRST, BOOKED, NEXT_DAY = time(15), time(11), timedelta(days=1)
A_WEEK, USUAL_WEEKS = 7, 8
LEAST_A_WEEK, MOST_A_WEEK, OFTEN = 1, 5, 3
SHORTEST, LONGEST = 30, 360
SPARE = 1.25
"""Sessions are planned for a quarter more minutes than a gate asks for, so that one may be missed (invented)."""
USUAL = "individual-counseling"


@dataclass(frozen=True, slots=True)
class Held:
    """Sessions a gate counts: of which modality, how often a week, how long."""

    modality: str
    a_week: int
    minutes: int


@plays(SessionsAttended)
def _wait(world: World, gate: Gate, kind: SessionsAttended) -> bool:
    """They are held week by week (`hold_sessions`); where a gate looks back less than a week, one is held today."""
    if not world.is_settled or not _is_short(kind):
        return False
    key = kind.modalities[0] if kind.modalities else _usual(world)
    minutes = modality(key).minutes if kind.measure is not Measure.MINUTES else kind.at_least
    held = Held(key, 1, min(max(minutes, SHORTEST), LONGEST))
    _hold(world, held, world.now - timedelta(minutes=held.minutes))
    return True


@plays(ContactBooked)
def _book(world: World, gate: Gate, kind: ContactBooked) -> bool:
    """A session the next day, or a contact that is owed anyway, sooner."""
    if ContactType.SESSION in kind.what:
        key = kind.modalities[0] if kind.modalities else USUAL
        at = world.at(world.today + min(NEXT_DAY, timedelta(days=kind.within_days)), BOOKED)
        _hold(world, Held(key, 1, modality(key).minutes), max(at, world.now + timedelta(minutes=5)))
        return True
    last = world.today + timedelta(days=kind.within_days)
    owed = (each for each in outstanding(world.stage.patient).owed if each.due_on > last)
    found = next((each for each in owed if not kind.purposes or each.purpose in kind.purposes), None)
    if found is None:
        world.could_not(sentence("rehearsal.could_not.book", asks=kind.asks()))
        return False
    _sooner(world, found)
    return True


def hold_sessions(world: World, moves: int) -> None:
    """From tomorrow on as long as they stay: the sessions the gate ahead counts, each on its own days and hour."""
    for place, each in enumerate(_counted(world)):
        at = world.at(world.today + NEXT_DAY, FIRST) + timedelta(hours=place % 6)
        world.put(at, partial(_next, world, moves, each))


def _counted(world: World) -> Sequence[Held]:
    """What the gate ahead counts, one line for each modality: as often and as long as the most that is asked of it."""
    gate = gate_ahead(world)
    merged: dict[str, Held] = {}
    for each in _asked(world, gate) if gate else ():
        before = merged.get(each.modality, each)
        merged[each.modality] = Held(each.modality, max(each.a_week, before.a_week), max(each.minutes, before.minutes))
    return tuple(merged.values())


def _asked(world: World, gate: Gate) -> Iterator[Held]:
    for criterion in gate.walk():
        kind = criterion.kind
        if not isinstance(kind, SessionsAttended) or _is_short(kind):
            continue
        weeks = max((kind.within_days or USUAL_WEEKS * A_WEEK) / A_WEEK, 1)
        key = kind.modalities[0] if kind.modalities else _usual(world)
        if kind.measure is Measure.MINUTES:
            minutes = ceil(kind.at_least * SPARE / (OFTEN * weeks))
            yield Held(key, OFTEN, min(max(minutes, SHORTEST), LONGEST))
        elif kind.measure is Measure.COUNT:
            a_week = min(max(ceil(kind.at_least / weeks), LEAST_A_WEEK), MOST_A_WEEK)
            yield Held(key, a_week, modality(key).minutes)
        else:
            yield Held(key, LEAST_A_WEEK, modality(key).minutes)


def _is_short(kind: SessionsAttended) -> bool:
    return kind.within_days is not None and kind.within_days < A_WEEK


def _usual(world: World) -> str:
    """The first modality of the phase whose minutes count."""
    phase = world.document.phase(world.phase) if world.phase else None
    counting = [each.modality for each in (phase.activities if phase else ()) if not each.adjunct]
    return counting[0] if counting else USUAL


def _next(world: World, moves: int, held: Held, now: datetime) -> None:
    """One session, and the next one some days later, as long as nothing has moved."""
    if moves != world.moves_made:
        return
    try:
        with refusals_survived():
            _hold(world, held, now)
    except Refused as refused:
        world.could_not(
            sentence("rehearsal.could_not.session", modality=modality_name(held.modality), why=reason_of(refused))
        )
        return
    world.put(now + timedelta(days=max(A_WEEK // held.a_week, 1)), partial(_next, world, moves, held))


def _hold(world: World, held: Held, starts_at: datetime) -> None:
    """Booked now; who came is written down when it is over."""
    slot = Slot(starts_at, starts_at + timedelta(minutes=held.minutes))
    booked = sessions.book(
        by=world.stage.who(Permission.SESSION_WRITE, Role.COUNSELOR), now=world.now,
        site_id=world.stage.site.public_id, what=What(held.modality), starts_at=slot.starts_at, minutes=held.minutes,
        leader_id=world.stage.staff[Role.COUNSELOR].public_id,
        people=[Person(world.stage.patient.public_id, world.enrollment)],
    )  # fmt: skip
    world.put(max(slot.ends_at, world.now), partial(_document, world, booked, held))


def _document(world: World, booked: Session, held: Held, now: datetime) -> None:
    """Who came, unless the place was taken back by a move meanwhile."""
    place = place_in(booked, world.stage.patient)
    if place is None:
        return
    came = not world.is_silent and world.dice.hits(world.script.attendance, "attends", held.modality, booked.starts_at)
    sessions.document(
        by=world.stage.who(Permission.SESSION_DOCUMENT, Role.COUNSELOR), now=now, session_id=booked.public_id,
        came=[Came(place, held.minutes)] if came else [],
    )  # fmt: skip
    code = "rehearsal.session.held" if came else "rehearsal.session.missed"
    world.tell(EntryKind.SESSION, sentence(code, modality=modality_name(held.modality), minutes=held.minutes))


def _sooner(world: World, row: Owed) -> None:
    by = world.stage.who(Permission.FOLLOW_UP_WORK)
    on = world.today + NEXT_DAY
    follow_ups.reschedule(by=by, now=world.now, follow_up_id=row.public_id, on=on)
