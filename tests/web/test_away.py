"""The database gone: one sentence, 503, and when to come back."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from clinic.actions.jobs import job
from clinic.actions.reads import queue_folder, record_read, take_in_queue
from clinic.clock import real_now
from clinic.models import AuditEntry
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY_LISTENS = {"HOST": "127.0.0.1", "PORT": "1"}
RECORD = UUID("5f0c9d3a-6c1b-4b8e-9a43-0f2f5d6a7b80")


@pytest.fixture
def away(client: Client) -> Iterator[Client]:
    make.sign_in(client, make.staff())
    kept = {name: connection.settings_dict[name] for name in NOBODY_LISTENS}
    connection.close()
    connection.settings_dict.update(NOBODY_LISTENS)
    try:
        yield client
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def test_a_page_says_so_in_one_sentence(away: Client) -> None:
    answer = away.get("/account/", follow=True)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "The database cannot be reached just now." in answer.content.decode()


def test_a_program_gets_a_problem_document(away: Client) -> None:
    answer = away.get("/api/v1/patients/")
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "database_away"


def test_readiness_says_no(away: Client) -> None:
    away.cookies.clear()
    answer = away.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "away"
    assert away.get("/livez").status_code == 200


def test_a_read_waits_in_the_queue_and_is_taken_in_once() -> None:
    person, sealer = make.staff(), job("audit sealer")
    kept = {name: connection.settings_dict[name] for name in NOBODY_LISTENS}
    connection.close()
    connection.settings_dict.update(NOBODY_LISTENS)
    try:
        assert record_read(by=person.actor, now=real_now(), route="chart", patients=[RECORD])
    finally:
        connection.close()
        connection.settings_dict.update(kept)
    [waiting] = queue_folder().glob("*.json")
    assert waiting.stat().st_mode & 0o077 == 0
    again = waiting.read_text()
    assert take_in_queue(by=sealer, now=real_now()) == 1
    waiting.write_text(again)  # as if the process had died before it removed the file
    take_in_queue(by=sealer, now=real_now())
    entry = AuditEntry.objects.get(action="read.chart")
    assert entry.actor == person.actor
    assert entry.details["queued"] is True
    assert not list(queue_folder().iterdir())
