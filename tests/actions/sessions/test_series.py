"""A series of sessions: in wall time, whole or by choice in part."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Actor, Site
from clinic.wording import say
from pathways.actions import sessions
from pathways.actions.sessions import Person, What
from pathways.models import Attendance, Session, SessionSeries
from pathways.rules.sessions import (
    Recurrence,
)
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import people
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def weekly(**changed: Any) -> Recurrence:
    whole = {"every_weeks": 1, "weekdays": (2,), "starts_on": date(2026, 10, 14), "ends_on": date(2026, 11, 11),
             "starts_time": time(10), "minutes": 90}  # fmt: skip
    return Recurrence(**(whole | changed))


def series(site: Site, by: Actor, **given: Any) -> Any:
    whole = {"by": by, "now": NOW, "site_id": site.public_id, "what": What("group-therapy"), "when": weekly(),
             "leader_id": by.public_id}  # fmt: skip
    return sessions.book_series(**(whole | given))


def test_a_series_is_booked_in_wall_time_with_everybody_in_it(site: Site, by: Actor) -> None:
    two = people(site, by, 2)
    made = series(site, by, people=[Person(each.public_id) for each in two])
    rows = Session.objects.filter(series=made.series).order_by("starts_at")
    assert [each.starts_at.astimezone(site.zone).hour for each in rows] == [10] * 5
    assert len({each.starts_at.hour for each in rows}) == 2
    assert Attendance.objects.filter(session__series=made.series).count() == 10
    assert all(each.starts_at == each.session.starts_at for each in Attendance.objects.select_related("session"))
    assert (made.series.weekdays, made.left_out) == ([2], {})


def test_a_series_with_taken_dates_is_booked_whole_or_by_choice_in_part(site: Site, by: Actor) -> None:
    taken = datetime.combine(date(2026, 10, 21), time(11), tzinfo=site.zone)
    make.group(site, by=by, at=taken)
    no = refused(series, site=site, by=by)
    assert say(no.sentence) == "1 of 5 dates is taken. Nothing was booked."
    assert isinstance(no.details, dict)
    assert [say(each["sentence"]) for each in no.details["clashes"]] == [
        f"{by.name} has another session from Wed 21 Oct 11:00 to 12:30."
    ]
    assert not SessionSeries.objects.exists()
    made = series(site, by, those_that_fit=True)
    assert (len(made.sessions), len(made.left_out)) == (4, 1)


def test_a_series_of_which_every_date_is_taken_is_none(site: Site, by: Actor) -> None:
    series(site, by)
    no = refused(series, site=site, by=by, those_that_fit=True)
    assert no.code == "session_clash"
    assert SessionSeries.objects.count() == 1


def test_booking_a_long_series_costs_as_much_as_a_short_one(site: Site, by: Actor) -> None:
    def cost(when: Recurrence) -> int:
        with CaptureQueriesContext(connection) as queries:
            series(site, by, when=when)
        return len(queries)

    short = cost(weekly(ends_on=date(2026, 10, 21)))
    assert cost(weekly(weekdays=(0, 1, 3, 4), ends_on=date(2027, 3, 1))) == short


def test_a_series_lies_within_the_years_one_plans_in(site: Site, by: Actor) -> None:
    far = weekly(starts_on=date(2028, 6, 1), ends_on=date(2028, 7, 30))
    assert set(refused(series, site=site, by=by, when=far).fields) == {"ends_on"}
    assert set(refused(series, site=site, by=by, when=weekly(weekdays=())).fields) == {"weekdays"}
