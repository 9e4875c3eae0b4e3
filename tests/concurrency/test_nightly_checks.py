"""Workers that wake at once begin one nightly check, and people who ask at once ask for one."""

import pytest

from clinic.rules.roles import Role
from pathways.actions import reconciliation
from pathways.models import Reconciliation
from tests.concurrency.test_moves import race
from tests.factories import clinic
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 6


def test_of_many_workers_that_wake_at_once_one_begins_the_night() -> None:
    job = clinic.job()
    race(WORKERS, lambda _: reconciliation.begin(by=job, now=NOW, night=True))
    assert Reconciliation.objects.count() == 1


def test_of_many_people_who_ask_at_once_all_ask_for_the_same_run() -> None:
    people = [clinic.actor(roles=[Role.SUPERVISOR]) for _ in range(WORKERS)]
    race(WORKERS, lambda n: reconciliation.ask(by=people[n], now=NOW))
    assert Reconciliation.objects.count() == 1
