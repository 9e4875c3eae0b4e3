"""The census: who was there at the end of each day, who came and who left, at a site in a program. Set-wise.

A person counts where they were: an enrollment that went on at another site counts here up to then, and there since.
For any stretch of days: people(d) = people(d - 1) + admissions + moved in - discharges - moved out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from clinic.models import Site
from pathways.models import Capacity, Program
from pathways.rules.capacity import NO_LEVEL, PlaceKind

MOST_DAYS = 400

# Where each enrollment of the program was, and from when to when somebody was under way in it there.
_PRESENCE = """
WITH moved AS (
    SELECT t.enrollment_id, t.from_site_id, t.to_site_id, t.effective_at,
           lead(t.effective_at) OVER line AS following, row_number() OVER line AS turn
    FROM pathways_transition t
    JOIN pathways_enrollment e ON e.id = t.enrollment_id AND e.program_id = %(program)s
    WHERE t.to_site_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM pathways_transition u WHERE u.reverses_id = t.id)
    WINDOW line AS (PARTITION BY t.enrollment_id ORDER BY t.effective_at, t.id)
), place AS (
    SELECT e.id, coalesce(m.from_site_id, e.site_id) AS site, timestamptz '-infinity' AS since,
           coalesce(m.effective_at, timestamptz 'infinity') AS until
    FROM pathways_enrollment e LEFT JOIN moved m ON m.enrollment_id = e.id AND m.turn = 1
    WHERE e.program_id = %(program)s
    UNION ALL
    SELECT m.enrollment_id, m.to_site_id, m.effective_at, coalesce(m.following, timestamptz 'infinity') FROM moved m
), presence AS (
    SELECT p.id, e.admitted_at, e.ended_at, p.since, p.until, e.transferred_from_id,
           greatest(e.admitted_at, p.since) AS began,
           least(coalesce(e.ended_at, timestamptz 'infinity'), p.until) AS ended
    FROM place p JOIN pathways_enrollment e ON e.id = p.id
    WHERE p.site = %(site)s AND e.admitted_at IS NOT NULL
      AND greatest(e.admitted_at, p.since) < %(end)s
      AND least(coalesce(e.ended_at, timestamptz 'infinity'), p.until) >= %(start)s
)
"""
_HEADS = (
    _PRESENCE
    + """
SELECT d.day::date, coalesce(s.level, ''), count(*)
FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 day') AS d(day)
JOIN presence p ON p.began < (d.day + interval '1 day') AT TIME ZONE %(zone)s
               AND p.ended >= (d.day + interval '1 day') AT TIME ZONE %(zone)s
LEFT JOIN pathways_levelstay s ON s.enrollment_id = p.id
     AND s.started_at < (d.day + interval '1 day') AT TIME ZONE %(zone)s
     AND coalesce(s.ended_at, timestamptz 'infinity') >= (d.day + interval '1 day') AT TIME ZONE %(zone)s
GROUP BY 1, 2
"""
)
_MOVES = (
    _PRESENCE  # noqa: S608 - our own words; every value is a parameter
    + """
SELECT (at AT TIME ZONE %(zone)s)::date, what, count(*) FROM (
    SELECT began AS at,
           CASE WHEN since > timestamptz '-infinity' OR transferred_from_id IS NOT NULL
                THEN 'moved_in' ELSE 'admissions' END AS what
    FROM presence WHERE began < ended OR ended_at = began
    UNION ALL
    SELECT ended,
           CASE WHEN ended_at IS DISTINCT FROM ended
                  OR EXISTS (SELECT 1 FROM pathways_enrollment n WHERE n.transferred_from_id = presence.id)
                THEN 'moved_out' ELSE 'discharges' END
    FROM presence WHERE ended < timestamptz 'infinity' AND (began < ended OR ended_at = began)
    UNION ALL
    SELECT s.started_at, 'level_changes'
    FROM presence p JOIN pathways_levelstay s ON s.enrollment_id = p.id
    WHERE s.started_at > p.began AND s.started_at <= p.ended
      AND EXISTS (SELECT 1 FROM pathways_levelstay b WHERE b.enrollment_id = s.enrollment_id
                  AND b.ended_at = s.started_at AND b.id <> s.id)
) AS happened
WHERE at >= %(start)s AND at < %(end)s
GROUP BY 1, 2
"""
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: people at its end by level ("": none decided), and what happened on it.

    places: how many there were at any level, None where they are not counted · by_level: those counted at a level.
    """

    on: date
    people: Mapping[str, int]
    admissions: int = 0
    discharges: int = 0
    moved_in: int = 0
    moved_out: int = 0
    level_changes: int = 0
    places: int | None = None
    by_level: Mapping[str, int] | None = None

    @property
    def total(self) -> int:
        return sum(self.people.values())

    @property
    def occupancy(self) -> float | None:
        """People in percent of the places; None where places are not counted or there are none."""
        return round(100 * self.total / self.places, 1) if self.places else None


def census(site: Site, program: Program, first: date, last: date) -> list[Day]:
    """Day by day in the site's zone, both ends included. Three queries, however many people and days.

    Raises ValueError where the last day lies before the first, or the stretch is longer than can be shown.
    """
    if last < first or (last - first).days >= MOST_DAYS:
        raise ValueError(f"a census runs over 1 to {MOST_DAYS} days")
    given = _given(site, program, first, last)
    heads: dict[date, dict[str, int]] = defaultdict(dict)
    for on, level, n in _asked(_HEADS, given):
        heads[on][level] = n
    moves: dict[date, dict[str, Any]] = defaultdict(dict)
    for on, what, n in _asked(_MOVES, given):
        moves[on][what] = n
    numbers = list(Capacity.objects.filter(site=site, program=program, kind=PlaceKind.PLACE, starts_on__lte=last))
    return [Day(on, heads.get(on, {}), **moves.get(on, {}), **_places(numbers, on)) for on in _days(first, last)]


def _given(site: Site, program: Program, first: date, last: date) -> dict[str, Any]:
    start = datetime.combine(first, time(), site.zone)
    end = datetime.combine(last + timedelta(days=1), time(), site.zone)
    return {
        "site": site.pk,
        "program": program.pk,
        "zone": site.time_zone,
        "first": first,
        "last": last,
        "start": start,
        "end": end,
    }


def _asked(sql: str, given: Mapping[str, Any]) -> list[tuple[date, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _places(numbers: list[Capacity], on: date) -> dict[str, Any]:
    counted = [each for each in numbers if each.starts_on <= on and (each.ends_on is None or each.ends_on >= on)]
    whole = [each.number for each in counted if each.level == NO_LEVEL]
    return {
        "places": whole[0] if whole else None,
        "by_level": {each.level: each.number for each in counted if each.level != NO_LEVEL},
    }
