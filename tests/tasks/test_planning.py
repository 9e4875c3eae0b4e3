"""Contacts are planned ahead for everybody, whoever cannot be planned for and however long it takes."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Site
from pathways.actions.follow_ups import go_on_after, planned_to
from pathways.models import Enrollment
from pathways.tasks import plan_ahead
from patients.models import Patient
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolled(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[Enrollment]:
    """Three people, at a time when more is owed to each than was planned when they came."""
    began = clock.now() - timedelta(days=1)
    rows = [pathways.enrolled(site=site, now=began) for _ in range(3)]
    monkeypatch.setattr("clinic.clock.now", lambda: began + timedelta(days=60))
    return rows


def planned(row: Enrollment, before: int) -> bool:
    return row.follow_ups.count() > before


def test_an_enrollment_that_cannot_be_planned_holds_up_no_other(enrolled: list[Enrollment]) -> None:
    before = [row.follow_ups.count() for row in enrolled]
    with allow_direct_writes():
        Patient.objects.filter(pk=enrolled[0].patient_id).update(time_zone="Nowhere/Land")
    counts = plan_ahead()
    assert (counts["failed"], counts["planned"] > 0) == (1, True)
    assert [planned(row, n) for row, n in zip(enrolled, before, strict=True)] == [False, True, True]


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the log says from here on, as it is written."""
    (handler,) = (each for each in logging.getLogger().handlers if each.name == "stdout")
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(said := StringIO())
    yield said
    handler.setStream(before)


def test_the_log_names_who_cannot_be_planned_for_by_id_and_says_nothing_of_them(
    enrolled: list[Enrollment], log: StringIO
) -> None:
    with allow_direct_writes():
        Patient.objects.filter(pk=enrolled[0].patient_id).update(time_zone="Nowhere/Land")
    plan_ahead()
    (line,) = (each for each in log.getvalue().splitlines() if "passed_over" in each)
    told = json.loads(line)
    assert (told["what"], told["id"], told["error"]) == (
        "enrollment",
        str(enrolled[0].public_id),
        "builtins.ValueError",
    )
    assert "Nowhere" not in line


def test_a_run_goes_on_where_the_one_before_was_out_of_time_and_then_from_the_front(
    enrolled: list[Enrollment],
) -> None:
    job, before = clinic.job(), [row.follow_ups.count() for row in enrolled]
    go_on_after(by=job, now=clock.now(), enrollment_id=enrolled[1].pk)
    plan_ahead()
    assert [planned(row, n) for row, n in zip(enrolled, before, strict=True)] == [False, False, True]
    assert planned_to(by=job, now=clock.now()) == 0
    plan_ahead()
    assert all(planned(row, n) for row, n in zip(enrolled, before, strict=True))


def test_a_run_that_is_out_of_time_remembers_how_far_it_came(
    enrolled: list[Enrollment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathways.tasks.LONGEST_RUN", -1)
    plan_ahead()
    assert planned_to(by=clinic.job(), now=clock.now()) == enrolled[2].pk
