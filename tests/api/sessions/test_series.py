"""A series is booked whole, or the sessions of it that fit."""

from datetime import datetime

import pytest

from clinic.models import Actor, Site
from tests.api.callers import Caller
from tests.api.sessions.asking import body, pointers
from tests.factories import sessions as make
from tests.factories.sessions import DAY

pytestmark = pytest.mark.django_db


def test_a_series_is_booked_whole_or_in_part(caller: Caller, site: Site, by: Actor, now: datetime) -> None:
    start = (now.astimezone(site.zone) + 2 * DAY).replace(hour=10, minute=0, second=0)
    make.group(site, by=by, at=start + 7 * DAY, now=now)
    given = body(site, by, now, modality="group-therapy", weekdays=[start.weekday()], minutes=60) | {
        "starts_on": str(start.date()), "ends_on": str((start + 14 * DAY).date()), "starts_time": "10:30",
    }  # fmt: skip
    del given["starts_at"]
    address = "/api/v1/session-series/"
    refused = caller.post(address, given)
    assert (refused.status_code, len(refused.json()["clashes"])) == (409, 1)
    made = caller.post(address, given | {"those_that_fit": True})
    assert (made.status_code, len(made.json()["sessions"]), len(made.json()["left_out"])) == (201, 2, 1)
    assert by.name in made.json()["left_out"][0]["sentence"]
    for changed, pointer in (
        ({"weekdays": [9]}, "/weekdays"),
        ({"ends_on": "2140-01-01"}, "/ends_on"),
        ({"every_weeks": 0}, "/every_weeks"),
        ({"minutes": 10**9}, "/minutes"),
    ):
        answer = caller.post(address, given | changed)
        assert (answer.status_code, pointers(answer)) == (422, {pointer})
