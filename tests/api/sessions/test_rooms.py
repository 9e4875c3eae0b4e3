"""Rooms are listed by everybody at a site, and looked after by its administrators."""

from datetime import datetime

import pytest
from django.test import Client

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from tests.api.callers import Caller
from tests.factories import clinic as house
from tests.factories import patients
from tests.factories import sessions as make
from tests.factories.sessions import DAY

pytestmark = pytest.mark.django_db


def test_rooms_are_listed_by_everybody_and_looked_after_by_administrators(
    caller: Caller, site: Site, by: Actor, now: datetime
) -> None:
    address = f"/api/v1/sites/{site.public_id}/rooms/"
    assert caller.post(address, {"name": "Willow", "seats": 9}).status_code == 403
    administrator = Caller(house.sign_in(Client(), house.staff(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])))
    made = administrator.post(address, {"name": "Willow", "seats": 9})
    assert made.status_code == 201, made.json()
    assert [each["name"] for each in caller.get(address).json()["results"]] == ["Willow"]
    room = made["Location"]
    assert administrator.put(room, {"name": "Oak", "seats": 0}, If_Match=made["ETag"]).status_code == 422
    changed = administrator.put(room, {"name": "Oak", "seats": 3}, If_Match=made["ETag"])
    assert (changed.status_code, changed.json()["seats"]) == (200, 3)
    make.individual(patients.patient(site, by=by, now=now), by=by, at=now + DAY, now=now, room_id=made.json()["id"])
    refused = administrator.post(f"{room}close/", If_Match=changed["ETag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "room_booked")
    assert caller.get(f"/api/v1/sites/{house.site().public_id}/rooms/").status_code == 404
