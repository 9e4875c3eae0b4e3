"""Rooms, on the page of their site."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Actor, Room, Site
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.rules.sessions import CancelledBy
from tests.factories import clinic as house
from tests.factories import sessions as make
from tests.factories.sessions import DAY
from tests.web.sessions.pages import text

pytestmark = pytest.mark.django_db


def test_rooms_are_looked_after_on_the_page_of_their_site(client: Client, site: Site, by: Actor, now: datetime) -> None:
    administrator = house.sign_in(client, house.staff(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site]))
    page = reverse("site", args=[site.public_id])
    assert "No room yet." in text(administrator.get(page))
    opened = administrator.post(
        reverse("room_new", args=[site.public_id]), {"name": "Willow", "seats": "9"}, follow=True
    )
    assert "Willow can be booked from now on." in text(opened)
    room = Room.objects.get()
    address = reverse("room", args=[room.public_id])
    assert administrator.post(address, {"name": "Willow", "seats": "0", "version": "1"}).status_code == 422
    assert administrator.post(address, {"name": "Oak", "seats": "4", "version": "1"}).status_code == 303
    assert administrator.post(address, {"name": "Elm", "seats": "4", "version": "1"}).status_code == 412
    row = make.group(site, by=by, at=now + DAY, now=now, room_id=room.public_id)
    close = reverse("room_close", args=[room.public_id])
    assert "1 session is still booked in Oak." in text(administrator.post(close, follow=True))
    sessions.cancel(by=by, now=now, session_id=row.public_id, wish=CancelledBy.CLINIC)
    assert "Oak is closed." in text(administrator.post(close, follow=True))
    assert administrator.get(reverse("room_new", args=[site.public_id])).status_code == 200
