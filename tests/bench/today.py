"""How fast Today is in a crowded clinic (`crowd`), at a site as large as most and at the largest: one's own list,
everybody's, unchanged, over REST; and the list of patients with a filter."""

import re
from collections.abc import Callable, Iterator

from django.test import Client
from django.urls import reverse

from clinic.models import StaffMember
from tests.bench.crowd import PEOPLE, plant
from tests.bench.figures import Figure, latency
from tests.factories import clinic
from tests.faults.load import NOON, stand_at

Ask = Callable[[], object]


def figures(people: int = PEOPLE) -> Iterator[Figure]:
    stand_at(NOON)
    crowd = plant(people)
    name = f"today_{people // 1000}k"
    yield from _at(name, crowd.usual_supervisor, crowd.usual_counselor)
    yield from _at(f"{name}, largest site", crowd.supervisor, crowd.counselor)


def _at(name: str, supervisor: StaffMember, counselor: StaffMember) -> Iterator[Figure]:
    whole, own = clinic.sign_in(Client(), supervisor), clinic.sign_in(Client(), counselor)
    yield latency(name, _asked(own, reverse("today")))
    yield latency(f"{name}, whole list", _asked(whole, f"{reverse('today')}?scope=site"))
    yield latency(f"{name}, unchanged", _refreshing(own))
    yield latency(f"{name}, REST", _asked(whole, f"{reverse('api_worklist')}?scope=site"))
    yield latency(f"{name}, patients", _asked(whole, f"{reverse('patients')}?counselor=nobody"))


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
