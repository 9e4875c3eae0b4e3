"""A session is booked without a clash, by those who may, with those it is for."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.actions import rooms
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, AuditEntry, Room, Site
from clinic.rules.roles import Role
from clinic.wording import say
from pathways.actions import enrollments, sessions
from pathways.actions.sessions import Person, What
from pathways.models import Enrollment, Session
from pathways.rules.moves import DischargeReason
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
    SessionKind,
    SessionMode,
    SessionStatus,
)
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import AFTER, DAY, TOMORROW, people, place_of
from tests.refusals import refused

pytestmark = pytest.mark.django_db
A, S = AttendanceStatus, SessionStatus


def test_one_person_is_booked_with_somebody_in_a_room(site: Site, by: Actor, patient: Patient, room: Room) -> None:
    enrolled = pathways.enrolled(patient, by=by, site=site)
    row = make.individual(patient, by=by, room_id=room.public_id)
    assert (row.kind, row.capacity, row.status, row.time_zone) == ("individual", 1, "booked", site.time_zone)
    assert row.ends_at - row.starts_at == timedelta(minutes=50)
    place = place_of(row, patient)
    assert (place.status, place.enrollment, place.starts_at, place.ends_at) == (
        A.BOOKED, enrolled, row.starts_at, row.ends_at,
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="session.book")
    assert (entry.subject_id, entry.patient_ids) == (row.public_id, [patient.public_id])


def test_a_group_may_be_booked_without_anybody_in_it_yet(site: Site, by: Actor, room: Room) -> None:
    row = make.group(site, by=by, room_id=room.public_id)
    assert (row.capacity, row.counts_toward_hours, row.attendances.count()) == (10, True, 0)


def test_what_counts_toward_the_hours_is_a_setting_of_each_session(site: Site, by: Actor) -> None:
    assert not make.group(site, by=by, what={"modality": "yoga"}).counts_toward_hours
    counted = {"modality": "yoga", "counts_toward_hours": True}
    assert make.group(site, by=by, what=counted, at=TOMORROW + DAY).counts_toward_hours


def test_a_leader_is_in_one_session_at_a_time_and_the_refusal_says_until_when(site: Site, by: Actor) -> None:
    first, second = people(site, by, 2)
    make.individual(first, by=by)
    no = refused(make.individual, patient=second, by=by, at=TOMORROW + timedelta(minutes=30))
    assert (no.code, no.status, set(no.fields)) == ("session_clash", 409, {"leader"})
    assert say(no.sentence) == f"{by.name} has another session from Wed 17 Jun 09:30 to 10:20."
    assert make.individual(second, by=by, at=TOMORROW + timedelta(minutes=50)).status == S.BOOKED


def test_a_room_is_in_one_session_at_a_time(site: Site, by: Actor, room: Room) -> None:
    first, second = people(site, by, 2)
    other = clinic.actor(roles=[Role.NURSE], sites=[site])
    make.individual(first, by=by, room_id=room.public_id)
    no = refused(make.individual, patient=second, by=by, leader=other, room_id=room.public_id)
    assert (set(no.fields), say(no.sentence)) == ({"room"}, f"{room.name} is taken from Wed 17 Jun 09:30 to 10:20.")


def test_a_person_is_in_one_place_at_a_time_even_at_another_site(site: Site, by: Actor, patient: Patient) -> None:
    other = clinic.actor(roles=[Role.NURSE], sites=[site])
    make.individual(patient, by=by)
    no = refused(make.individual, patient=patient, by=by, leader=other)
    assert set(no.fields) == {"people"}
    assert patient.display_name in say(no.fields["people"])
    assert isinstance(no.details, dict)
    assert [each["kind"] for each in no.details["clashes"]] == ["patient"]


def test_everything_in_the_way_is_named_at_once(site: Site, by: Actor, patient: Patient, room: Room) -> None:
    make.individual(patient, by=by, room_id=room.public_id)
    no = refused(make.individual, patient=patient, by=by, room_id=room.public_id)
    assert set(no.fields) == {"leader", "room", "people"}


def test_the_database_itself_refuses_a_double_booking(site: Site, by: Actor, patient: Patient, room: Room) -> None:
    row = make.individual(patient, by=by, room_id=room.public_id)
    for changed in ({"room_id": None}, {"leader_id": None}):
        copy = Session.objects.get(pk=row.pk)
        copy.pk, copy.public_id = None, patient.public_id
        for name, value in changed.items():
            setattr(copy, name, value)
        once = pytest.raises(IntegrityError, match=r"session_(leader|room)_once")
        with once, transaction.atomic(), allow_direct_writes():
            copy.save()


def test_a_cancelled_session_leaves_its_time_free(site: Site, by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    sessions.cancel(by=by, now=NOW, session_id=row.public_id, wish=CancelledBy.CLINIC)
    assert make.individual(patient, by=by).status == S.BOOKED


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"what": {"modality": "horoscopes"}}, {"modality"}),
        ({"what": {"modality": "massage", "kind": SessionKind.GROUP}}, {"kind"}),
        ({"minutes": 3}, {"minutes"}),
        ({"minutes": 10**9}, {"minutes"}),
        ({"at": NOW + timedelta(days=800)}, {"starts_at"}),
        ({"at": NOW - timedelta(days=100)}, {"starts_at"}),
        ({"what": {"modality": "cbt", "kind": SessionKind.INDIVIDUAL, "capacity": 2}}, {"capacity"}),
        ({"what": {"modality": "cbt", "title": "x" * 121}}, {"title"}),
        ({"what": {"modality": "cbt", "topic": "a\x00b"}}, {"topic"}),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    patient: Patient, by: Actor, given: dict[str, Any], fields: set[str]
) -> None:
    no = refused(make.individual, patient=patient, by=by, **given)
    assert (no.status, set(no.fields)) == (422, fields)
    assert not Session.objects.exists()


def test_an_individual_session_is_for_one_person(site: Site, by: Actor) -> None:
    given = {"by": by, "now": NOW, "site_id": site.public_id, "starts_at": TOMORROW, "leader_id": by.public_id,
             "what": What("individual-counseling")}  # fmt: skip
    two = [Person(each.public_id) for each in people(site, by, 2)]
    assert set(refused(sessions.book, **given, people=two).fields) == {"people"}
    assert set(refused(sessions.book, **given).fields) == {"people"}
    assert set(refused(sessions.book, **given, people=[two[0], two[0]]).fields) == {"people"}


def test_a_leader_works_at_the_site_and_the_room_belongs_to_it(site: Site, by: Actor, patient: Patient) -> None:
    elsewhere = clinic.site()
    assert set(refused(make.individual, patient=patient, by=by, leader=clinic.actor(sites=[elsewhere])).fields) == {
        "leader"
    }
    assert set(refused(make.individual, patient=patient, by=by, room_id=make.room(elsewhere).public_id).fields) == {
        "room"
    }
    assert set(refused(make.individual, patient=patient, by=by, leader=clinic.job()).fields) == {"leader"}
    nobody = {"by": by, "now": NOW, "site_id": site.public_id, "starts_at": TOMORROW, "what": What("group-therapy")}
    assert set(refused(sessions.book, **nobody).fields) == {"leader"}


def test_a_room_is_big_enough_unless_they_meet_by_video(site: Site, by: Actor) -> None:
    small = make.room(site, seats=5)
    no = refused(
        make.group, site=site, by=by, room_id=small.public_id, what={"modality": "group-therapy", "capacity": 5}
    )
    assert say(no.fields["room"]) == "The room has 5 seats, and 6 are needed."
    assert make.group(site, by=by, room_id=small.public_id).capacity == 4
    by_video = {"modality": "group-therapy", "capacity": 9, "mode": SessionMode.VIDEO}
    assert make.group(site, by=by, room_id=small.public_id, what=by_video, at=TOMORROW + DAY).mode == "video"


def test_a_closed_room_is_not_booked(site: Site, by: Actor, patient: Patient, room: Room) -> None:
    rooms.close_room(by=clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site]), now=NOW, room=room)
    assert set(refused(make.individual, patient=patient, by=by, room_id=room.public_id).fields) == {"room"}


def test_somebody_of_another_site_is_not_found(site: Site, by: Actor) -> None:
    foreign = patients.patient(clinic.site())
    assert refused(make.individual, patient=foreign, by=by, site=site).status == 404


def test_somebody_is_booked_only_where_they_are_seen(site: Site) -> None:
    other = clinic.site()
    both = clinic.actor(roles=[Role.COUNSELOR], sites=[site, other])
    person = patients.patient(other, by=both)
    no = refused(make.individual, patient=person, by=both, site=site)
    assert set(no.fields) == {"people"}


def test_a_site_one_does_not_work_at_is_not_found(by: Actor, patient: Patient) -> None:
    assert refused(make.individual, patient=patient, by=by, site=clinic.site()).status == 404


def test_an_enrollment_is_open_and_the_persons_own(site: Site, by: Actor) -> None:
    one, two = make.enrolled_people(site, by, 2)
    given = {"by": by, "now": NOW, "site_id": site.public_id, "starts_at": TOMORROW, "leader_id": by.public_id,
             "what": What("cbt")}  # fmt: skip
    assert refused(sessions.book, **given, people=[Person(one.patient.public_id, two.public_id)]).status == 404
    enrollments.discharge(by=by, now=NOW, enrollment_id=one.public_id, reason=DischargeReason.CHOSE_TO_LEAVE)
    ended = refused(sessions.book, **given, people=[Person(one.patient.public_id, one.public_id)])
    assert set(ended.fields) == {"people"}
    row = sessions.book(**given, people=[Person(one.patient.public_id)])
    assert place_of(row, one.patient).enrollment is None


def test_somebody_who_died_is_not_booked(site: Site, by: Actor) -> None:
    row = pathways.enrolled(site=site, by=by)
    enrollments.discharge(by=by, now=NOW, enrollment_id=row.public_id, reason=DischargeReason.DIED)
    no = refused(make.individual, patient=row.patient, by=by)
    assert (no.code, no.sentence.code) == ("patient_closed", "session.refused.died")


def test_the_front_desk_books_and_does_not_document(site: Site, by: Actor, patient: Patient) -> None:
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=[site])
    row = make.individual(patient, by=desk, leader=by)
    assert refused(sessions.document, by=desk, now=AFTER, session_id=row.public_id, came=[]).status == 403
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])
    assert refused(make.individual, patient=patient, by=manager, leader=by).status == 403


@pytest.fixture
def enrolled(site: Site, by: Actor, patient: Patient) -> Enrollment:
    return pathways.enrolled(patient, by=by, site=site)
