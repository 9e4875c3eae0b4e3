"""What came of it, for a program: returns to use as events within an enrollment, and how soon care answered. Set-wise.

Everything is derived from what was recorded. Each measure comes with its definition, how many were counted, and the
filter it holds for.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from clinic.models import Actor, Site
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Enrollment, FollowUp, Program, ReturnToUse, Transition
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import RUNNING, MoveKind, StepBackReason
from pathways.rules.returns import Days, days_between

DEFAULT_DAYS = 365
MANY = 3
REACHED = (Outcome.REACHED, Outcome.KEPT)


@dataclass(frozen=True, slots=True)
class Period:
    """Days counted, both included, in a zone; at one site, or wherever the asker works."""

    first: date
    last: date
    zone: ZoneInfo
    site: Site | None = None

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def end(self) -> datetime:
        """The moment after the last day."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)

    @property
    def said(self) -> Sentence:
        if self.site is None:
            return sentence("measure.filter.all", first=self.first, last=self.last)
        return sentence("measure.filter.site", site=self.site.name, first=self.first, last=self.last)


@dataclass(frozen=True, slots=True)
class Returns:
    """Returns to use within enrollments of a program.

    enrollments: admitted before the end of the period and not ended before it · returns: in the period · by_number: how
    many enrollments had none, one, two, three or more · people: with a return · still: of these, those under way today
    · to_contact, to_step_back: days from a return to what followed it, counted where it did.
    """

    period: Period
    enrollments: int
    returns: int
    by_number: tuple[int, ...]
    people: int
    still: int
    to_contact: Days
    to_step_back: Days

    @property
    def each(self) -> float | None:
        """Returns for each enrollment."""
        return round(self.returns / self.enrollments, 2) if self.enrollments else None


def returns(actor: Actor, program: Program, period: Period) -> Returns:
    """The measures of returns to use in one program. Four queries, whatever the number of people."""
    rows = _enrollments(actor, program, period)
    happened = ReturnToUse.objects.filter(
        enrollment__in=rows, effective_at__gte=period.start, effective_at__lt=period.end
    )
    counted = _by_number(rows, period)
    return Returns(
        period=period,
        enrollments=sum(counted),
        returns=happened.count(),
        by_number=counted,
        to_contact=days_between(_until_contact(happened)),
        to_step_back=days_between(_until_step_back(happened)),
        **_people(rows, happened),
    )


def _enrollments(actor: Actor, program: Program, period: Period) -> QuerySet[Enrollment]:
    """Enrollments under way at some time of the period; a return never takes one out."""
    rows = Enrollment.objects.visible_to(actor).filter(program=program, admitted_at__lt=period.end)
    rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=period.start))
    return rows.filter(site=period.site) if period.site else rows


def _by_number(rows: QuerySet[Enrollment], period: Period) -> tuple[int, ...]:
    inside = Q(returns_to_use__effective_at__gte=period.start, returns_to_use__effective_at__lt=period.end)
    numbered = rows.annotate(number=Count("returns_to_use", filter=inside)).values("pk", "number")
    counts = [0] * (MANY + 1)
    for each in numbered.order_by().values_list("number", flat=True):
        counts[min(each, MANY)] += 1
    return tuple(counts)


def _people(rows: QuerySet[Enrollment], happened: QuerySet[ReturnToUse]) -> dict[str, int]:
    """People with a return, and those of them who are under way today in any enrollment of the program."""
    mine = happened.filter(enrollment=OuterRef("pk"))
    found = rows.filter(Exists(mine)).aggregate(
        people=Count("patient", distinct=True),
        still=Count("patient", distinct=True, filter=Q(status__in=RUNNING)),
    )
    return {"people": found["people"], "still": found["still"]}


def _until_contact(happened: QuerySet[ReturnToUse]) -> list[tuple[datetime, datetime]]:
    """From each return to the next contact that reached the person; those not reached yet are left out."""
    reached = FollowUp.objects.filter(
        patient=OuterRef("enrollment__patient"), outcome__in=REACHED, closed_at__gte=OuterRef("effective_at")
    )
    first = reached.order_by().values("patient").annotate(at=Min("closed_at")).values("at")
    rows = happened.annotate(answered=Subquery(first)).filter(answered__isnull=False)
    return list(rows.order_by().values_list("effective_at", "answered"))


def _until_step_back(happened: QuerySet[ReturnToUse]) -> list[tuple[datetime, datetime]]:
    """From each return to the step back agreed because of it; those undone are left out."""
    moved = Transition.objects.filter(
        enrollment=OuterRef("enrollment"),
        kind=MoveKind.STEP_BACK,
        reason=StepBackReason.RETURN_TO_USE,
        reversed_by__isnull=True,
        effective_at__gte=OuterRef("effective_at"),
    )
    first = moved.order_by().values("enrollment").annotate(at=Min("effective_at")).values("at")
    rows = happened.annotate(stepped=Subquery(first)).filter(stepped__isnull=False)
    return list(rows.order_by().values_list("effective_at", "stepped"))
