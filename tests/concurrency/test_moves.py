"""Two people at once: one move wins, the other is told, nothing waits for ever."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Self, TypeVar

import pytest
from django.db import connection

from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment, PhaseStay, Transition
from pathways.rules.moves import HoldReason, StepBackReason
from tests.factories import clinic, pathways, patients
from tests.factories.course import DAY, LATER, ready_for_therapy

pytestmark = pytest.mark.django_db(transaction=True)
Done = TypeVar("Done")
THREADS = 64
ROUNDS = 1_000


class Crowd:
    """So many threads, each with a connection of its own, that race once or a thousand times."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool, self._gate = ThreadPoolExecutor(count), Barrier(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._all(lambda _: connection.close())
        self._pool.shutdown()

    def race(self, move: Callable[[int], object]) -> Counter[str]:
        """Let every thread make the move at once; what became of each, by code. Whatever else is raised is raised."""

        def run(number: int) -> str:
            try:
                move(number)
            except Refused as refused:
                return f"{refused.status} {refused.code}"
            return "won"

        return Counter(self._all(run))

    def _all(self, work: Callable[[int], Done]) -> list[Done]:
        """Nobody begins before everybody stands at the gate, so no thread takes the work of another."""

        def together(number: int) -> Done:
            self._gate.wait(timeout=60)
            return work(number)

        return list(self._pool.map(together, range(self.count), timeout=120))


def race(count: int, move: Callable[[int], object]) -> Counter[str]:
    """One race of so many."""
    with Crowd(count) as crowd:
        return crowd.race(move)


def deadlocks() -> int:
    """How often the database ended one; a verb that was tried again does not tell. Counted once a line is closed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


@pytest.fixture
def clinician() -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[clinic.site()])


@pytest.fixture
def ready(clinician: Actor) -> Enrollment:
    row = pathways.enrolled(site=clinician.sites.get(), by=clinician)
    ready_for_therapy(row, clinician)
    return row


def test_of_two_that_saw_the_same_version_one_wins_and_one_is_stale(ready: Enrollment, clinician: Actor) -> None:
    told = race(
        2,
        lambda _: enrollments.advance(
            by=clinician, now=LATER, enrollment_id=ready.public_id, expected_version=ready.version
        ),
    )
    assert told == {"won": 1, "412 stale": 1}


def test_of_two_without_a_version_the_loser_sees_where_the_winner_went(ready: Enrollment, clinician: Actor) -> None:
    told = race(2, lambda _: enrollments.advance(by=clinician, now=LATER, enrollment_id=ready.public_id))
    assert told == {"won": 1, "409 gate_not_met": 1}
    assert PhaseStay.objects.filter(enrollment=ready, ended_at__isnull=True).count() == 1


def held(**given: Any) -> Transition:
    return enrollments.hold(reason=HoldReason.TRAVEL, review_on=(LATER + 9 * DAY).date(), **given)


def stepped_back(**given: Any) -> Transition:
    return enrollments.step_back(reason=StepBackReason.PATIENT_ASKED, **given)


def test_of_many_at_once_one_wins_each_round_and_nothing_deadlocks(ready: Enrollment, clinician: Actor) -> None:
    rounds = [enrollments.advance, held, enrollments.resume, held, enrollments.resume, stepped_back]
    before = deadlocks()
    with Crowd(THREADS) as crowd:
        for number, verb in enumerate(rounds):
            given = {"now": LATER + number * DAY / 24, "expected_version": ready.version + number}
            told = crowd.race(lambda _: verb(by=clinician, enrollment_id=ready.public_id, **given))  # noqa: B023
            assert told == {"won": 1, "412 stale": THREADS - 1}, verb
    assert Transition.objects.filter(enrollment=ready).count() == len(rounds) + 1
    assert deadlocks() == before


@pytest.mark.long
def test_a_thousand_rounds_of_many_at_once_have_one_winner_each(ready: Enrollment, clinician: Actor) -> None:
    """F9 at full size (quality.md): 64 threads, 1,000 rounds, each of which has one winner."""
    enrollments.advance(by=clinician, now=LATER, enrollment_id=ready.public_id)
    ready.refresh_from_db()
    told: list[Counter[str]] = []
    before = deadlocks()
    with Crowd(THREADS) as crowd:
        for number in range(ROUNDS):
            verb = enrollments.resume if number % 2 else held
            given = {"now": LATER + (number + 1) * DAY / 1440, "expected_version": ready.version + number}
            told.append(crowd.race(lambda _: verb(by=clinician, enrollment_id=ready.public_id, **given)))  # noqa: B023
    whole, ended = sum(told, Counter()), deadlocks() - before
    print(f"\nF9 rounds={ROUNDS} winners={whole['won']} deadlocks={ended} threads={THREADS} told={dict(whole)}")
    assert all(each == {"won": 1, "412 stale": THREADS - 1} for each in told)
    assert ended == 0


def test_a_person_enrolled_many_times_at_once_is_enrolled_once(clinician: Actor) -> None:
    site = clinician.sites.get()
    person = patients.patient(site, by=clinician)
    pathways.program(now=LATER - DAY)
    told = race(
        16,
        lambda _: enrollments.enroll(
            by=clinician, now=LATER, patient_id=person.public_id, program_key=pathways.KRATOM, site_id=site.public_id
        ),
    )
    assert told == {"won": 1, "409 enrollment_one_open": 15}
    assert Enrollment.objects.filter(patient=person).count() == 1
