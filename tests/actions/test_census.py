"""The census: who was there at the end of each day, and that the days add up."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions.capacity import set_capacity
from pathways.actions.level_transfers import transfer_level
from pathways.models import Enrollment, Program
from pathways.queries.census import Day, census
from pathways.rules.capacity import LevelReason
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason, TransferReason
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST, LAST = date(2026, 6, 14), date(2026, 6, 30)


def program() -> Program:
    return Program.objects.get(key=pathways.KRATOM)


def counted(site: Site, first: date = FIRST, last: date = LAST) -> dict[date, Day]:
    return {each.on: each for each in census(site, program(), first, last)}


def discharged(row: Enrollment, by: Actor, at: Any) -> None:
    enrollments.discharge(by=by, now=at, enrollment_id=row.public_id, reason=DischargeReason.MOVED_AWAY)


def test_people_count_from_the_day_they_come_to_the_day_before_they_leave(site: Site, by: Actor) -> None:
    row = pathways.enrolled(site=site, by=by)
    discharged(row, by, NOW + 3 * DAY)
    days = counted(site)
    assert [on.day for on, day in days.items() if day.total] == [16, 17, 18]
    assert days[date(2026, 6, 16)].admissions == 1
    assert days[date(2026, 6, 19)].discharges == 1


def test_days_begin_and_end_in_the_zone_of_the_site(by: Actor) -> None:
    west = clinic.site(time_zone="Pacific/Honolulu")
    doctor = clinic.actor(roles=[Role.SUPERVISOR], sites=[west])
    late = NOW.replace(hour=8)
    pathways.enrolled(site=west, by=doctor, now=late)
    assert counted(west)[date(2026, 6, 15)].admissions == 1


def test_people_are_counted_by_level_and_changes_are_told(site: Site, by: Actor) -> None:
    row = pathways.enrolled(site=site, by=by)
    told = {"by": by, "now": NOW + 4 * DAY, "enrollment_id": row.public_id, "note": "So"}
    transfer_level(to_level=Level.L2, reason=LevelReason.STEP_UP, effective_at=NOW + DAY, **told)  # type: ignore[arg-type]
    transfer_level(to_level=Level.L1, reason=LevelReason.STEP_DOWN, effective_at=NOW + 3 * DAY, **told)  # type: ignore[arg-type]
    days = counted(site)
    assert [dict(days[date(2026, 6, day)].people) for day in (16, 17, 18, 19)] == [
        {"": 1},
        {"L2": 1},
        {"L2": 1},
        {"L1": 1},
    ]
    assert [days[date(2026, 6, day)].level_changes for day in (17, 19)] == [0, 1]


def test_places_and_occupancy_follow_the_number_of_the_day(site: Site, by: Actor) -> None:
    pathways.enrolled(site=site, by=by)
    told = {"by": by, "now": NOW, "site_id": site.public_id, "program_key": pathways.KRATOM}
    set_capacity(number=4, starts_on=date(2026, 6, 16), **told)  # type: ignore[arg-type]
    set_capacity(number=2, starts_on=date(2026, 6, 20), **told)  # type: ignore[arg-type]
    set_capacity(number=3, level=Level.L2, **told)  # type: ignore[arg-type]
    days = counted(site)
    assert [(days[date(2026, 6, day)].places, days[date(2026, 6, day)].occupancy) for day in (15, 16, 20)] == [
        (None, None),
        (4, 25.0),
        (2, 50.0),
    ]
    assert days[date(2026, 6, 20)].by_level == {"L2": 3}


def test_who_goes_on_at_another_site_counts_here_until_then_and_there_since(site: Site, by: Actor) -> None:
    there = clinic.site()
    row = pathways.enrolled(site=site, by=by)
    enrollments.transfer_site(
        by=by,
        now=NOW + 2 * DAY,
        enrollment_id=row.public_id,
        site_id=there.public_id,
        reason=next(iter(TransferReason)),
    )
    here_days, there_days = counted(site), counted(there)
    assert [on.day for on, day in here_days.items() if day.total] == [16, 17]
    assert [on.day for on, day in there_days.items() if day.total][:2] == [18, 19]
    on = date(2026, 6, 18)
    assert (here_days[on].moved_out, there_days[on].moved_in) == (1, 1)
    assert (here_days[on].discharges, there_days[on].admissions) == (0, 0)


def test_the_census_asks_three_queries_however_many_people(site: Site, by: Actor) -> None:
    pathways.enrolled(site=site, by=by)
    kratom = program()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            census(site, kratom, FIRST, LAST)
        return len(queries)

    assert asked() == 3
    for _ in range(3):
        pathways.enrolled(site=site, by=by)
    assert asked() == 3


def test_a_stretch_that_cannot_be_shown_is_refused(site: Site) -> None:
    pathways.program()
    for first, last in ((LAST, FIRST), (FIRST, FIRST + timedelta(days=400))):
        with pytest.raises(ValueError, match="census"):
            census(site, program(), first, last)


class TestDaysAddUp(TestCase):
    """Whatever happens, people of a day are those of the day before, and who came, less who left."""

    @given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.booleans()), min_size=1, max_size=4))
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def test_people_of_a_day_are_those_before_and_who_came_less_who_left(
        self, stays: list[tuple[int, int, bool]]
    ) -> None:
        site = clinic.site()
        by = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
        pathways.program(now=NOW - DAY)
        for begins, length, leaves in stays:
            at = NOW + begins * DAY
            row = pathways.enrolled(patients.patient(site, by=by, now=NOW), site=site, by=by, now=at)
            if leaves:
                discharged(row, by, at + length * DAY)
        before = 0
        for day in census(site, program(), FIRST, LAST):
            assert day.total == before + day.admissions + day.moved_in - day.discharges - day.moved_out
            before = day.total
