"""A death: it ends what is under way, owes nobody a contact, and can be taken back where it was a mistake."""

from datetime import date, timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, follow_ups
from pathways.models import Enrollment, FollowUp, Transition
from pathways.rules.moves import DischargeReason, HoldReason
from patients.models import Patient
from tests.factories import clinic, pathways
from tests.factories.course import DAY, LATER

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY_OF_DEATH = date(2026, 6, 19)
OTHER = "evening-group"


@pytest.fixture
def site() -> Site:
    return clinic.site()


@pytest.fixture
def clinician(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def enrollment(site: Site, clinician: Actor) -> Enrollment:
    return pathways.enrolled(site=site, by=clinician)


@pytest.fixture
def other(enrollment: Enrollment, site: Site, clinician: Actor) -> Enrollment:
    """The same person, in a second program since today."""
    pathways.program(changed={"program": pathways.document()["program"] | {"key": OTHER}}, now=LATER - HOUR)
    return pathways.enrolled(enrollment.patient, by=clinician, site=site, now=LATER, program_key=OTHER)


def died(row: Enrollment, by: Actor, **given: object) -> Transition:
    told = {"now": LATER, "reason": DischargeReason.DIED} | given
    return enrollments.discharge(by=by, enrollment_id=row.public_id, **told)  # type: ignore[arg-type]


def undone(row: Enrollment, by: Actor) -> None:
    enrollments.reverse(by=by, now=LATER + HOUR, enrollment_id=row.public_id, note="It was somebody else")


def contacts(patient: Patient) -> set[int]:
    return set(FollowUp.objects.open().filter(patient=patient).values_list("pk", flat=True))


def again(row: Enrollment) -> Enrollment:
    return Enrollment.objects.select_related("patient").get(pk=row.pk)


def test_a_death_ends_every_open_enrollment_and_keeps_its_day(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    died(enrollment, clinician)
    found = again(other)
    assert [again(enrollment).status, found.status] == ["left", "left"]
    assert (found.transitions.latest("pk").reason, found.current_phase) == ("died", None)
    assert found.patient.died_on == DAY_OF_DEATH
    assert not contacts(enrollment.patient)


def test_a_death_dated_before_another_admission_ends_that_one_too(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    died(enrollment, clinician, effective_at=LATER - DAY)
    assert (again(enrollment).ended_at, again(other).ended_at) == (LATER - DAY, LATER)


def test_taking_a_death_back_gives_back_the_person_and_their_contacts(enrollment: Enrollment, clinician: Actor) -> None:
    before = contacts(enrollment.patient)
    died(enrollment, clinician)
    undone(enrollment, clinician)
    found = again(enrollment)
    assert (found.status, found.patient.died_on) == ("active", None)
    assert contacts(found.patient) == before


def test_taking_it_back_in_each_program_leaves_all_as_it_was(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    before = contacts(enrollment.patient)
    died(enrollment, clinician)
    undone(enrollment, clinician)
    undone(other, clinician)
    assert [again(enrollment).status, again(other).status] == ["active", "active"]
    assert contacts(enrollment.patient) == before


def test_after_a_death_nothing_is_opened_again_but_what_the_death_ended(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    died(enrollment, clinician, reason=DischargeReason.MOVED_AWAY)
    died(other, clinician)
    with pytest.raises(Refused, match="patient_closed"):
        undone(enrollment, clinician)
    undone(other, clinician)
    undone(enrollment, clinician)
    assert [again(enrollment).status, again(other).status] == ["active", "active"]


def test_nothing_is_planned_for_somebody_who_died(enrollment: Enrollment) -> None:
    lost(enrollment.patient)
    job = clinic.job()
    assert follow_ups.plan_ahead(by=job, now=LATER + 60 * DAY, enrollment_id=enrollment.pk) == 0


def test_nobody_who_died_is_moved(enrollment: Enrollment, clinician: Actor) -> None:
    lost(enrollment.patient)
    with pytest.raises(Refused, match="patient_closed"):
        enrollments.hold(
            by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason=HoldReason.TRAVEL,
            review_on=DAY_OF_DEATH,
        )  # fmt: skip


def lost(patient: Patient) -> None:
    """A death kept without an end of care, as another program may tell it."""
    with allow_direct_writes():
        Patient.objects.filter(pk=patient.pk).update(died_on=DAY_OF_DEATH)
