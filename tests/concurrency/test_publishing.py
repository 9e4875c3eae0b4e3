"""Two people at one program at once: one wins, the others are told, nothing waits for ever."""

from collections.abc import Callable
from uuid import UUID

import pytest

from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import Phase, ProgramVersion
from pathways.rules.programs import editing
from tests.concurrency.test_moves import race
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


@pytest.fixture
def managers() -> list[Actor]:
    return [clinic.actor(roles=[Role.PROGRAM_MANAGER]) for _ in range(PEOPLE)]


@pytest.fixture
def draft(managers: list[Actor]) -> ProgramVersion:
    program = pathways.program().program
    return programs.start_draft(by=managers[0], now=NOW, program_id=program.public_id)


def meant(draft: ProgramVersion) -> dict[str, UUID | int]:
    return {"version_id": draft.public_id, "expected_version": draft.version}


def test_of_many_who_publish_at_once_one_wins_and_the_others_are_told(
    draft: ProgramVersion, managers: list[Actor]
) -> None:
    told = race(PEOPLE, lambda n: programs.publish(by=managers[n], now=NOW, **meant(draft)))  # type: ignore[arg-type]
    assert told == {"won": 1, "412 stale": PEOPLE - 1}
    assert ProgramVersion.objects.filter(is_current=True).count() == 1
    assert Phase.objects.filter(program_version=draft).count() == 3


def test_of_many_who_save_at_once_one_wins_and_nothing_is_written_over(
    draft: ProgramVersion, managers: list[Actor]
) -> None:
    def save(number: int) -> object:
        document = editing.put(draft.document, "phases[0].title", f"Title {number}")
        return programs.save_draft(by=managers[number], now=NOW, document=document, **meant(draft))  # type: ignore[arg-type]

    assert race(PEOPLE, save) == {"won": 1, "412 stale": PEOPLE - 1}
    draft.refresh_from_db()
    assert draft.version == 2


def test_of_many_who_begin_a_draft_at_once_one_wins(managers: list[Actor]) -> None:
    program = pathways.program().program
    begin: Callable[[int], object] = lambda n: programs.start_draft(  # noqa: E731
        by=managers[n], now=NOW, program_id=program.public_id
    )
    assert race(PEOPLE, begin) == {"won": 1, "409 program_draft_open": PEOPLE - 1}
    assert program.versions.filter(status="draft").count() == 1


def test_publishing_and_discarding_at_once_leave_one_of_the_two(draft: ProgramVersion, managers: list[Actor]) -> None:
    def act(number: int) -> object:
        verb = programs.publish if number % 2 else programs.discard_draft
        return verb(by=managers[number], now=NOW, **meant(draft))  # type: ignore[arg-type]

    told = race(PEOPLE, act)
    assert told["won"] == 1
    assert set(told) <= {"won", "412 stale", "404 not_found"}
    assert not ProgramVersion.objects.filter(status="draft").exists()
