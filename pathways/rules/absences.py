"""Who is away, who has their work meanwhile, and which absence cannot be recorded.

Whoever names a cover names somebody who is there; if the cover has to be away as well later on, the work goes on to
*their* cover, and so forth. It is followed once: a circle, or an end with nobody there, leaves it to whoever has the
role.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.rules.sentences import Sentence, sentence

LONGEST = timedelta(days=366)  # local default: more than a year is not an absence
FURTHEST = timedelta(days=730)  # local default


@dataclass(frozen=True, slots=True)
class Away:
    """Days (the first and the last) on which `actor` is away and `cover` has their work; both are row ids."""

    actor: int
    cover: int
    starts_on: date
    ends_on: date

    def on(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.starts_on <= day <= self.ends_on

    def meets(self, other: "Away") -> bool:
        """Whether the two share a day."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def covers(absences: Iterable[Away], day: date, *, working: Collection[int]) -> dict[int, int | None]:
    """Who has the work of whom on a day: by who is away, somebody who is there; None: nobody in person.

    `working`: everybody who works at the clinic now; who has left covers for nobody.
    """
    away = {each.actor: each.cover for each in absences if each.on(day)}
    return {actor: _there(actor, away, working) for actor in away}


def _there(actor: int, away: Mapping[int, int], working: Collection[int]) -> int | None:
    passed = {actor}
    cover = away[actor]
    while cover in away and cover not in passed:
        passed.add(cover)
        cover = away[cover]
    return cover if cover in working and cover not in passed else None


def absence_problems(
    wanted: Away, known: Iterable[Away], *, today: date, colleagues: Collection[int]
) -> dict[str, Sentence]:
    """Why an absence cannot be recorded, by field; empty where it can.

    `known`: every absence in force of the person and of the cover · `colleagues`: who works where the person works.
    """
    found: dict[str, Sentence] = {}
    others = [each for each in known if each.meets(wanted)]
    if wanted.ends_on < wanted.starts_on:
        found["ends_on"] = sentence("absence.refused.order")
    elif wanted.ends_on < today:
        found["ends_on"] = sentence("absence.refused.past")
    elif wanted.ends_on - wanted.starts_on > LONGEST or wanted.starts_on - today > FURTHEST:
        found["ends_on"] = sentence("absence.refused.long")
    elif any(each.actor == wanted.actor for each in others):
        found["starts_on"] = sentence("absence.refused.twice")
    if wanted.cover == wanted.actor:
        found["cover"] = sentence("absence.refused.oneself")
    elif wanted.cover not in colleagues:
        found["cover"] = sentence("absence.refused.cover")
    elif any(each.actor == wanted.cover for each in others):
        found["cover"] = sentence("absence.refused.cover_away")
    return found
