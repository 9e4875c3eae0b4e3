"""How much is owed, late and done at each place: two queries for any number of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q

from clinic.models import Site
from pathways.models import FollowUp
from pathways.queries.overdue import OVERDUE, with_last_day
from pathways.rules.follow_ups import OUTCOMES

BY_PEOPLE = [outcome.value for outcome, rule in OUTCOMES.items() if rule.contact_made]


@dataclass(frozen=True, slots=True)
class Workload:
    """A site, the contacts owed there until the end of its day, how many of them are late, and those made since its day
    began."""

    site: Site
    owed: int
    late: int
    made: int


def by_site(sites: Sequence[Site], *, now: datetime) -> list[Workload]:
    """The workload of each site, in the order given."""
    if not sites:
        return []
    due, done = Q(pk__in=[]), Q(pk__in=[])
    for site in sites:
        begins, ends = _day(site, now)
        due |= Q(site=site, act_at__lt=ends)
        done |= Q(site=site, closed_at__gte=begins, closed_at__lt=ends)
    open_ones = with_last_day(FollowUp.objects.open().filter(due), now=now).order_by().values("site")
    counted = open_ones.annotate(owed=Count("pk"), late=Count("pk", filter=OVERDUE))
    owed = {row["site"]: (row["owed"], row["late"]) for row in counted.values("site", "owed", "late")}
    closed = FollowUp.objects.filter(done, outcome__in=BY_PEOPLE).order_by().values("site")
    made = dict(closed.annotate(made=Count("pk")).values_list("site", "made"))
    return [Workload(each, *owed.get(each.pk, (0, 0)), made.get(each.pk, 0)) for each in sites]


def _day(site: Site, now: datetime) -> tuple[datetime, datetime]:
    begins = datetime.combine(now.astimezone(site.zone).date(), time(), site.zone)
    return begins, datetime.combine(begins.date() + timedelta(days=1), time(), site.zone)
