"""Delivery over REST: reading how it stands, pausing, lifting, deciding on what was missed."""

from typing import Any

import pytest

from clinic.models import Site
from pathways.models import DeliveryPause, Reminder
from tests.api.callers import program
from tests.factories import clinic
from tests.faults.load import NOON, plant_due, stand_at

pytestmark = pytest.mark.django_db
SCOPES = ["deliveries.read", "deliveries.write", "follow_ups.read"]
PAUSES = "/api/v1/delivery-pauses/"


@pytest.fixture
def site() -> Site:
    stand_at(NOON)
    return plant_due(3)


@pytest.fixture
def caller(site: Site) -> Any:
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


def test_each_channel_tells_how_it_stands(caller: Any) -> None:
    answer = caller.get("/api/v1/delivery/")
    assert answer.status_code == 200
    by_channel = {each["channel"]: each for each in answer.json()["channels"]}
    assert by_channel["sms"]["due"] == 3
    assert by_channel["email"] == {
        "channel": "email", "provider": "mailbox", "due": 0, "oldest_due_at": None, "held": 0, "paused": False,
        "under_way": 0, "unclear": 0, "for_a_person": 0, "given_up": 0, "troubles": 0, "rests_until": None,
        "per_second": 0, "standing_still": None,
    }  # fmt: skip


def test_messages_are_paused_listed_and_lifted(caller: Any, site: Site) -> None:
    body = {"scope": "site", "site": str(site.public_id), "reason": "Moving house"}
    made = caller.post(PAUSES, body)
    assert (made.status_code, made.json()["site"]) == (201, str(site.public_id))
    assert [each["id"] for each in caller.get(PAUSES).json()["results"]] == [made.json()["id"]]
    lifted = caller.post(f"{PAUSES}{made.json()['id']}/lift/", {"missed": "skip"})
    assert (lifted.status_code, lifted.json()["missed"]) == (200, "skip")
    assert set(Reminder.objects.values_list("status", flat=True)) == {"suppressed"}
    assert caller.post(f"{PAUSES}{made.json()['id']}/lift/", {"missed": "skip"}).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"scope": "site", "reason": "No site named"},
        {"scope": "channel", "channel": "pigeon", "reason": "No such channel"},
        {"scope": "all"},
        {"scope": "everything", "reason": "No such scope"},
    ],
)
def test_a_pause_of_nothing_is_refused(caller: Any, body: dict[str, str]) -> None:
    assert caller.post(PAUSES, body).status_code == 422
    assert not DeliveryPause.objects.exists()


def test_who_may_only_read_pauses_nothing(site: Site) -> None:
    reader = program(clinic.api_client(scopes=["deliveries.read"], sites=[site]))
    assert reader.get("/api/v1/delivery/").status_code == 200
    assert reader.post(PAUSES, {"scope": "all", "reason": "No"}).status_code == 403
    assert reader.post("/api/v1/delivery/requeue/", {}).status_code == 403


def test_what_stands_still_is_put_back_in_line(caller: Any) -> None:
    answer = caller.post("/api/v1/delivery/requeue/", {"given_up": True})
    assert answer.json() == {"back_in_line": 0, "uncertain": 0, "tried_again": 0}


def test_a_program_does_not_decide_on_what_was_missed(caller: Any) -> None:
    reminder = Reminder.objects.order_by("pk").first()
    assert reminder is not None
    assert caller.post(f"/api/v1/reminders/{reminder.public_id}/missed/", {"send": True}).status_code == 403
