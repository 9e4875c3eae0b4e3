"""People under way in a program at a site, by phase: ready to move, held up by what, and what is late. Set-wise."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from clinic.models import Actor, Site
from pathways.models import Enrollment, FollowUp, Program, ProgramVersion
from pathways.queries.courses import courses
from pathways.queries.enrollments import enrollments, next_decisions
from pathways.queries.overdue import overdue
from pathways.queries.programs import document_of
from pathways.rules import ribbon
from pathways.rules.gates import Decision
from pathways.rules.moves import RUNNING

IN_COLUMN = 20
MOST = 2_000
"""More people than a board can show; the oldest enrollments are left out and the page says so."""


@dataclass(frozen=True, slots=True)
class Card:
    """One person on the board. `course` is drawn only for cards that are shown."""

    row: Enrollment
    decision: Decision | None
    course: ribbon.Course | None
    late: int

    @property
    def ready(self) -> bool:
        return self.decision is not None and self.decision.met and self.row.status == "active"


@dataclass(frozen=True, slots=True)
class Column:
    """A phase, everybody in it counted, and the cards shown: ready ones first, then by lateness and name."""

    key: str
    title: str
    count: int
    ready: int
    cards: tuple[Card, ...]

    @property
    def hidden(self) -> int:
        return self.count - len(self.cards)


@dataclass(frozen=True, slots=True)
class Board:
    columns: tuple[Column, ...]
    cut: bool


def boards(actor: Actor, site: Site) -> list[Program]:
    """Programs somebody is under way in at the site, and published ones, by title."""
    here = Enrollment.objects.visible_to(actor).filter(site=site, status__in=RUNNING).values("program")
    published = ProgramVersion.objects.filter(is_current=True).values("program")
    return list((Program.objects.filter(pk__in=here) | Program.objects.filter(pk__in=published)).order_by("title"))


def board(
    actor: Actor,
    site: Site,
    program: Program,
    *,
    now: datetime,
    counselor: UUID | None = None,
    whole: str = "",
    language: str = "en",
) -> Board:
    """Everybody under way, by phase. `whole`: the key of a column shown to its end. Twelve queries for any number."""
    rows = enrollments(actor).filter(site=site, program=program, status__in=RUNNING, current_phase__isnull=False)
    if counselor is not None:
        rows = rows.filter(counselor__public_id=counselor)
    found = list(rows.order_by("-admitted_at", "-id")[: MOST + 1])
    decisions, late = next_decisions(found[:MOST], now=now), _late(found, now)
    by_phase = _sorted(found[:MOST], decisions, late)
    shown = {key: each if key == whole else each[:IN_COLUMN] for key, each in by_phase.items()}
    drawn = courses([row for each in shown.values() for row in each], decisions, now=now, language=language)
    columns = [
        _column(key, title, by_phase.get(key, []), shown.get(key, []), decisions, drawn, late)
        for key, title in _phases(program, found).items()
    ]
    return Board(tuple(columns), cut=len(found) > MOST)


def _late(rows: Sequence[Enrollment], now: datetime) -> dict[int, int]:
    """How many contacts of each enrollment are overdue."""
    contacts = overdue(FollowUp.objects.filter(enrollment__in=[each.pk for each in rows]), now=now)
    counted = contacts.order_by().values("enrollment").annotate(late=Count("pk"))
    return {each["enrollment"]: each["late"] for each in counted}


def _sorted(
    rows: Sequence[Enrollment], decisions: Mapping[int, Decision], late: Mapping[int, int]
) -> dict[str, list[Enrollment]]:
    def place(row: Enrollment) -> tuple[bool, int, str, str, int]:
        decision = decisions.get(row.pk)
        ready = decision is not None and decision.met and row.status == "active"
        return (not ready, -late.get(row.pk, 0), row.patient.family_name, row.patient.given_name, row.pk)

    grouped: dict[str, list[Enrollment]] = defaultdict(list)
    for row in sorted(rows, key=place):
        if row.current_phase is not None:
            grouped[row.current_phase.key].append(row)
    return grouped


def _phases(program: Program, rows: Sequence[Enrollment]) -> dict[str, str]:
    """The phases of the current version in their order, then those only people on older versions are in."""
    current = program.versions.filter(is_current=True).first()
    known = {phase.key: phase.title for phase in document_of(current).phases} if current else {}
    others = [row.current_phase for row in rows if row.current_phase is not None]
    return known | {phase.key: phase.title for phase in others if phase.key not in known}


def _column(
    key: str,
    title: str,
    rows: Sequence[Enrollment],
    shown: Sequence[Enrollment],
    decisions: Mapping[int, Decision],
    drawn: Mapping[int, ribbon.Course],
    late: Mapping[int, int],
) -> Column:
    cards = [Card(row, decisions.get(row.pk), drawn.get(row.pk), late.get(row.pk, 0)) for row in shown]
    ready = sum(Card(row, decisions.get(row.pk), None, 0).ready for row in rows)
    return Column(key, title, len(rows), ready, tuple(cards))
