"""Minutes of a week, as the accounts tell them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Actor, Site
from pathways.actions import sessions
from pathways.queries.attendance import weeks_of
from pathways.rules.attendance import WeekState
from patients.models import Patient
from tests.factories import pathways
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import AFTER, DAY, TOMORROW, came

pytestmark = pytest.mark.django_db


def test_minutes_documented_stand_in_the_week_they_were_attended(site: Site, by: Actor, patient: Patient) -> None:
    for weeks_ago in (2, 0):
        row = make.group(site, patient, by=by, at=TOMORROW - weeks_ago * 7 * DAY)
        sessions.document(by=by, now=AFTER, session_id=row.public_id, came=came(row, 75))
    found = weeks_of(patient, zone=site.zone, now=AFTER).weeks
    assert [(each.minutes, each.state) for each in found] == [
        (75, WeekState.PARTIAL), (0, WeekState.PARTIAL), (75, WeekState.UNDER_WAY),
    ]  # fmt: skip


def test_weeks_cost_the_same_with_many_sessions_as_with_few(site: Site, by: Actor, patient: Patient) -> None:
    pathways.enrolled(patient, by=by, site=site, now=NOW - 3 * DAY)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            weeks_of(patient, zone=site.zone, now=AFTER)
        return len(queries)

    make.individual(patient, by=by, at=TOMORROW - DAY)
    few = cost()
    for number in range(5):
        make.individual(patient, by=by, at=TOMORROW + number * DAY)
    assert cost() == few == 3
