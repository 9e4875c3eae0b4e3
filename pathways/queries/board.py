"""People under way in a program at a site, by phase: ready to move, held up by what, and what is late. Set-wise."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Prefetch

from clinic.models import Actor, Site
from pathways.models import Enrollment, FollowUp, Program, ProgramVersion
from pathways.queries.courses import courses
from pathways.queries.enrollments import next_decisions, ready_to_move
from pathways.queries.overdue import overdue
from pathways.queries.programs import document_of
from pathways.rules import ribbon
from pathways.rules.gates import Decision
from pathways.rules.moves import RUNNING, EnrollmentStatus

IN_COLUMN = 20
COLUMNS = (
    *("public_id", "status", "admitted_at", "ended_at", "site", "program", "program_version", "current_phase"),
    *("patient__public_id", "patient__given_name", "patient__preferred_name", "patient__family_name"),
)
MOST = 2_000
"""More people than a board can show; the oldest enrollments are left out and the page says so."""


@dataclass(frozen=True, slots=True)
class Card:
    """One person on the board. `ready`: the next move may be made now; nobody moves on from a hold."""

    row: Enrollment
    decision: Decision | None
    course: ribbon.Course | None
    late: int
    ready: bool


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


def busiest(actor: Actor, site: Site, programs: Collection[Program]) -> str:
    """The key of that of the programs in which most people are under way at the site; "" of none."""
    here = Enrollment.objects.visible_to(actor).filter(site=site, status__in=RUNNING).order_by()
    people = dict(here.values_list("program").annotate(n=Count("pk")))
    found = max(programs, key=lambda each: people.get(each.pk, 0), default=None)
    return found.key if found else ""


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
    """Everybody under way, by phase. `whole`: the key of a column shown to its end.

    The same queries for any number of people, thirty at most.
    """
    found = _people(actor, site, program, counselor)
    rows, late = found[:MOST], _late(found, now)
    ready = ready_to_move(rows, now=now) & {row.pk for row in rows if row.status == EnrollmentStatus.ACTIVE}
    by_phase = _sorted(rows, ready, late)
    shown = {key: each if key == whole else each[:IN_COLUMN] for key, each in by_phase.items()}
    cards = {card.row.pk: card for card in _cards(shown, ready, late, now, language)}
    columns = [
        Column(
            key,
            title,
            count=len(by_phase.get(key, ())),
            ready=sum(row.pk in ready for row in by_phase.get(key, ())),
            cards=tuple(cards[row.pk] for row in shown.get(key, ())),
        )
        for key, title in _phases(program, found).items()
    ]
    return Board(tuple(columns), cut=len(found) > MOST)


def _cards(
    shown: Mapping[str, Sequence[Enrollment]],
    ready: Collection[int],
    late: Mapping[int, int],
    now: datetime,
    language: str,
) -> Iterator[Card]:
    """The cards that are shown: only for these is a decision put into words and a course drawn."""
    rows = [row for each in shown.values() for row in each]
    decisions = next_decisions(rows, now=now)
    drawn = courses(rows, decisions, now=now, language=language)
    for row in rows:
        yield Card(row, decisions.get(row.pk), drawn.get(row.pk), late.get(row.pk, 0), row.pk in ready)


def _people(actor: Actor, site: Site, program: Program, counselor: UUID | None) -> list[Enrollment]:
    """The enrollments of a board, newest admission first, with one more than it can show.

    Only the columns a card is made of; the site, the program, its versions and phases are read once and shared.
    """
    rows = Enrollment.objects.visible_to(actor).filter(
        site=site, program=program, status__in=RUNNING, current_phase__isnull=False
    )
    if counselor is not None:
        rows = rows.filter(counselor__public_id=counselor)
    versions = Prefetch("program_version", ProgramVersion.objects.defer("document"))
    rows = rows.select_related("patient").only(*COLUMNS).prefetch_related(versions, "current_phase")
    found = list(rows.order_by("-admitted_at", "-id")[: MOST + 1])
    for row in found:
        row.site, row.program = site, program
    return found


def _late(rows: Sequence[Enrollment], now: datetime) -> dict[int, int]:
    """How many contacts of each enrollment are overdue."""
    contacts = overdue(FollowUp.objects.filter(enrollment__in=[each.pk for each in rows]), now=now)
    counted = contacts.order_by().values("enrollment").annotate(late=Count("pk"))
    return {each["enrollment"]: each["late"] for each in counted}


def _sorted(rows: Sequence[Enrollment], ready: Collection[int], late: Mapping[int, int]) -> dict[str, list[Enrollment]]:
    def place(row: Enrollment) -> tuple[bool, int, str, str, int]:
        name = (row.patient.family_name, row.patient.given_name)
        return (row.pk not in ready, -late.get(row.pk, 0), *name, row.pk)

    grouped: dict[str, list[Enrollment]] = defaultdict(list)
    for row in sorted(rows, key=place):
        if row.current_phase is not None:
            grouped[row.current_phase.key].append(row)
    return grouped


def _phases(program: Program, rows: Sequence[Enrollment]) -> dict[str, str]:
    """The phases of the current version in their order, then those only people on older versions are in."""
    current = program.versions.defer("document").filter(is_current=True).first()
    known = {phase.key: phase.title for phase in document_of(current).phases} if current else {}
    others = [row.current_phase for row in rows if row.current_phase is not None]
    return known | {phase.key: phase.title for phase in others if phase.key not in known}
