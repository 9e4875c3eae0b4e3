"""When a session can be, how many fit in, and what may be written about it.

Sources: domain/modalities.md (one person in an individual session; 8 to 12 in a group, 15 at most; the note of a
group shows nothing of one person to another). Limits of time are local defaults.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.sessions.words import SessionKind, SessionMode

SHORTEST_MINUTES = 5
LONGEST_MINUTES = 720
# Planned two years ahead at most; one that took place can be entered for a quarter of a year.
FURTHEST = timedelta(days=730)
FURTHEST_BACK = timedelta(days=92)
# A group works with 8 to 12 people, 15 at most (domain/modalities.md, "Group therapy").
GROUP_PLACES = 10
MOST_IN_A_GROUP = 15
# People in care in one family session; family members who are not have no place of their own.
FAMILY_PLACES = 4
# Somebody can have been there this much longer than was planned.
RAN_OVER_MOST = 60
_SHORTEST_NAME = 3


def time_problems(*, starts_at: datetime, ends_at: datetime, now: datetime) -> dict[str, Sentence]:
    """What is wrong with when it is, by field: `starts_at`, `minutes`. Raises ValueError for times without a zone."""
    if starts_at.tzinfo is None or ends_at.tzinfo is None or now.tzinfo is None:
        raise ValueError("instants carry a zone")
    wrong: dict[str, Sentence] = {}
    minutes = (ends_at - starts_at) / timedelta(minutes=1)
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        wrong["minutes"] = sentence("session.refused.minutes", least=SHORTEST_MINUTES, most=LONGEST_MINUTES)
    if starts_at > now + FURTHEST:
        wrong["starts_at"] = sentence("session.refused.too_far", days=FURTHEST.days)
    elif starts_at < now - FURTHEST_BACK:
        wrong["starts_at"] = sentence("session.refused.too_long_ago", days=FURTHEST_BACK.days)
    return wrong


@dataclass(frozen=True, slots=True)
class Seating:
    """Who and what a session asks for: people booked, places, whether it has a leader, the seats of its room."""

    kind: SessionKind
    mode: SessionMode
    people: int
    capacity: int
    has_leader: bool
    seats: int | None = None


def needs_leader(kind: SessionKind) -> bool:
    """Whether somebody of the clinic has to lead it: everything but what takes place elsewhere."""
    return kind != SessionKind.EXTERNAL


def usual_capacity(kind: SessionKind, most: int, *, people: int, seats: int | None, has_leader: bool) -> int:
    """How many places, where nobody said: one; four in a family session; in a group ten, or what the room holds."""
    if kind == SessionKind.INDIVIDUAL:
        return 1
    usual = FAMILY_PLACES if kind == SessionKind.FAMILY else min(GROUP_PLACES, most)
    free = usual if seats is None else min(usual, seats - has_leader)
    return max(free, people, 1)


def seating_problems(asked: Seating, most: int) -> dict[str, Sentence]:
    """What does not fit, by field: `people`, `capacity`, `leader`, `room`. `most`: the largest of this modality."""
    wrong: dict[str, Sentence] = {}
    if asked.kind == SessionKind.INDIVIDUAL and asked.people != 1:
        wrong["people"] = sentence("session.refused.one_person")
    elif asked.people > asked.capacity:
        wrong["people"] = sentence("session.refused.full", places=asked.capacity)
    largest = 1 if asked.kind == SessionKind.INDIVIDUAL else most
    if not 1 <= asked.capacity <= largest:
        wrong["capacity"] = sentence("session.refused.capacity", most=largest)
    if not asked.has_leader and needs_leader(asked.kind):
        wrong["leader"] = sentence("session.refused.no_leader")
    if asked.seats is not None and asked.mode == SessionMode.IN_PERSON:
        needed = asked.capacity + asked.has_leader
        if needed > asked.seats:
            wrong["room"] = sentence("session.refused.room_small", seats=asked.seats, needed=needed)
    return wrong


def minutes_problem(minutes: int, planned: int) -> Sentence | None:
    """Why somebody cannot have been there so long: at least a minute, at most an hour beyond what was planned."""
    if 1 <= minutes <= planned + RAN_OVER_MOST:
        return None
    return sentence("session.refused.attended_minutes", most=planned + RAN_OVER_MOST)


def who_is_named(note: str, names: Iterable[Collection[str]]) -> str | None:
    """The first name of an attendee that stands in a note all of them share, or None.

    Given, preferred and family names and record numbers of three letters or more, as whole words as they are written.
    """
    for each in names:
        for name in each:
            if len(name) >= _SHORTEST_NAME and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", note):
                return name
    return None
