"""Somebody is silent until something comes from themselves: neither a machine of theirs nor somebody else counts."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from pathways.models import Enrollment
from pathways.queries.warnings import warnings_of
from pathways.rules.warnings import WarningKind
from tests.factories import pathways, patients
from tests.factories import replies as make
from tests.factories.patients import NOW
from tests.factories.replies import wrote

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATE = NOW + 10 * DAY


@pytest.fixture
def unheard(site: Site, by: Actor) -> Enrollment:
    """Somebody written to twice, who has not answered for a week."""
    row = pathways.enrolled(patients.patient(site, by=by, contact_points=[patients.phone()]), by=by, site=site)
    first, second = row.follow_ups.filter(climbs_at__isnull=False).order_by("due_at")[:2]
    make.went(first, at=NOW + DAY)
    make.went(second, at=NOW + 3 * DAY)
    return row


def is_silent(row: Enrollment, by: Actor) -> bool:
    return WarningKind.SILENCE in [each.kind for each in warnings_of(by, row.patient, now=LATE)]


def test_who_was_written_to_and_answers_nothing_is_silent(unheard: Enrollment, by: Actor) -> None:
    assert is_silent(unheard, by)
    wrote("I am still here", now=NOW + 9 * DAY)
    assert not is_silent(unheard, by)


def test_an_out_of_office_answer_breaks_no_silence(unheard: Enrollment, by: Actor) -> None:
    wrote("I am out of the office", now=NOW + 9 * DAY, automatic=True)
    assert is_silent(unheard, by)


def test_a_word_of_whoever_has_the_number_now_breaks_no_silence(unheard: Enrollment, by: Actor) -> None:
    wrote("wrong number", now=NOW + 9 * DAY)
    assert is_silent(unheard, by)
