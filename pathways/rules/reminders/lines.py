"""How the messages of one channel stand, and what of them stands still.

Source: quality.md F2, F3 and F8. Marks: L, our own local rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.rules.sentences import Sentence, sentence

# A tick comes every 15 s: what is due for this long, and neither paused nor waiting for a provider, stands still (L).
WAITS_TOO_LONG = timedelta(minutes=5)
# A provider that rests for this long needs a person (L): it has been tried half a dozen times.
RESTS_TOO_LONG = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One channel at one moment. All are numbers of messages, but for the provider's standing.

    `due`: may go now, and `oldest_due_at` since when; `held`: due, and held back by a pause; `paused`: the whole
    channel is, by somebody. `under_way`: claimed or
    being sent; `lapsed`: of these, those whose worker has stopped. `unclear`: being asked about; `for_a_person`: a
    person decides, because it is unclear or was missed; `given_up`: not taken in all tries, in the last two days.
    `troubles`, `trouble_code`, `rests_until`: the provider's standing; `per_second`: its ceiling, 0 where it has none.
    """

    channel: str
    provider: str
    due: int = 0
    oldest_due_at: datetime | None = None
    held: int = 0
    paused: bool = False
    under_way: int = 0
    lapsed: int = 0
    unclear: int = 0
    for_a_person: int = 0
    given_up: int = 0
    troubles: int = 0
    trouble_code: str = ""
    rests_until: datetime | None = None
    per_second: int = 0

    def rests(self, now: datetime) -> bool:
        """Whether the provider is left alone at `now`."""
        return bool(self.troubles) and self.rests_until is not None and now < self.rests_until


def standing_still(line: Line, now: datetime) -> Iterator[Sentence]:
    """What somebody should look into, the worst first; nothing where all moves."""
    if line.troubles and line.rests_until is not None and line.rests_until - now > RESTS_TOO_LONG:
        yield sentence("delivery.still.provider", provider=line.provider, troubles=line.troubles)
    waits = line.oldest_due_at is not None and now - line.oldest_due_at > WAITS_TOO_LONG
    if waits and not line.paused and not line.rests(now):
        yield sentence("delivery.still.due", due=line.due)
    if line.lapsed:
        yield sentence("delivery.still.lapsed", lapsed=line.lapsed)
    if line.for_a_person:
        yield sentence("delivery.still.for_a_person", number=line.for_a_person)
    if line.given_up:
        yield sentence("delivery.still.given_up", number=line.given_up)
