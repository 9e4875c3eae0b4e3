"""How often links are asked for, what else their host has, and what a log holds of them."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import PatientLink
from pathways.web.link_limits import PER_ADDRESS, PER_LINK
from tests.factories import clinic as make
from tests.factories.links import altered, path_of, shown
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def one_minute(valkey: str) -> Iterator[None]:
    """The calls of a test fall into the same minute, and are counted by Valkey all through: a test before this one may
    have been without it, and then the next seconds are counted by the process."""
    for _ in range(100):
        if not cache.is_away():
            break
        time.sleep(0.1)
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("one_minute")
def test_a_link_is_asked_for_only_so_often(every: list[PatientLink]) -> None:
    answers = (Client().get(path_of(every[0])) for _ in range(2 * PER_LINK + 1))
    before, answer = next(pair for pair in enumerate(answers) if pair[1].status_code != 200)
    assert before >= PER_LINK
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert "try again in a few minutes" in shown(answer)
    assert Client().get(path_of(every[2]), REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.usefixtures("one_minute")
def test_whoever_asks_for_many_links_has_to_wait() -> None:
    # Where Valkey was away for a moment, the process counts for itself: one of the two counters is full by then.
    asked = range(2 * PER_ADDRESS + 1)
    answers = (Client().get(reverse("link", args=[f"{number:022d}"])).status_code for number in asked)
    first = next(number for number, status in enumerate(answers) if status == 429)
    assert first >= PER_ADDRESS


def test_the_host_of_the_links_has_nothing_else(every: list[PatientLink], client: Client, settings: Any) -> None:
    settings.PATIENT_LINK_HOST, settings.ALLOWED_HOSTS = "go.example", ["go.example", "testserver"]
    at = {"SERVER_NAME": "go.example"}
    for path in ("/", "/accounts/login/", "/api/v1/docs/", "/livez", reverse("today"), "/nowhere"):
        answer = client.get(path, **at)
        assert (answer.status_code, answer.content) == (404, b"")
    assert client.get(path_of(every[0]), **at).status_code == 200
    assert client.get(reverse("link_left"), **at).status_code == 200
    assert client.get("/accounts/login/").status_code == 200


def test_staff_who_open_a_link_in_their_own_browser_see_what_anybody_sees(
    client: Client, every: list[PatientLink], site: Site
) -> None:
    make.sign_in(client, make.staff(sites=[site], roles=[Role.CLINICIAN], theme="dark"))
    page = shown(client.get(path_of(every[0])))
    assert "Hello, Juniper" in page and "sw-nav" not in page and 'data-bs-theme="light"' in page


def test_no_line_of_the_log_holds_the_address(every: list[PatientLink], caplog: pytest.LogCaptureFixture) -> None:
    path = path_of(every[0])
    with caplog.at_level(logging.INFO):
        Client().get(path)
        Client().post(path, {"act": "confirm"})
        Client().get(path)
        Client().get(altered(path))
    lines = [str(vars(each)) for each in caplog.records if not each.name.startswith("django.request")]
    assert not [each for each in lines if path.split("/")[2][:11] in each]
    assert any("l/<str:token>/" in each for each in lines)
