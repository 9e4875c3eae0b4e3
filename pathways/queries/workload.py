"""How much is owed and done at each place: one query for any number of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q

from clinic.models import Site
from pathways.models import FollowUp
from pathways.rules.follow_ups import OUTCOMES

BY_PEOPLE = [outcome.value for outcome, rule in OUTCOMES.items() if rule.contact_made]


@dataclass(frozen=True, slots=True)
class Workload:
    """A site, the contacts owed there until the end of its day, and those made since its day began."""

    site: Site
    owed: int
    made: int


def by_site(sites: Sequence[Site], *, now: datetime) -> list[Workload]:
    """The workload of each site, in the order given."""
    if not sites:
        return []
    owed, made = Q(pk__in=[]), Q(pk__in=[])
    for site in sites:
        begins, ends = _day(site, now)
        owed |= Q(site=site, outcome="", act_at__lt=ends)
        made |= Q(site=site, outcome__in=BY_PEOPLE, closed_at__gte=begins, closed_at__lt=ends)
    rows = FollowUp.objects.filter(owed | made).values_list("site", "outcome").annotate(number=Count("pk"))
    counts: dict[tuple[int, bool], int] = defaultdict(int)
    for site_id, outcome, number in rows.order_by("site"):
        counts[site_id, outcome == ""] += number
    return [Workload(each, counts[each.pk, True], counts[each.pk, False]) for each in sites]


def _day(site: Site, now: datetime) -> tuple[datetime, datetime]:
    begins = datetime.combine(now.astimezone(site.zone).date(), time(), site.zone)
    return begins, datetime.combine(begins.date() + timedelta(days=1), time(), site.zone)
