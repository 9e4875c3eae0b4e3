"""Early warnings as the database finds them: two groups missed in a row, cravings that rise."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.actions.sessions import Came
from pathways.models import Enrollment
from pathways.queries.warnings import early_warnings
from pathways.rules.warnings import RECENT, EarlyWarning, WarningKind
from tests.factories import clinic, course, patients
from tests.factories import pathways as make
from tests.factories import sessions as booked
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + 6 * DAY


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def enrolled(site: Site, by: Actor) -> Enrollment:
    return make.enrolled(patients.patient(site, by=by), by=by, site=site)


def warned(row: Enrollment, by: Actor, kind: WarningKind, *, after: timedelta = LATER - NOW) -> list[EarlyWarning]:
    found = early_warnings(by, row.site, now=NOW + after)
    return [each for each in found.get(row.patient_id, ()) if each.kind is kind]


def group(row: Enrollment, by: Actor, day: int, *, came: bool = False, alone: bool = False) -> None:
    """A session of that day, in which they were or were not."""
    at = NOW + day * DAY
    book = booked.individual(row.patient, by=by, at=at) if alone else booked.group(row.site, row.patient, by=by, at=at)
    place = booked.place_of(book, row.patient)
    there = [Came(place.public_id, 90 if not alone else 50)] if came else []
    sessions.document(by=by, now=at + DAY / 4, session_id=book.public_id, came=there)


def readings(row: Enrollment, by: Actor, *values: int) -> None:
    """One each day, the first tomorrow."""
    for day, value in enumerate(values, start=1):
        course.recorded(row.patient, "craving_vas", {"craving_vas_1": value}, by=by, at=NOW + day * DAY)


def test_two_groups_missed_in_a_row_are_told_the_newest_first(enrolled: Enrollment, by: Actor) -> None:
    for day in (1, 3):
        group(enrolled, by, day)
    (found,) = warned(enrolled, by, WarningKind.MISSED_GROUPS)
    assert [each.at for each in found.evidence] == [NOW + 3 * DAY, NOW + DAY]


def test_a_session_alone_between_two_missed_groups_breaks_nothing(enrolled: Enrollment, by: Actor) -> None:
    group(enrolled, by, 1)
    group(enrolled, by, 2, came=True, alone=True)
    group(enrolled, by, 3)
    assert warned(enrolled, by, WarningKind.MISSED_GROUPS)


@pytest.mark.parametrize("came", [(False, True), (True, False)])
def test_who_came_to_one_of_the_last_two_groups_is_not_warned_about(
    enrolled: Enrollment, by: Actor, came: tuple[bool, bool]
) -> None:
    group(enrolled, by, 1)
    for day, there in enumerate(came, start=2):
        group(enrolled, by, day, came=there)
    assert not warned(enrolled, by, WarningKind.MISSED_GROUPS)


def test_groups_missed_long_ago_are_history(enrolled: Enrollment, by: Actor) -> None:
    for day in (1, 3):
        group(enrolled, by, day)
    assert not warned(enrolled, by, WarningKind.MISSED_GROUPS, after=RECENT + 4 * DAY)


@pytest.mark.parametrize(("values", "told"), [
    ((2, 3, 4), 3), ((2, 5, 3, 8), 1), ((3, 4), 0), ((4, 3, 4), 0), ((2, 4, 4), 0), ((8, 6), 0),
])  # fmt: skip
def test_two_rises_in_a_row_or_a_high_reading_are_told_with_what_they_rest_on(
    enrolled: Enrollment, by: Actor, values: tuple[int, ...], told: int
) -> None:
    readings(enrolled, by, *values)
    rests_on = [len(each.evidence) for each in warned(enrolled, by, WarningKind.RISING_CRAVING)]
    assert rests_on == ([told] if told else [])
