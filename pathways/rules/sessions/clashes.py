"""Double booking: a clinician, a room and a person are in one place at a time.

The database refuses it in the end; this says beforehand, by name and time, what stands in the way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence


class ClashKind(StrEnum):
    """Who or what would be in two places."""

    LEADER = "leader"
    ROOM = "room"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is wanted: from one instant up to another."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a slot is made of instants")
        if self.starts_at >= self.ends_at:
            raise ValueError("a slot ends after it starts")

    def overlaps(self, other: "Slot") -> bool:
        """Whether they share time; one that begins as the other ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Booked:
    """A time that is taken: by whom or what, under which name."""

    kind: ClashKind
    name: str
    slot: Slot


@dataclass(frozen=True, slots=True)
class Clash:
    """A wanted time and what stands in its way. `zone`: in whose wall time it is said."""

    wanted: Slot
    booked: Booked
    zone: ZoneInfo

    @property
    def sentence(self) -> Sentence:
        """By name and time: who or what is taken from when to when."""
        starts = self.booked.slot.starts_at.astimezone(self.zone)
        ends = self.booked.slot.ends_at.astimezone(self.zone)
        until = ends.time() if ends - starts < timedelta(days=1) else ends
        code = f"session.clash.{self.booked.kind}"
        return sentence(code, name=self.booked.name, starts=starts, ends=until)


def clashes(wanted: Sequence[Slot], taken: Iterable[Booked], zone: ZoneInfo) -> dict[Slot, tuple[Clash, ...]]:
    """What stands in the way of each wanted time, in the order given; times that are free are left out.

    Times wanted together are not compared with one another. Linear in the sorted lists, not in their product.
    """
    in_order = sorted(taken, key=lambda each: (each.slot.starts_at, each.kind, each.name))
    longest = max((each.slot.ends_at - each.slot.starts_at for each in in_order), default=timedelta(0))
    found: dict[Slot, tuple[Clash, ...]] = {}
    first = 0
    for slot in sorted(wanted, key=lambda each: each.starts_at):
        while first < len(in_order) and in_order[first].slot.starts_at + longest <= slot.starts_at:
            first += 1
        near = _starting_before(in_order, first, slot.ends_at)
        in_the_way = tuple(Clash(slot, each, zone) for each in near if each.slot.overlaps(slot))
        if in_the_way:
            found[slot] = in_the_way
    return {slot: found[slot] for slot in wanted if slot in found}


def _starting_before(in_order: Sequence[Booked], first: int, end: datetime) -> Iterable[Booked]:
    for each in in_order[first:]:
        if each.slot.starts_at >= end:
            return
        yield each
