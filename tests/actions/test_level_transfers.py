"""The level of care changes: a record with its date, and the stays that follow from it."""

from datetime import timedelta
from typing import Any

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions.capacity import set_capacity
from pathways.actions.level_transfers import transfer_level
from pathways.actions.levels import decide
from pathways.models import Enrollment, LevelStay, LevelTransfer
from pathways.rules.capacity import LevelReason
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + 5 * DAY


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def enrollment(site: Site, by: Actor) -> Enrollment:
    return pathways.enrolled(site=site, by=by)


def transfer(row: Enrollment, by: Actor, to: Level = Level.L2, **given: Any) -> LevelTransfer:
    told = {"by": by, "now": LATER, "enrollment_id": row.public_id, "to_level": to, "reason": LevelReason.STEP_UP}
    return transfer_level(**told | given)


def refused(*args: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        transfer(*args, **given)
    return caught.value


def stays(row: Enrollment) -> list[tuple[str, Any, Any]]:
    return list(LevelStay.objects.filter(enrollment=row).values_list("level", "started_at", "ended_at"))


def test_a_transfer_ends_the_stay_and_begins_another_on_its_own_date(enrollment: Enrollment, by: Actor) -> None:
    transfer(enrollment, by, effective_at=NOW)
    made = transfer(enrollment, by, Level.L1, effective_at=NOW + 2 * DAY, reason=LevelReason.STEP_DOWN)
    assert stays(enrollment) == [("L2", NOW, NOW + 2 * DAY), ("L1", NOW + 2 * DAY, None)]
    assert (made.from_level, made.to_level) == ("L2", "L1")
    assert made.opened_stay == LevelStay.objects.get(ended_at__isnull=True).public_id
    assert AuditEntry.objects.filter(action="level.transfer", patient_ids=[enrollment.patient.public_id]).count() == 2
    assert enrollment.phase_stays.count() == 1


def test_a_transfer_does_not_contradict_the_stays(enrollment: Enrollment, by: Actor) -> None:
    transfer(enrollment, by, effective_at=NOW + 2 * DAY)
    for moment in (NOW + DAY, NOW + 2 * DAY, LATER + DAY):
        assert refused(enrollment, by, Level.L3, effective_at=moment).fields.keys() == {"effective_at"}
    assert refused(enrollment, by, Level.L2).fields.keys() == {"to_level"}
    assert LevelTransfer.objects.count() == 1


def test_a_level_that_is_not_indicated_takes_a_note(enrollment: Enrollment, by: Actor) -> None:
    rated = pathways.rated(enrollment.patient, 1, 1, 1, 1, 3, 2, by=by)
    decide(by=by, now=NOW, assessment_id=rated.public_id, level=Level(rated.suggested_level))
    assert refused(enrollment, by, Level.L3).fields.keys() == {"note"}
    both = {"note", "reason"}
    assert refused(enrollment, by, Level.L3, reason=LevelReason.RATED_ANEW).fields.keys() == both
    made = transfer(enrollment, by, Level.L3, note="Wants to live nearer", reason=LevelReason.PATIENT_ASKED)
    assert made.assessment == rated


def test_where_nothing_is_free_the_level_does_not_change(enrollment: Enrollment, by: Actor, site: Site) -> None:
    manager = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    told = {"by": manager, "now": NOW, "site_id": site.public_id, "program_key": pathways.KRATOM}
    set_capacity(number=0, level=Level.L3, **told)  # type: ignore[arg-type]
    assert refused(enrollment, by, Level.L3).code == "place_none_free"
    assert stays(enrollment) == []
    transfer(enrollment, manager, Level.L3, despite_full="Medical need tonight")


def test_after_the_end_the_level_stays(enrollment: Enrollment, by: Actor) -> None:
    enrollments.discharge(by=by, now=LATER, enrollment_id=enrollment.public_id, reason=DischargeReason.MOVED_AWAY)
    assert refused(enrollment, by).code == "enrollment_not_running"


def test_ratings_of_somebody_else_are_refused(enrollment: Enrollment, by: Actor) -> None:
    other = pathways.rated(pathways.enrolled(site=enrollment.site, by=by).patient, by=by)
    assert refused(enrollment, by, assessment_id=other.public_id).fields.keys() == {"assessment"}


def test_a_stranger_and_the_front_desk_do_not_transfer(enrollment: Enrollment) -> None:
    assert refused(enrollment, clinic.actor()).status == 404
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=[enrollment.site])
    assert refused(enrollment, desk).status == 403


def test_a_level_decided_at_another_rating_is_a_transfer_on_record(enrollment: Enrollment, by: Actor) -> None:
    first = pathways.rated(enrollment.patient, by=by)
    decide(by=by, now=NOW, assessment_id=first.public_id, level=Level(first.suggested_level))
    again = pathways.rated(enrollment.patient, 3, 3, 3, by=by, now=LATER)
    decide(by=by, now=LATER, assessment_id=again.public_id, level=Level(again.suggested_level))
    (made,) = LevelTransfer.objects.filter(enrollment=enrollment)
    assert (made.from_level, made.to_level, made.reason) == (first.suggested_level, "L3M", "rated_anew")
    assert (made.assessment, made.effective_at, made.recorded_by) == (again, LATER, by)
