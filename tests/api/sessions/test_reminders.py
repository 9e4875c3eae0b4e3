"""When reminders go before a session, set for a site by modality, and the reminders of a place."""

from datetime import datetime
from typing import Any

import pytest

from clinic.models import Actor, Site
from tests.api.callers import Caller, program
from tests.factories import clinic as house
from tests.factories import patients
from tests.factories import sessions as make
from tests.factories.sessions import DAY, place_of

pytestmark = pytest.mark.django_db


def schedules_of(site: Site, key: str = "") -> str:
    return f"/api/v1/sites/{site.public_id}/reminder-schedules/{key}"


def test_a_schedule_is_set_changed_and_cleared_with_its_version(caller: Caller, site: Site) -> None:
    address = schedules_of(site, "cbt/")
    assert caller.get(address).status_code == 404
    made = caller.put(address, {"offsets": ["2h", "3d"]})
    assert (made.status_code, made.json()["offsets"], made["ETag"]) == (200, ["3d", "2h"], '"1"')
    assert caller.put(address, {"offsets": []}).status_code == 428
    assert caller.put(address, {"offsets": []}, If_Match='"7"').status_code == 412
    changed = caller.put(address, {"offsets": []}, If_Match='"1"')
    assert (changed.json()["offsets"], changed["ETag"]) == ([], '"2"')
    assert caller.get(schedules_of(site)).json()["results"] == [changed.json()]
    assert caller.send("delete", address, If_Match='"2"').status_code == 204
    assert caller.get(schedules_of(site)).json()["results"] == []


def test_every_other_modality_has_an_address_of_its_own(caller: Caller, site: Site) -> None:
    assert caller.put(schedules_of(site, "every-other/"), {"offsets": ["1d"]}).json()["modality"] == "every-other"


@pytest.mark.parametrize("offsets", [["tomorrow"], ["1d", "1d"], ["5m"], ["40d"], "1d", [1]])
def test_a_schedule_that_cannot_be_is_refused_by_field(caller: Caller, site: Site, offsets: Any) -> None:
    refused = caller.put(schedules_of(site, "cbt/"), {"offsets": offsets})
    assert refused.status_code == 422
    assert any(each["pointer"].startswith("/offsets") for each in refused.json()["errors"])


def test_a_schedule_of_another_site_or_of_no_modality_is_not_there(caller: Caller, site: Site) -> None:
    elsewhere = house.site()
    assert caller.get(schedules_of(elsewhere)).status_code == 404
    assert caller.put(schedules_of(elsewhere, "cbt/"), {"offsets": ["1d"]}).status_code == 404
    assert caller.put(schedules_of(site, "wine-tasting/"), {"offsets": ["1d"]}).status_code == 422


def test_reminders_of_a_place_are_listed_by_it(site: Site, by: Actor, now: datetime) -> None:
    reader = program(house.api_client(scopes=["follow_ups.read"], sites=[site]))
    who = patients.patient(site, by=by, now=now, contact_points=[patients.phone()])
    row = make.individual(who, by=by, at=now + 20 * DAY, now=now)
    place = place_of(row, who).public_id
    listed = reader.get(f"/api/v1/reminders/?attendance={place}").json()["results"]
    assert len(listed) == 4
    assert {(each["attendance"], each["follow_up"], each["status"]) for each in listed} == {
        (str(place), None, "planned")
    }  # fmt: skip
