"""A return to use: recorded without blame, answered with closer contact, nothing else by itself."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions.levels import decide
from pathways.actions.returns import record_return_to_use
from pathways.models import Enrollment, FollowUp, LevelStay, PhaseStay, ReturnToUse
from pathways.queries import outcomes
from pathways.queries.outcomes import Period
from pathways.queries.returns import asked_of
from pathways.queries.worklist import dressed, owed
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason, HoldReason, StepBackReason
from pathways.rules.returns import Circumstance, Days, Substance, UsePattern
from pathways.rules.worklist import LineType
from tests.factories import clinic, pathways
from tests.factories.course import to_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=10)
RULE = "after-return-to-use"


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


def test_what_happened_is_kept_as_it_was_told(enrollment: Enrollment, clinician: Actor) -> None:
    row = record(
        enrollment,
        clinician,
        substance=Substance.SEVEN_OH,
        pattern=UsePattern.FEW_DAYS,
        circumstances=[Circumstance.SLEEP, Circumstance.CRAVING, Circumstance.SLEEP],
        what_helped=" Calling my sister ",
    )
    row.refresh_from_db()
    assert (row.substance, row.pattern, row.what_helped) == ("seven_oh", "few_days", "Calling my sister")
    assert row.circumstances == ["craving", "sleep"]


def test_what_cannot_be_kept_is_refused_by_its_field(enrollment: Enrollment, clinician: Actor) -> None:
    with pytest.raises(Refused) as refused:
        record(enrollment, clinician, what_helped="x" * 301)
    assert refused.value.fields.keys() == {"what_helped"}


def test_needs_are_owed_a_rating_until_they_are_rated_after_it(enrollment: Enrollment, clinician: Actor) -> None:
    pathways.rated(enrollment.patient, by=clinician)
    assert asked_of(enrollment, now=LATER) is None
    record(enrollment, clinician)
    asked = asked_of(enrollment, now=LATER)
    assert asked is not None and asked.rate
    pathways.rated(enrollment.patient, by=clinician, now=LATER)
    assert asked_of(enrollment, now=LATER) is None


def test_the_rating_stands_on_today_for_those_who_may_rate(
    enrollment: Enrollment, clinician: Actor, site: Site
) -> None:
    row = record(enrollment, clinician)

    def told(by: Actor) -> list[str]:
        found = owed(by, site, now=LATER)
        told = dressed(found, [each for each in found.lines if each.item.public_id == row.public_id])
        return [each.why.code for each in told.values()]

    assert told(clinician) == ["worklist.why.rerate"]
    assert told(clinic.actor(roles=[Role.FRONT_DESK], sites=[site])) == []
    record(enrollment, clinician, effective_at=LATER - timedelta(hours=1))
    assert told(clinician) == []
    pathways.rated(enrollment.patient, by=clinician, now=LATER)
    assert told(clinician) == []
    assert not [each for each in owed(clinician, site, now=LATER).lines if each.item.type is LineType.RETURN_TO_USE]


def test_a_step_back_is_offered_where_there_is_a_phase_to_go_back_to(enrollment: Enrollment, clinician: Actor) -> None:
    record(enrollment, clinician)
    first = asked_of(enrollment, now=LATER)
    assert first is not None and not first.step_back
    to_therapy(enrollment, clinician, now=LATER)
    enrollment.refresh_from_db()
    after = LATER + timedelta(days=2)
    record(enrollment, clinician, now=after, effective_at=after)
    asked = asked_of(enrollment, now=after)
    assert asked is not None and asked.step_back
    enrollments.step_back(
        by=clinician, now=after, enrollment_id=enrollment.public_id, reason=StepBackReason.RETURN_TO_USE
    )
    enrollment.refresh_from_db()
    asked = asked_of(enrollment, now=after)
    assert asked is not None and not asked.step_back


def period(site: Site) -> Period:
    return Period(date(2026, 6, 1), date(2026, 7, 31), site.zone, site)


def test_measures_count_a_return_as_an_event_within_the_enrollment(
    enrollment: Enrollment, clinician: Actor, site: Site
) -> None:
    pathways.enrolled(site=site, by=clinician)
    to_therapy(enrollment, clinician, now=LATER)
    moment = LATER + timedelta(days=1)
    record(enrollment, clinician, now=moment, effective_at=moment)
    enrollments.step_back(
        by=clinician,
        now=moment + timedelta(days=2),
        enrollment_id=enrollment.public_id,
        reason=StepBackReason.RETURN_TO_USE,
    )
    found = outcomes.returns(clinician, enrollment.program, period(site))
    assert (found.enrollments, found.returns, found.by_number, found.each) == (2, 1, (1, 1, 0, 0), 0.5)
    assert (found.people, found.still) == (1, 1)
    assert found.to_step_back == Days(1, 2.0)
    assert found.to_contact == Days(0, None)


def test_measures_show_nobody_from_another_site(enrollment: Enrollment, clinician: Actor, site: Site) -> None:
    record(enrollment, clinician)
    found = outcomes.returns(clinic.actor(), enrollment.program, period(site))
    assert (found.enrollments, found.returns, found.people) == (0, 0, 0)


def test_measures_ask_as_much_for_many_as_for_one(enrollment: Enrollment, clinician: Actor, site: Site) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            outcomes.returns(clinician, enrollment.program, period(site))
        return len(queries)

    record(enrollment, clinician)
    one = asked()
    for _ in range(3):
        record(pathways.enrolled(site=site, by=clinician), clinician)
    assert asked() == one


def test_contacts_of_a_return_before_a_hold_do_not_come_back_beside_those_of_one_during_it(
    enrollment: Enrollment, clinician: Actor
) -> None:
    day = timedelta(days=1)
    first = record(enrollment, clinician)
    enrollments.hold(
        by=clinician, now=LATER + day, enrollment_id=enrollment.public_id, reason=HoldReason.TRAVEL,
        review_on=(LATER + 9 * day).date(),
    )  # fmt: skip
    second = record(enrollment, clinician, now=LATER + 3 * day, effective_at=LATER + 3 * day)
    enrollments.resume(by=clinician, now=LATER + 5 * day, enrollment_id=enrollment.public_id)
    assert all(each <= (LATER + 3 * day).date() for each in contacts(first))
    assert len(contacts(second)) == 9
