"""How fast Today is in a crowded clinic (`crowd`), on the list of its largest site: one's own, everybody's, unchanged,
over REST; and the list of people with a filter."""

import re
from collections.abc import Callable, Iterator

from django.test import Client
from django.urls import reverse

from tests.bench.crowd import PEOPLE, plant
from tests.bench.figures import Figure, latency
from tests.factories import clinic
from tests.faults.load import NOON, stand_at

Ask = Callable[[], object]


def figures(people: int = PEOPLE) -> Iterator[Figure]:
    stand_at(NOON)
    crowd = plant(people)
    browser = clinic.sign_in(Client(), crowd.supervisor)
    counselor = clinic.sign_in(Client(), crowd.counselor)
    name = f"today_{people // 1000}k"
    yield latency(name, _asked(counselor, reverse("today")))
    yield latency(f"{name}, supervisor", _asked(browser, reverse("today")))
    yield latency(f"{name}, whole site", _asked(browser, f"{reverse('today')}?scope=site"))
    yield latency(f"{name}, refreshed unchanged", _refreshing(counselor))
    yield latency(f"{name}, REST", _asked(browser, f"{reverse('api_worklist')}?scope=site"))


def _asked(browser: Client, address: str, **given: object) -> Ask:
    def ask() -> object:
        answer = browser.get(address, **given)  # type: ignore[arg-type]
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        return answer

    return ask


def _refreshing(browser: Client) -> Ask:
    """The list as it asks for itself every minute, nothing having changed."""
    found = re.search(r"seen=([0-9a-f]{16})", browser.get(reverse("today")).content.decode())
    digest = found[1] if found else ""
    headers = {"HX-Request": "true", "HX-Target": "today"}
    return _asked(browser, f"{reverse('today')}?seen={digest}", headers=headers)
