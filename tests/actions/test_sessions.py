"""Sessions: booked without a clash, attended, documented once, given up with the course of care."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.actions import rooms
from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Room, Site
from clinic.rules.roles import Role
from clinic.wording import say
from pathways.actions import enrollments, sessions
from pathways.actions.sessions import Came, Move, Person, What
from pathways.actions.sessions.rooms import close_room
from pathways.models import Attendance, Enrollment, EvidenceReview, Session, SessionSeries, Transition
from pathways.queries.attendance import weeks_of
from pathways.rules.attendance import WeekState
from pathways.rules.moves import DischargeReason, HoldReason
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
    HelpKind,
    Recurrence,
    SessionKind,
    SessionMode,
    SessionStatus,
)
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import HOUR, TOMORROW, place_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AFTER = TOMORROW + 2 * HOUR
A, S = AttendanceStatus, SessionStatus


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def patient(site: Site, by: Actor) -> Patient:
    return patients.patient(site, by=by)


@pytest.fixture
def room(site: Site) -> Room:
    return make.room(site)


def refused(verb: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(**given)
    return caught.value


def people(site: Site, by: Actor, number: int) -> list[Patient]:
    return [patients.patient(site, by=by) for _ in range(number)]


def came(session: Session, *minutes: int) -> list[Came]:
    """The first people of a session, in the order they were booked, were there so long."""
    places = Attendance.objects.filter(session=session).order_by("pk")
    return [Came(place.public_id, each) for place, each in zip(places, minutes, strict=False)]


# -- booking ----------------------------------------------------------------------------------------------------------


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


# -- a series ---------------------------------------------------------------------------------------------------------


def weekly(**changed: Any) -> Recurrence:
    whole = {"every_weeks": 1, "weekdays": (2,), "starts_on": date(2026, 10, 14), "ends_on": date(2026, 11, 11),
             "starts_time": time(10), "minutes": 90}  # fmt: skip
    return Recurrence(**(whole | changed))


def series(site: Site, by: Actor, **given: Any) -> Any:
    whole = {"by": by, "now": NOW, "site_id": site.public_id, "what": What("group-therapy"), "when": weekly(),
             "leader_id": by.public_id}  # fmt: skip
    return sessions.book_series(**(whole | given))


def test_a_series_is_booked_in_wall_time_with_everybody_in_it(site: Site, by: Actor) -> None:
    two = people(site, by, 2)
    made = series(site, by, people=[Person(each.public_id) for each in two])
    rows = Session.objects.filter(series=made.series).order_by("starts_at")
    assert [each.starts_at.astimezone(site.zone).hour for each in rows] == [10] * 5
    assert len({each.starts_at.hour for each in rows}) == 2
    assert Attendance.objects.filter(session__series=made.series).count() == 10
    assert all(each.starts_at == each.session.starts_at for each in Attendance.objects.select_related("session"))
    assert (made.series.weekdays, made.left_out) == ([2], {})


def test_a_series_with_taken_dates_is_booked_whole_or_by_choice_in_part(site: Site, by: Actor) -> None:
    taken = datetime.combine(date(2026, 10, 21), time(11), tzinfo=site.zone)
    make.group(site, by=by, at=taken)
    no = refused(series, site=site, by=by)
    assert say(no.sentence) == "1 of 5 dates is taken. Nothing was booked."
    assert isinstance(no.details, dict)
    assert [say(each["sentence"]) for each in no.details["clashes"]] == [
        f"{by.name} has another session from Wed 21 Oct 11:00 to 12:30."
    ]
    assert not SessionSeries.objects.exists()
    made = series(site, by, those_that_fit=True)
    assert (len(made.sessions), len(made.left_out)) == (4, 1)


def test_a_series_of_which_every_date_is_taken_is_none(site: Site, by: Actor) -> None:
    series(site, by)
    no = refused(series, site=site, by=by, those_that_fit=True)
    assert no.code == "session_clash"
    assert SessionSeries.objects.count() == 1


def test_booking_a_long_series_costs_as_much_as_a_short_one(site: Site, by: Actor) -> None:
    def cost(when: Recurrence) -> int:
        with CaptureQueriesContext(connection) as queries:
            series(site, by, when=when)
        return len(queries)

    short = cost(weekly(ends_on=date(2026, 10, 21)))
    assert cost(weekly(weekdays=(0, 1, 3, 4), ends_on=date(2027, 3, 1))) == short


def test_a_series_lies_within_the_years_one_plans_in(site: Site, by: Actor) -> None:
    far = weekly(starts_on=date(2028, 6, 1), ends_on=date(2028, 7, 30))
    assert set(refused(series, site=site, by=by, when=far).fields) == {"ends_on"}
    assert set(refused(series, site=site, by=by, when=weekly(weekdays=())).fields) == {"weekdays"}


# -- people come and go -----------------------------------------------------------------------------------------------


def test_somebody_joins_a_group_until_it_is_full(site: Site, by: Actor) -> None:
    one, two, three = people(site, by, 3)
    row = make.group(site, one, by=by, what={"modality": "group-therapy", "capacity": 2})
    sessions.add_person(by=by, now=NOW, session_id=row.public_id, patient_id=two.public_id)
    given = {"by": by, "now": NOW, "session_id": row.public_id}
    assert set(refused(sessions.add_person, **given, patient_id=three.public_id).fields) == {"people"}
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(row, one).public_id, wish=CancelledBy.PATIENT, note="Ill.")
    sessions.add_person(**given, patient_id=three.public_id)
    assert refused(sessions.add_person, **given, patient_id=two.public_id).code == "attendance_once"


def test_somebody_who_gave_a_place_up_can_have_one_again(site: Site, by: Actor, patient: Patient) -> None:
    row = make.group(site, patient, by=by)
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(row, patient).public_id, wish=CancelledBy.PATIENT)
    sessions.add_person(by=by, now=NOW, session_id=row.public_id, patient_id=patient.public_id)
    assert [each.status for each in row.attendances.order_by("pk")] == [A.CANCELLED_BY_PATIENT, A.BOOKED]


def test_somebody_booked_elsewhere_does_not_join(site: Site, by: Actor, patient: Patient) -> None:
    other = clinic.actor(roles=[Role.NURSE], sites=[site])
    make.individual(patient, by=by)
    row = make.group(site, by=other)
    no = refused(sessions.add_person, by=by, now=NOW, session_id=row.public_id, patient_id=patient.public_id)
    assert (no.code, set(no.fields)) == ("session_clash", {"people"})


def test_a_session_of_one_person_ends_with_their_place(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    sessions.take_off(
        by=by, now=NOW, attendance_id=place_of(row, patient).public_id, wish=CancelledBy.PATIENT, note="Work."
    )
    row.refresh_from_db()
    assert (row.status, row.cancelled_for, row.cancelled_by, row.cancellation_note) == (
        S.CANCELLED, CancelledBy.PATIENT, by, "Work.",
    )  # fmt: skip


def test_checking_in_can_be_taken_back(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    place = place_of(row, patient).public_id
    early = refused(sessions.check_in, by=by, now=NOW, attendance_id=place)
    assert (early.code, say(early.sentence)) == ("too_early", "People are checked in on the day itself, Wed 17 Jun.")
    sessions.check_in(by=by, now=TOMORROW, attendance_id=place)
    row.refresh_from_db()
    assert (row.status, place_of(row, patient).checked_in_by) == (S.CHECKED_IN, by)
    sessions.undo_check_in(by=by, now=TOMORROW, attendance_id=place)
    row.refresh_from_db()
    assert (row.status, place_of(row, patient).checked_in_at) == (S.BOOKED, None)
    assert refused(sessions.undo_check_in, by=by, now=TOMORROW, attendance_id=place).code == "place_not_open"


def test_who_was_thought_absent_can_still_come(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    place = place_of(row, patient).public_id
    assert refused(sessions.no_show, by=by, now=NOW, attendance_id=place).code == "too_early"
    sessions.no_show(by=by, now=TOMORROW + HOUR / 2, attendance_id=place)
    row.refresh_from_db()
    assert row.status == S.NO_SHOW
    sessions.check_in(by=by, now=TOMORROW + HOUR / 2, attendance_id=place)
    row.refresh_from_db()
    assert row.status == S.CHECKED_IN


def test_who_came_late_after_all_does_not_come_while_the_leader_is_with_another(site: Site, by: Actor) -> None:
    late, other = people(site, by, 2)
    row = make.individual(late, by=by)
    place = place_of(row, late).public_id
    sessions.no_show(by=by, now=AFTER, attendance_id=place)
    make.individual(other, by=by, now=AFTER)
    no = refused(sessions.check_in, by=by, now=AFTER, attendance_id=place)
    assert (no.code, set(no.fields)) == ("session_clash", {"leader"})


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    place = place_of(row, patient).public_id
    sessions.check_in(by=by, now=TOMORROW, attendance_id=place, expected_version=row.version)
    no = refused(sessions.no_show, by=by, now=TOMORROW, attendance_id=place, expected_version=row.version)
    assert no.status == 412


# -- another time, or none --------------------------------------------------------------------------------------------


def test_a_session_moves_with_its_places_and_its_messages_retire(
    site: Site, by: Actor, patient: Patient, room: Room
) -> None:
    row = make.individual(patient, by=by)
    moved = sessions.move(
        by=by, now=NOW, session_id=row.public_id,
        to=Move(starts_at=TOMORROW + HOUR / 2, minutes=30, room_id=room.public_id), expected_version=row.version,
    )  # fmt: skip
    place = place_of(row, patient)
    assert (place.starts_at, place.ends_at) == (TOMORROW + HOUR / 2, TOMORROW + HOUR)
    assert (moved.plan_version, moved.version, moved.room) == (2, 2, room)
    again = sessions.move(by=by, now=NOW, session_id=row.public_id, to=Move(room_id=None, title="First talk"))
    assert (again.plan_version, again.version, again.room, again.title) == (2, 3, None, "First talk")


def test_a_session_does_not_move_into_another(site: Site, by: Actor, room: Room) -> None:
    one, two = people(site, by, 2)
    make.individual(one, by=by, room_id=room.public_id)
    row = make.individual(two, by=by, at=TOMORROW + 3 * HOUR, room_id=room.public_id)
    no = refused(sessions.move, by=by, now=NOW, session_id=row.public_id, to=Move(starts_at=TOMORROW))
    assert (no.code, set(no.fields)) == ("session_clash", {"leader", "room"})
    row.refresh_from_db()
    assert row.starts_at == TOMORROW + 3 * HOUR


def test_a_session_may_move_within_its_own_time(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    sessions.move(by=by, now=NOW, session_id=row.public_id, to=Move(starts_at=TOMORROW + HOUR / 4))
    row.refresh_from_db()
    assert row.starts_at == TOMORROW + HOUR / 4


def test_once_somebody_is_here_a_session_has_its_time(by: Actor, patient: Patient, room: Room) -> None:
    row = make.individual(patient, by=by)
    sessions.check_in(by=by, now=TOMORROW, attendance_id=place_of(row, patient).public_id)
    no = refused(sessions.move, by=by, now=TOMORROW, session_id=row.public_id, to=Move(minutes=40))
    assert no.code == "session_begun"
    assert sessions.move(by=by, now=TOMORROW, session_id=row.public_id, to=Move(room_id=room.public_id)).room == room


def test_a_session_moves_to_fewer_places_only_where_people_fit(site: Site, by: Actor) -> None:
    row = make.group(site, *people(site, by, 3), by=by)
    no = refused(sessions.move, by=by, now=NOW, session_id=row.public_id, to=Move(capacity=2))
    assert set(no.fields) == {"people"}
    assert set(refused(sessions.move, by=by, now=NOW, session_id=row.public_id, to=Move(leader_id=None)).fields) == {
        "leader"
    }


def test_places_go_with_a_cancelled_session(site: Site, by: Actor) -> None:
    row = make.group(site, *people(site, by, 2), by=by)
    assert set(refused(sessions.cancel, by=by, now=NOW, session_id=row.public_id, wish=CancelledBy.PATIENT).fields) == {
        "wish"
    }
    sessions.cancel(by=by, now=NOW, session_id=row.public_id, wish=CancelledBy.CLINIC, note="Leader ill.")
    assert {each.status for each in row.attendances.all()} == {A.CANCELLED_BY_CLINIC}
    assert {each.cancellation_note for each in row.attendances.all()} == {"Leader ill."}
    for verb in (sessions.cancel, sessions.move):
        given = {"wish": CancelledBy.CLINIC} if verb is sessions.cancel else {"to": Move(minutes=30)}
        assert refused(verb, by=by, now=NOW, session_id=row.public_id, **given).code == "session_closed"


def test_a_session_of_another_site_is_not_found(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    stranger = clinic.actor(roles=[Role.SUPERVISOR])
    place = place_of(row, patient).public_id
    for verb, given in (
        (sessions.move, {"session_id": row.public_id, "to": Move(minutes=30)}),
        (sessions.cancel, {"session_id": row.public_id, "wish": CancelledBy.CLINIC}),
        (sessions.document, {"session_id": row.public_id, "came": []}),
        (sessions.amend, {"session_id": row.public_id, "came": [], "reason": "x"}),
        (sessions.add_person, {"session_id": row.public_id, "patient_id": patient.public_id}),
        (sessions.check_in, {"attendance_id": place}),
        (sessions.undo_check_in, {"attendance_id": place}),
        (sessions.no_show, {"attendance_id": place}),
        (sessions.take_off, {"attendance_id": place, "wish": CancelledBy.CLINIC}),
    ):
        assert refused(verb, by=stranger, now=AFTER, **given).status == 404, verb


# -- documentation ----------------------------------------------------------------------------------------------------


def test_a_group_is_documented_once_and_who_was_absent_did_not_come(site: Site, by: Actor) -> None:
    one, two, three = people(site, by, 3)
    row = make.group(site, one, two, three, by=by)
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(row, three).public_id, wish=CancelledBy.PATIENT)
    line = Came(place_of(row, one).public_id, 60, "Spoke for the first time.")
    held = sessions.document(
        by=by, now=AFTER, session_id=row.public_id, came=[line], note="Triggers at work.",
        lines={place_of(row, two).public_id: "Called in ill."},
    )  # fmt: skip
    assert (held.status, held.documented_by, held.note) == (S.HELD, by, "Triggers at work.")
    there, absent, gone = (place_of(row, each) for each in (one, two, three))
    assert (there.status, there.minutes, there.note) == (A.ATTENDED, 60, "Spoke for the first time.")
    assert (absent.status, absent.minutes, absent.note) == (A.NO_SHOW, 0, "Called in ill.")
    assert (gone.status, gone.documented_at) == (A.CANCELLED_BY_PATIENT, None)
    again = refused(sessions.document, by=by, now=AFTER, session_id=row.public_id, came=[])
    assert (again.code, again.status) == ("session_not_documentable", 409)


def test_a_session_nobody_came_to_is_documented_so(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    assert sessions.document(by=by, now=AFTER, session_id=row.public_id, came=[]).status == S.NO_SHOW


def test_nothing_is_documented_before_it_began(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    no = refused(sessions.document, by=by, now=NOW, session_id=row.public_id, came=came(row, 50))
    assert say(no.sentence) == "It has not begun yet."


def test_the_shared_note_of_a_group_names_nobody(site: Site, by: Actor) -> None:
    one, two = people(site, by, 2)
    row = make.group(site, one, two, by=by)
    given = {"by": by, "now": AFTER, "session_id": row.public_id, "came": came(row, 90, 90)}
    no = refused(sessions.document, **given, note=f"{two.given_name} disagreed.")
    assert set(no.fields) == {"note"}
    assert two.given_name in say(no.fields["note"])
    alone = make.individual(one, by=by, at=TOMORROW + 3 * HOUR)
    noted = sessions.document(
        by=by,
        now=AFTER + 2 * HOUR,
        session_id=alone.public_id,
        came=came(alone, 50),
        note=f"{one.given_name} slept well.",
    )
    assert noted.status == S.HELD


def test_minutes_and_lines_that_cannot_be_are_refused_where_they_stand(site: Site, by: Actor) -> None:
    row = make.group(site, *people(site, by, 2), by=by)
    first, second = came(row, 0, 151)
    lines = [first, Came(second.attendance_id, 151, "x" * 401), Came(row.public_id, 10)]
    no = refused(sessions.document, by=by, now=AFTER, session_id=row.public_id, came=lines)
    assert set(no.fields) == {"came.0.minutes", "came.1.minutes", "came.1.note", "came.2.attendance"}


def test_a_peer_supporter_documents_the_sessions_they_lead_and_no_other(
    site: Site, by: Actor, patient: Patient
) -> None:
    peer = clinic.actor(roles=[Role.PEER_SUPPORTER], sites=[site])
    own = make.individual(patient, by=by, leader=peer, what={"modality": "peer-support"})
    other = make.individual(patient, by=by, at=TOMORROW + HOUR)
    assert sessions.document(by=peer, now=AFTER, session_id=own.public_id, came=came(own, 30)).status == S.HELD
    no = refused(sessions.document, by=peer, now=AFTER, session_id=other.public_id, came=came(other, 30))
    assert no.status == 403


def test_an_account_is_corrected_with_its_reason_and_kept_as_it_stood(site: Site, by: Actor) -> None:
    one, two = people(site, by, 2)
    row = make.group(site, one, two, by=by)
    given = {"by": by, "session_id": row.public_id}
    early = refused(sessions.amend, **given, now=AFTER, reason="x", came=[])
    assert early.code == "session_not_documented"
    sessions.document(**given, now=AFTER, came=came(row, 90), note="Sleep.")
    assert set(refused(sessions.amend, **given, now=AFTER + DAY, reason=" ", came=came(row, 60, 45)).fields) == {
        "reason"
    }
    sessions.amend(**given, now=AFTER + DAY, reason="Mixed two people up.", came=came(row, 60, 45), note="Sleep, work.")
    row.refresh_from_db()
    assert (row.note, [each.minutes for each in row.attendances.order_by("pk")]) == ("Sleep, work.", [60, 45])
    stood = row.amendments[0]
    assert (stood["reason"], stood["note"], stood["name"]) == ("Mixed two people up.", "Sleep.", by.name)
    assert [(each["status"], each["minutes"]) for each in stood["places"]] == [("attended", 90), ("no_show", 0)]
    assert AuditEntry.objects.get(action="session.amend", outcome="done").reason == "Mixed two people up."


def test_somebody_said_to_have_come_was_not_elsewhere_at_that_time(site: Site, by: Actor, patient: Patient) -> None:
    other = clinic.actor(roles=[Role.NURSE], sites=[site])
    row = make.group(site, patient, by=by)
    sessions.document(by=by, now=AFTER, session_id=row.public_id, came=[])
    make.individual(patient, by=by, leader=other, now=AFTER)
    no = refused(sessions.amend, by=by, now=AFTER, session_id=row.public_id, reason="Was there.", came=came(row, 90))
    assert (no.code, set(no.fields)) == ("session_clash", {"people"})


# -- the course of care ends or pauses --------------------------------------------------------------------------------


def move_of(enrolled: Enrollment, verb: Any, *, by: Actor, **given: Any) -> Transition:
    return verb(by=by, now=NOW, enrollment_id=enrolled.public_id, **given)


@pytest.fixture
def enrolled(site: Site, by: Actor, patient: Patient) -> Enrollment:
    return pathways.enrolled(patient, by=by, site=site)


def left(enrolled: Enrollment, by: Actor) -> Transition:
    """The newest move, made for this test."""
    return move_of(enrolled, enrollments.discharge, by=by, reason=DischargeReason.CHOSE_TO_LEAVE)


def cancelled(enrolled: Enrollment, moved: Transition, by: Actor, **given: Any) -> int:
    return sessions.cancel_future_places(by=by, now=NOW, enrollment=enrolled, transition=moved, **given)


def test_places_to_come_end_with_the_enrollment_and_an_undo_brings_back_those_alone(
    site: Site, by: Actor, enrolled: Enrollment
) -> None:
    patient = enrolled.patient
    alone = make.individual(patient, by=by)
    group = make.group(site, patient, *people(site, by, 1), by=by, at=TOMORROW + 2 * HOUR)
    by_hand = make.group(site, patient, by=by, at=TOMORROW + 5 * HOUR)
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(by_hand, patient).public_id, wish=CancelledBy.PATIENT)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    assert place_of(alone, patient).status == A.CANCELLED_BY_CLINIC
    assert place_of(alone, patient).cancelled_by_transition == moved
    assert [Session.objects.get(pk=each.pk).status for each in (alone, group)] == [S.CANCELLED, S.BOOKED]
    assert group.attendances.filter(status=A.BOOKED).count() == 1
    assert sessions.restore_places(by=by, now=NOW, transition=moved) == 2
    assert [place_of(each, patient).status for each in (alone, group, by_hand)] == [
        A.BOOKED,
        A.BOOKED,
        A.CANCELLED_BY_PATIENT,
    ]
    back = Session.objects.get(pk=alone.pk)
    assert (back.status, back.cancelled_at, back.cancelled_for) == (S.BOOKED, None, "")


def test_what_lay_before_the_exit_stays_to_be_documented(site: Site, by: Actor, enrolled: Enrollment) -> None:
    earlier = make.individual(enrolled.patient, by=by, at=NOW - 3 * HOUR)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    assert place_of(earlier, enrolled.patient).status == A.BOOKED


def test_an_undo_books_nobody_twice(site: Site, by: Actor, enrolled: Enrollment) -> None:
    alone = make.individual(enrolled.patient, by=by)
    full = make.group(
        site, enrolled.patient, by=by, at=TOMORROW + 2 * HOUR, what={"modality": "group-therapy", "capacity": 1}
    )
    past = make.individual(enrolled.patient, by=by, at=TOMORROW + 6 * HOUR)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    one, two = people(site, by, 2)
    make.individual(one, by=by)
    sessions.add_person(by=by, now=NOW, session_id=full.public_id, patient_id=two.public_id)
    assert sessions.restore_places(by=by, now=NOW, transition=moved) == 1
    assert [place_of(each, enrolled.patient).status for each in (alone, full, past)] == [
        A.CANCELLED_BY_CLINIC, A.CANCELLED_BY_CLINIC, A.BOOKED,
    ]  # fmt: skip


def test_what_lies_in_the_past_is_not_brought_back(site: Site, by: Actor, enrolled: Enrollment) -> None:
    alone = make.individual(enrolled.patient, by=by)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    assert sessions.restore_places(by=by, now=AFTER, transition=moved) == 0
    assert place_of(alone, enrolled.patient).status == A.CANCELLED_BY_CLINIC


def test_a_hold_pauses_the_places_to_come(site: Site, by: Actor, enrolled: Enrollment) -> None:
    soon = make.individual(enrolled.patient, by=by)
    later = make.individual(enrolled.patient, by=by, at=TOMORROW + 9 * DAY)
    held = move_of(enrolled, enrollments.hold, by=by, reason=HoldReason.TRAVEL, review_on=(NOW + 5 * DAY).date())
    cancelled(enrolled, held, by)
    assert sessions.restore_places(by=by, now=NOW + 5 * DAY, transition=held, due_from=NOW + 5 * DAY) == 1
    assert [place_of(each, enrolled.patient).status for each in (soon, later)] == [A.CANCELLED_BY_CLINIC, A.BOOKED]


def test_the_moves_of_an_enrollment_take_its_places_along_and_back(site: Site, by: Actor, enrolled: Enrollment) -> None:
    """Through the verbs themselves: a hold and its end, a discharge and its undo."""
    row = make.individual(enrolled.patient, by=by, at=TOMORROW + 9 * DAY)

    def status() -> tuple[str, str]:
        return place_of(row, enrolled.patient).status, Session.objects.get(pk=row.pk).status

    move_of(enrolled, enrollments.hold, by=by, reason=HoldReason.TRAVEL, review_on=(NOW + 5 * DAY).date())
    assert status() == (A.CANCELLED_BY_CLINIC, S.CANCELLED)
    enrollments.resume(by=by, now=NOW + HOUR, enrollment_id=enrolled.public_id)
    assert status() == (A.BOOKED, S.BOOKED)
    given = {"by": by, "enrollment_id": enrolled.public_id}
    enrollments.discharge(**given, now=NOW + 2 * HOUR, reason=DischargeReason.CHOSE_TO_LEAVE)
    assert status() == (A.CANCELLED_BY_CLINIC, S.CANCELLED)
    enrollments.reverse(**given, now=NOW + 3 * HOUR, note="Came back the same day.")
    assert status() == (A.BOOKED, S.BOOKED)


def test_what_somebody_booked_during_a_hold_stays_when_the_hold_goes_on(
    site: Site, by: Actor, enrolled: Enrollment
) -> None:
    held = move_of(enrolled, enrollments.hold, by=by, reason=HoldReason.TRAVEL, review_on=(NOW + 5 * DAY).date())
    row = make.individual(enrolled.patient, by=by, now=NOW + HOUR)
    cancelled(enrolled, held, by)
    assert place_of(row, enrolled.patient).status == A.BOOKED


def test_after_a_death_every_place_of_the_person_ends(site: Site, by: Actor, patient: Patient) -> None:
    loose = make.individual(patient, by=by)
    enrolled = pathways.enrolled(patient, by=by, site=site)
    moved = move_of(enrolled, enrollments.discharge, by=by, reason=DischargeReason.DIED)
    cancelled(enrolled, moved, by, of_person=True)
    assert place_of(loose, patient).status == A.CANCELLED_BY_CLINIC


# -- minutes a week ---------------------------------------------------------------------------------------------------


def test_minutes_documented_stand_in_the_week_they_were_attended(site: Site, by: Actor, patient: Patient) -> None:
    for weeks_ago in (2, 0):
        row = make.group(site, patient, by=by, at=TOMORROW - weeks_ago * 7 * DAY)
        sessions.document(by=by, now=AFTER, session_id=row.public_id, came=came(row, 75))
    found = weeks_of(patient, zone=site.zone, now=AFTER).weeks
    assert [(each.minutes, each.state) for each in found] == [
        (75, WeekState.PARTIAL), (0, WeekState.PARTIAL), (75, WeekState.UNDER_WAY),
    ]  # fmt: skip


def test_weeks_cost_the_same_with_many_sessions_as_with_few(site: Site, by: Actor, patient: Patient) -> None:
    pathways.enrolled(patient, by=by, site=site, now=NOW - 3 * DAY)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            weeks_of(patient, zone=site.zone, now=AFTER)
        return len(queries)

    make.individual(patient, by=by, at=TOMORROW - DAY)
    few = cost()
    for number in range(5):
        make.individual(patient, by=by, at=TOMORROW + number * DAY)
    assert cost() == few == 3


# -- meetings elsewhere -----------------------------------------------------------------------------------------------


def test_a_meeting_is_put_down_as_told_and_can_be_taken_back(site: Site, by: Actor, patient: Patient) -> None:
    given = {"by": by, "now": NOW, "patient_id": patient.public_id, "kind": HelpKind.SMART_RECOVERY}
    row = sessions.record_mutual_help(**given, attended_on=date(2026, 6, 15), minutes=90, note="Liked  it.")
    assert (row.note, row.source, row.enrollment) == ("Liked it.", "self_report", None)
    taken_back = sessions.retract_mutual_help(by=by, now=NOW, mutual_help_id=row.public_id)
    assert taken_back.retracted_by == by
    assert refused(sessions.retract_mutual_help, by=by, now=NOW, mutual_help_id=row.public_id).status == 409


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"attended_on": date(2026, 6, 17)}, "attended_on"),
        ({"attended_on": date(2025, 6, 1)}, "attended_on"),
        ({"minutes": 0}, "minutes"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_by_field(
    by: Actor, patient: Patient, given: dict[str, Any], field: str
) -> None:
    whole = {
        "by": by,
        "now": NOW,
        "patient_id": patient.public_id,
        "kind": HelpKind.OTHER,
        "attended_on": date(2026, 6, 15),
    }
    assert set(refused(sessions.record_mutual_help, **(whole | given)).fields) == {field}


def test_meetings_of_somebody_of_another_site_are_not_found(by: Actor) -> None:
    foreign = patients.patient()
    given = {"by": by, "now": NOW, "patient_id": foreign.public_id, "kind": HelpKind.OTHER}
    assert refused(sessions.record_mutual_help, **given, attended_on=NOW.date()).status == 404


# -- rooms ------------------------------------------------------------------------------------------------------------


def test_a_room_has_a_name_of_its_own_and_seats(site: Site) -> None:
    by = clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])
    given = {"by": by, "now": NOW}
    row = rooms.open_room(**given, site=site, name=" Oak  room ", seats=9)
    assert row.name == "Oak room"
    assert refused(rooms.open_room, **given, site=site, name="Oak room", seats=4).code == "room_name_once"
    assert set(refused(rooms.open_room, **given, site=site, name=" ", seats=0).fields) == {"name", "seats"}
    changed = rooms.change_room(**given, room=row, name="Elm room", seats=7, expected_version=1)
    assert (changed.name, changed.seats, changed.version) == ("Elm room", 7, 2)
    assert refused(rooms.change_room, **given, room=row, name="x", seats=1, expected_version=1).status == 412
    closed = rooms.close_room(**given, room=row)
    assert closed.closed_by == by
    assert refused(rooms.close_room, **given, room=row).code == "room_closed"
    assert rooms.open_room(**given, site=site, name="Elm room", seats=7).closed_at is None


def test_a_room_closes_when_nothing_is_booked_in_it_any_more(
    site: Site, by: Actor, patient: Patient, room: Room
) -> None:
    administrator = clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])
    row = make.individual(patient, by=by, room_id=room.public_id)
    no = refused(close_room, by=administrator, now=NOW, room=room)
    assert (no.code, say(no.sentence)) == ("room_booked", f"1 session is still booked in {room.name}. Move it first.")
    sessions.move(by=by, now=NOW, session_id=row.public_id, to=Move(room_id=None))
    assert close_room(by=administrator, now=NOW, room=room).closed_at == NOW


def test_only_who_looks_after_sites_changes_rooms(site: Site, by: Actor) -> None:
    assert refused(rooms.open_room, by=by, now=NOW, site=site, name="Oak", seats=3).status == 403


def test_a_move_that_rested_on_a_session_is_looked_at_again_when_it_turns_out_nobody_came(site: Site) -> None:
    by = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    phases = pathways.document()["phases"]
    asked = {"key": "came", "kind": "sessions_attended", "measure": "count", "at_least": 1, "source": "test"}
    phases[0]["exit"] = {"title": "Gate on", "criteria": [asked]}
    pathways.program(now=NOW - DAY)
    pathways.program(changed={"phases": phases})
    row = pathways.enrolled(site=site, by=by)
    session = make.individual(row.patient, by=by)
    sessions.document(by=by, now=AFTER, session_id=session.public_id, came=came(session, 50))
    move = enrollments.advance(by=by, now=AFTER + HOUR, enrollment_id=row.public_id)
    sessions.amend(by=by, now=AFTER + 2 * HOUR, session_id=session.public_id, came=[], reason="Another person")
    (review,) = EvidenceReview.objects.all()
    assert (review.transition, review.evidence_id) == (move, session.public_id)
