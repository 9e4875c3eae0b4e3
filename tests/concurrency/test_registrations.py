"""One person registered at two desks at once: the second desk is shown the record of the first."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.roles import Role
from patients.actions import patients as verbs
from patients.models import PossibleDuplicate
from tests.factories import clinic
from tests.factories.patients import NOW, phone

pytestmark = pytest.mark.django_db(transaction=True)
ONE = {"given_name": "Tobias", "family_name": "Quillfeather", "birth_date": date(1984, 6, 7)}


def register_at_once(desks: list[Actor], people: list[dict[str, Any]]) -> Counter[str]:
    """Every desk registers its person at the same moment; what became of each, by code."""
    gate = Barrier(len(desks))

    def run(desk: Actor, fields: dict[str, Any]) -> str:
        try:
            gate.wait(timeout=60)
            verbs.register(by=desk, now=NOW, site=desk.sites.get(), **fields)
        except Refused as refused:
            return f"{refused.status} {refused.code}"
        finally:
            connection.close()
        return "registered"

    with ThreadPoolExecutor(len(desks)) as pool:
        return Counter(pool.map(run, desks, people, timeout=120))


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"given_name": "Tobiás", "birth_date": date(1984, 7, 6)},
        {"given_name": "Tobis", "birth_date": date(1990, 1, 2)},
    ],
    ids=["the same words", "day and month swapped", "another day and the same telephone"],
)
def test_of_two_registrations_of_one_person_the_second_is_shown_the_first(other: dict[str, Any]) -> None:
    for number in range(5):
        site = clinic.site()
        desks = [clinic.actor(roles=[Role.FRONT_DESK], sites=[site]) for _ in range(2)]
        known = {
            "family_name": f"Quillfeather{'abcde'[number] * 9}",
            "contact_points": [phone(f"+1415555{number:04d}")],
        }
        told = register_at_once(desks, [ONE | known, ONE | other | known])
        assert told == {"registered": 1, "409 possible_duplicate": 1}


def test_two_sites_that_cannot_see_each_other_leave_a_task() -> None:
    desks = [clinic.actor(roles=[Role.FRONT_DESK], sites=[clinic.site()]) for _ in range(2)]
    assert register_at_once(desks, [ONE, ONE]) == {"registered": 2}
    assert PossibleDuplicate.objects.count() == 1


def test_a_household_registered_at_once_is_registered_whole() -> None:
    site = clinic.site()
    desks = [clinic.actor(roles=[Role.FRONT_DESK], sites=[site]) for _ in range(8)]
    words = ["Alder", "Birchwood", "Cedar", "Dogrose", "Elm", "Fir", "Ginkgo", "Hazel"]
    people = [
        {"given_name": word, "family_name": word[::-1], "birth_date": date(1970 + n, 3, 4), "contact_points": [phone()]}
        for n, word in enumerate(words)
    ]
    assert register_at_once(desks, people) == {"registered": 8}
