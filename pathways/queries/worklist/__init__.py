"""What is owed today, gathered set-wise: light rows first, which are put in order; then the lines that are shown.

A new sort of line is one module with its `Source`, and its place in `SOURCES`.
"""

from collections.abc import Iterable
from datetime import datetime

from clinic.models import Actor, Site
from pathways.queries.worklist import gathering
from pathways.queries.worklist.asking import Asked, Dressed, Entry, Source, Subject
from pathways.queries.worklist.choosing import Choices, Chosen, Count, by_person, choices, choose, numbers
from pathways.queries.worklist.contacts import CONTACTS
from pathways.queries.worklist.gathering import Key, Owed, Staff, with_courses
from pathways.queries.worklist.messages import MESSAGES
from pathways.queries.worklist.plans import PLANS
from pathways.queries.worklist.replies import REPLIES
from pathways.queries.worklist.returns import RETURNS
from pathways.queries.worklist.safety import FLAGS, REVIEWS
from pathways.queries.worklist.sessions import SESSIONS
from pathways.queries.worklist.signatures import LEVELS, OVERRIDES
from pathways.queries.worklist.visits import FIRST_VISITS
from pathways.queries.worklist.warned import WARNINGS
from pathways.rules.worklist import Line, LineType

SOURCES: tuple[Source, ...] = (
    CONTACTS, FLAGS, REVIEWS, OVERRIDES, LEVELS, MESSAGES, REPLIES, RETURNS, SESSIONS, PLANS, FIRST_VISITS, WARNINGS,
)  # fmt: skip


def owed(actor: Actor, site: Site, *, now: datetime) -> Owed:
    """Everything owed at a site as the actor may see it, in order."""
    return gathering.owed(SOURCES, actor, site, now=now)


def only(kind: LineType, actor: Actor, site: Site, *, now: datetime) -> Owed:
    """The lines of one sort alone: for one that is worked in its place."""
    return gathering.owed([each.only(kind) for each in SOURCES if kind in each.dress], actor, site, now=now)


def dressed(found: Owed, lines: Iterable[Line]) -> dict[Key, Dressed]:
    """What these lines say, and the records behind them."""
    return gathering.dressed(SOURCES, found, lines)


__all__ = [
    "SOURCES",
    "Asked",
    "Choices",
    "Chosen",
    "Count",
    "Dressed",
    "Entry",
    "Key",
    "Owed",
    "Source",
    "Staff",
    "Subject",
    "by_person",
    "choices",
    "choose",
    "dressed",
    "numbers",
    "only",
    "owed",
    "with_courses",
]
