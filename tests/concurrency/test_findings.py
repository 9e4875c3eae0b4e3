"""Several people at one form, one intake, one registration at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from clinic.errors import Refused
from clinic.rules.roles import Role
from patients.actions import drafts, flags, intakes
from patients.models import AssessmentDraft, Intake, Patient, SafetyFlag
from tests.factories import clinic
from tests.factories.patients import NOW, patient

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8


def at_once(work: Callable[[int], Any], number: int = MANY) -> list[Any]:
    """Each call on a connection of its own; a refusal comes back as its code."""
    start = Barrier(number)

    def one(place: int) -> Any:
        try:
            start.wait(timeout=20)
            return work(place)
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@pytest.fixture
def nurse():
    return clinic.actor(roles=[Role.NURSE], sites=[clinic.site()])


@pytest.fixture
def person(nurse):
    return patient(nurse.sites.get())


def test_of_many_saves_of_one_draft_one_wins_and_the_others_are_told(person, nurse):
    def save(place: int) -> int:
        answers = {"phq9_1": place % 4, "phq9_9": 1}
        saved = drafts.save_draft(
            patient=person, instrument="phq9", answers=answers, expected_version=1, by=nurse, now=NOW
        )
        return saved.draft.version

    drafts.save_draft(patient=person, instrument="phq9", answers={}, expected_version=None, by=nurse, now=NOW)
    results = at_once(save)
    assert sorted(map(str, results)) == ["2", *["stale"] * (MANY - 1)]
    assert SafetyFlag.objects.count() == 1 and AssessmentDraft.objects.get().version == 2


def test_of_many_who_begin_one_form_one_begins_it(person, nurse):
    def begin(place: int) -> int:
        return drafts.save_draft(
            patient=person, instrument="gad7", answers={"gad7_1": 1}, expected_version=None, by=nurse, now=NOW
        ).draft.version

    assert sorted(map(str, at_once(begin))) == ["1", *["stale"] * (MANY - 1)]


def test_many_who_open_an_intake_open_one(person, nurse):
    opened = at_once(lambda _: intakes.open_intake(patient=person, by=nurse, now=NOW).pk)
    assert len(set(opened)) == 1 and Intake.objects.count() == 1


def test_of_many_who_take_a_flag_one_has_it(person, nurse):
    flag = drafts.save_draft(
        patient=person, instrument="phq9", answers={"phq9_9": 1}, expected_version=None, by=nurse, now=NOW
    ).raised[0]
    results = at_once(lambda _: flags.take(flag=flag, expected_version=1, by=nurse, now=NOW).version)
    assert sorted(map(str, results)) == ["2", *["stale"] * (MANY - 1)]


def test_many_registrations_at_once_have_numbers_of_their_own(nurse):
    by, site = clinic.actor(roles=[Role.FRONT_DESK], sites=nurse.sites.all()), nurse.sites.get()
    numbers = at_once(lambda _: patient(site, by=by).record_number)
    assert len(set(numbers)) == MANY == Patient.objects.count()
