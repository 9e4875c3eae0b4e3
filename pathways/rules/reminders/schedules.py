"""How long before a session its people are reminded, and what becomes of each of those times.

Sources: follow-up.md, "Reminders" (7 days, 2 days, 1 day and 2 hours before is a reasonable default, G; two suffice; a
setting per appointment type). Marks: G, general practice; L, our own local rule.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from clinic.rules.opening_hours import ContactHours, ContactTime
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.reminders.due import due_before
from pathways.rules.sessions import SessionKind

Offsets = tuple[timedelta, ...]
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# G: follow-up.md. What no modality, site or kind says otherwise.
USUAL: Offsets = (7 * DAY, 2 * DAY, DAY, 2 * HOUR)
# A group comes round by itself: one message the day before keeps three groups a week within three messages a week (L).
# What takes place elsewhere is the person's own: nobody is reminded of it (L).
USUAL_BY_KIND: Mapping[SessionKind, Offsets] = MappingProxyType(
    {
        SessionKind.INDIVIDUAL: USUAL,
        SessionKind.FAMILY: USUAL,
        SessionKind.GROUP: (DAY,),
        SessionKind.EXTERNAL: (),
    }
)
# Nearer than this nobody can change their way any more; farther than this it is forgotten again (L).
SHORTEST, LONGEST = 15 * MINUTE, 30 * DAY
MOST_OFFSETS = 6

_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE}
_SPELLED = re.compile(r"([1-9]\d{0,4})([dhm])")


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a site set: for a modality, or ("") for every other."""

    modality: str
    offsets: Offsets


def offsets_for(kind: SessionKind, modality: str, shipped: Offsets | None, set_here: Iterable[Schedule]) -> Offsets:
    """When the people of a session are reminded, the longest before it first.

    What the site set for the modality counts before what it set for every other, that before what is shipped with the
    modality, that before what is usual for the kind of session.
    """
    own = {each.modality: each.offsets for each in set_here}
    if modality in own:
        return own[modality]
    if "" in own:
        return own[""]
    return USUAL_BY_KIND[kind] if shipped is None else shipped


def offset_of(text: str) -> timedelta:
    """`7d`, `2h` or `30m` as a length of time. Raises ValueError for anything else."""
    found = _SPELLED.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no length of time: 7d, 2h or 30m is one")
    return int(found[1]) * _UNITS[found[2]]


def spelled(offset: timedelta) -> str:
    """A length of time as `offset_of` reads it."""
    unit = next(each for each, length in _UNITS.items() if offset % length == timedelta(0))
    return f"{offset // _UNITS[unit]}{unit}"


def before(offset: timedelta) -> Sentence:
    """A length of time in words: two days, two hours."""
    for unit, length in _UNITS.items():
        if offset % length == timedelta(0):
            return sentence(f"schedule.before.{unit}", n=offset // length)
    raise ValueError(f"{offset} is no whole number of minutes")


def offsets_problem(offsets: Sequence[timedelta]) -> Sentence | None:
    """Why nobody can be reminded so: too many, one twice, too near or too far. None of them at all is fine."""
    if len(offsets) > MOST_OFFSETS:
        return sentence("schedule.refused.too_many", most=MOST_OFFSETS)
    if len(set(offsets)) < len(offsets):
        return sentence("schedule.refused.twice")
    if any(not SHORTEST <= each <= LONGEST for each in offsets):
        return sentence("schedule.refused.length", least=SHORTEST // MINUTE, most=LONGEST.days)
    return None


def in_order(offsets: Collection[timedelta]) -> Offsets:
    """The longest before the session first."""
    return tuple(sorted(offsets, reverse=True))


def planned_by(hours: ContactHours, set_here: Iterable[Schedule]) -> str:
    """Fingerprint of what a site's messages are planned by: the same while its hours and schedules are, in any order.

    Sixteen hexadecimal digits.
    """
    parts = sorted(f"{each.modality}:{','.join(map(spelled, each.offsets))}" for each in set_here)
    whole = "|".join([hours.opens.isoformat(), hours.closes.isoformat(), *parts])
    return sha256(whole.encode()).hexdigest()[:16]


def why_none(*, starts_at: datetime, offset: timedelta, zone: str, window: ContactHours, now: datetime) -> Sentence:
    """Why no message is planned `offset` before a session to somebody who has an address.

    Contact hours leave no time for it; or its time had passed before it could be planned: nobody who has just been
    given an appointment is written to about it.
    """
    when = due_before(starts_at=starts_at, offset=offset, zone=zone, window=window, not_before=now)
    return sentence("reminder.not_planned.past") if isinstance(when, ContactTime) else when
