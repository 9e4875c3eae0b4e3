"""A death of somebody with two records: it ends what either owes, and taking it back gives all of it back."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import deaths, enrollments
from pathways.models import Enrollment, FollowUp
from pathways.rules.moves import DischargeReason
from pathways.rules.sessions import AttendanceStatus
from patients.models import Patient
from tests.factories import clinic, pathways, patients, sessions
from tests.factories.course import DAY, LATER

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR, Role.CLINICIAN], sites=[site])


@pytest.fixture
def here(site: Site, by: Actor) -> Enrollment:
    """Somebody under way."""
    return pathways.enrolled(site=site, by=by)


@pytest.fixture
def there(here: Enrollment, site: Site, by: Actor) -> Enrollment:
    """The same person, under way in another record of theirs."""
    row = pathways.enrolled(site=site, by=by)
    patients.linked(row.patient, here.patient, by)
    return row


@pytest.fixture
def aftercare(there: Enrollment, by: Actor) -> Patient:
    """The other record, which is owed only the contacts after a discharge."""
    discharged(there, by, reason=DischargeReason.CHOSE_TO_LEAVE)
    assert owed(there.patient)
    return there.patient


def discharged(row: Enrollment, by: Actor, **given: object) -> None:
    told = {"now": LATER, "reason": DischargeReason.DIED} | given
    enrollments.discharge(by=by, enrollment_id=row.public_id, **told)  # type: ignore[arg-type]


def undone(row: Enrollment, by: Actor) -> None:
    enrollments.reverse(by=by, now=LATER + HOUR, enrollment_id=row.public_id, note="It was somebody else")


def owed(*people: Patient) -> set[int]:
    return set(FollowUp.objects.open().filter(patient__in=people).values_list("pk", flat=True))


def dead(*people: Patient) -> list[bool]:
    for each in people:
        each.refresh_from_db()
    return [each.died_on is not None for each in people]


def status(row: Enrollment) -> str:
    row.refresh_from_db()
    return row.status


def test_a_discharge_with_a_death_leaves_nothing_owed_in_the_other_record(
    here: Enrollment, site: Site, by: Actor
) -> None:
    row = pathways.enrolled(site=site, by=by)
    discharged(row, by, reason=DischargeReason.CHOSE_TO_LEAVE)
    session = sessions.individual(row.patient, by=by, at=LATER + 5 * DAY)
    patients.linked(row.patient, here.patient, by)
    assert owed(row.patient)
    discharged(here, by)
    assert dead(here.patient, row.patient) == [True, True]
    assert not owed(here.patient, row.patient)
    assert sessions.place_of(session, row.patient).status == AttendanceStatus.CANCELLED_BY_CLINIC


def test_a_discharge_with_a_death_ends_what_is_under_way_in_the_other_record(
    here: Enrollment, there: Enrollment, by: Actor
) -> None:
    discharged(here, by, died_on=(LATER - DAY).date())
    assert [status(here), status(there)] == ["left", "left"]
    assert there.transitions.latest("pk").reason == "died"
    assert dead(here.patient, there.patient) == [True, True]
    assert there.patient.died_on == (LATER - DAY).date()
    assert not owed(here.patient, there.patient)


@pytest.mark.parametrize("alone", [True, False])
def test_undoing_the_end_of_one_takes_the_death_back_in_both(
    here: Enrollment, aftercare: Patient, by: Actor, alone: bool
) -> None:
    before = owed(here.patient, aftercare)
    if alone:
        deaths.record_death(by=by, now=LATER, patient_id=aftercare.public_id, on=LATER.date())
    else:
        discharged(here, by)
    assert not owed(here.patient, aftercare)
    undone(here, by)
    assert dead(here.patient, aftercare) == [False, False]
    assert owed(here.patient, aftercare) == before


@pytest.mark.parametrize("first", ["here", "there"])
def test_undoing_either_end_gives_both_records_back_as_they_were(
    here: Enrollment, there: Enrollment, by: Actor, first: str
) -> None:
    before = owed(here.patient, there.patient)
    discharged(here, by)
    undone({"here": here, "there": there}[first], by)
    assert [status(here), status(there)] == ["active", "active"]
    assert dead(here.patient, there.patient) == [False, False]
    assert owed(here.patient, there.patient) == before
    assert [each.transitions.latest("pk").note for each in (here, there)] == ["It was somebody else"] * 2


def test_undoing_the_end_of_one_record_gives_the_places_of_the_other_back(
    here: Enrollment, site: Site, by: Actor
) -> None:
    row = pathways.enrolled(site=site, by=by)
    session = sessions.individual(row.patient, by=by, at=LATER + 5 * DAY)
    patients.linked(row.patient, here.patient, by)
    discharged(here, by)
    undone(here, by)
    assert (status(row), sessions.place_of(session, row.patient).status) == ("active", AttendanceStatus.BOOKED)


def test_an_end_the_death_had_not_made_stays(here: Enrollment, aftercare: Patient, by: Actor) -> None:
    discharged(here, by)
    undone(here, by)
    assert status(aftercare.enrollments.get()) == "left"


def test_a_record_the_actor_does_not_see_stays_ended_when_the_death_is_taken_back(
    here: Enrollment, site: Site, by: Actor
) -> None:
    elsewhere = clinic.site()
    both = clinic.actor(roles=[Role.SUPERVISOR, Role.CLINICIAN], sites=[site, elsewhere])
    row = pathways.enrolled(site=elsewhere, by=both)
    patients.linked(row.patient, here.patient, both)
    discharged(here, both)
    undone(here, by)
    assert (status(here), status(row), dead(row.patient)) == ("active", "left", [True])
    undone(row, both)
    assert (status(row), dead(row.patient)) == ("active", [False])


def test_a_record_the_actor_does_not_see_is_left_as_it_is(here: Enrollment, site: Site, by: Actor) -> None:
    elsewhere = clinic.site()
    both = clinic.actor(roles=[Role.SUPERVISOR, Role.CLINICIAN], sites=[site, elsewhere])
    row = pathways.enrolled(site=elsewhere, by=both)
    patients.linked(row.patient, here.patient, both)
    before = owed(row.patient)
    discharged(here, by)
    assert dead(here.patient, row.patient) == [True, False]
    assert (status(row), owed(row.patient)) == ("active", before)
