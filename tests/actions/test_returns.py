"""A return to use: recorded without blame, answered with closer contact, nothing else by itself."""

from datetime import date, timedelta

import pytest

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions.levels import decide
from pathways.actions.returns import record_return_to_use
from pathways.models import Enrollment, FollowUp, LevelStay, PhaseStay, ReturnToUse
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=10)
RULE = "after-return-to-use"


@pytest.fixture
def site() -> Site:
    return clinic.site()


@pytest.fixture
def clinician(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site)


def record(row: Enrollment, by: Actor, **given: object) -> ReturnToUse:
    told = {"now": LATER, "effective_at": LATER - timedelta(hours=3)} | given
    return record_return_to_use(by=by, enrollment_id=row.public_id, **told)  # type: ignore[arg-type]


def contacts(row: ReturnToUse) -> list[date]:
    found = FollowUp.objects.filter(rule_key=RULE, anchor_id=row.public_id, outcome="")
    return list(found.order_by("due_on").values_list("due_on", flat=True))


def test_a_return_to_use_plans_weekly_contact_from_the_next_day(enrollment: Enrollment, clinician: Actor) -> None:
    row = record(enrollment, clinician, note="Two days, told by phone")
    days = contacts(row)
    assert days[:3] == [date(2026, 6, 27), date(2026, 7, 4), date(2026, 7, 11)]
    assert len(days) == 9


def test_phase_and_level_stay_as_they_are(enrollment: Enrollment, clinician: Actor) -> None:
    level = pathways.rated(enrollment.patient, by=clinician)
    decide(by=clinician, now=NOW, assessment_id=level.public_id, level=Level(level.suggested_level))
    record(enrollment, clinician)
    assert PhaseStay.objects.get(enrollment=enrollment).ended_at is None
    assert LevelStay.objects.get(enrollment=enrollment).ended_at is None
    assert enrollment.transitions.count() == 1


def test_a_second_return_replaces_the_contacts_still_to_come(enrollment: Enrollment, clinician: Actor) -> None:
    first = record(enrollment, clinician)
    much_later = LATER + timedelta(days=9)
    second = record(enrollment, clinician, now=much_later, effective_at=much_later)
    assert contacts(first) == [date(2026, 6, 27), date(2026, 7, 4)]
    assert len(contacts(second)) == 9
    ended = FollowUp.objects.filter(anchor_id=first.public_id, outcome="superseded")
    assert ended.count() == 7


def test_an_older_return_told_later_leaves_the_contacts_of_the_newer(enrollment: Enrollment, clinician: Actor) -> None:
    newer = record(enrollment, clinician)
    before = contacts(newer)
    record(enrollment, clinician, now=LATER + timedelta(hours=1), effective_at=LATER - timedelta(days=5))
    assert contacts(newer) == before


@pytest.mark.parametrize("moment", [LATER + timedelta(minutes=1), NOW - timedelta(days=2)])
def test_a_moment_to_come_or_before_the_admission_is_refused(
    enrollment: Enrollment, clinician: Actor, moment: object
) -> None:
    with pytest.raises(Refused) as refused:
        record(enrollment, clinician, effective_at=moment)
    assert refused.value.fields.keys() == {"effective_at"}
    assert not ReturnToUse.objects.exists()


def test_after_the_end_it_is_not_recorded_here(enrollment: Enrollment, clinician: Actor) -> None:
    enrollments.discharge(
        by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason=DischargeReason.MOVED_AWAY
    )
    with pytest.raises(Refused) as refused:
        record(enrollment, clinician)
    assert refused.value.code == "enrollment_not_running"


def test_somebody_from_another_site_finds_nothing(enrollment: Enrollment) -> None:
    with pytest.raises(Refused) as refused:
        record(enrollment, clinic.actor())
    assert refused.value.status == 404
