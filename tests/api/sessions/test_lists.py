"""The list of sessions is cut by site, day, leader and room, and goes on by cursor."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Actor, Site
from tests.api.callers import Caller
from tests.api.sessions.asking import PATH, pointers
from tests.factories import clinic as house
from tests.factories import sessions as make
from tests.factories.sessions import DAY, HOUR

pytestmark = pytest.mark.django_db


def test_the_list_is_cut_by_site_day_leader_and_room(caller: Caller, site: Site, by: Actor, now: datetime) -> None:
    room, other = make.room(site), house.actor(sites=[site])
    noon = (now.astimezone(site.zone) + DAY).replace(hour=12, minute=0, second=0)
    late = make.group(site, by=by, at=noon + 11 * HOUR, now=now, room_id=room.public_id)
    theirs = make.group(site, by=by, leader=other, at=noon, now=now)
    after = make.group(site, by=by, at=noon + DAY, now=now)

    def listed(query: str) -> list[str]:
        answer = caller.get(f"{PATH}?{query}")
        assert answer.status_code == 200, answer.json()
        return [each["id"] for each in answer.json()["results"]]

    ids = {row.pk: str(row.public_id) for row in (late, theirs, after)}
    assert listed("") == [ids[theirs.pk], ids[late.pk], ids[after.pk]]
    assert listed(f"site={site.public_id}&on={noon.date()}") == [ids[theirs.pk], ids[late.pk]]
    assert listed(f"leader={other.public_id}") == [ids[theirs.pk]]
    assert listed(f"room={room.public_id}") == [ids[late.pk]]
    assert listed(f"since={(noon + HOUR).isoformat().replace('+', '%2B')}&status=booked&modality=group-therapy") == [
        ids[late.pk], ids[after.pk],
    ]  # fmt: skip
    assert listed("status=held") == []


def test_a_day_is_that_of_a_site_one_works_at(caller: Caller) -> None:
    alone = caller.get(f"{PATH}?on=2026-06-19")
    assert (alone.status_code, pointers(alone)) == (422, {"/site"})
    foreign = caller.get(f"{PATH}?on=2026-06-19&site={house.site().public_id}")
    assert (foreign.status_code, pointers(foreign)) == (422, {"/site"})


def test_the_list_goes_on_by_cursor_and_costs_the_same_with_fifty_sessions_as_with_five(
    caller: Caller, site: Site, by: Actor, now: datetime
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(f"{PATH}?page_size=200").status_code == 200
        return len(queries)

    for number in range(5):
        make.group(site, by=by, at=now + number * 2 * HOUR, now=now)
    few = cost()
    for number in range(5, 50):
        make.group(site, by=by, at=now + number * 2 * HOUR, now=now)
    assert cost() == few
    page = caller.get(f"{PATH}?page_size=20").json()
    seen = [each["id"] for each in page["results"]]
    while page.get("next"):
        page = caller.get(page["next"]).json()
        seen += [each["id"] for each in page["results"]]
    assert len(seen) == len(set(seen)) == 50
