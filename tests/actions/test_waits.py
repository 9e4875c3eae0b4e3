"""Waiting for a place: in line, offered, held, taken or not; and how many places there are."""

from datetime import date, timedelta
from typing import Any

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, waits
from pathways.actions.capacity import set_capacity
from pathways.actions.level_transfers import transfer_level
from pathways.models import Capacity, Enrollment, FollowUp, LevelStay, PlaceOffer, WaitlistEntry
from pathways.queries.capacity import places_at, places_of
from pathways.queries.waits import in_line
from pathways.rules.capacity import DeclineReason, LevelReason, PlaceKind, Places, WaitPriority, WaitReason, WaitStatus
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason, EnrollmentStatus
from pathways.rules.programs import AnchorKind
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + DAY
TODAY = date(2026, 6, 16)


@pytest.fixture(autouse=True)
def the_program() -> None:
    pathways.program(now=NOW - DAY)


def places(site: Site, number: int, by: Actor, **given: Any) -> Capacity:
    told = {"by": by, "now": NOW, "site_id": site.public_id, "program_key": pathways.KRATOM, "number": number}
    return set_capacity(**told | given)


def put(site: Site, by: Actor, patient: Patient | None = None, **given: Any) -> WaitlistEntry:
    somebody = patient or patients.patient(site)
    told = {"by": by, "now": NOW, "patient_id": somebody.public_id, "program_key": pathways.KRATOM}
    return waits.put_on_waitlist(**told | given)


def offer(row: WaitlistEntry, by: Actor, **given: Any) -> PlaceOffer:
    return waits.offer_place(**{"by": by, "now": LATER, "wait_id": row.public_id, "expires_at": LATER + DAY} | given)


def refused(verb: Any, *args: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(*args, **given)
    return caught.value


def standing(site: Site, now: Any = LATER, level: str = "", kind: str = PlaceKind.PLACE) -> Places | None:
    row = WaitlistEntry.objects.first() or Enrollment.objects.first() or Capacity.objects.first()
    assert row is not None
    return places_at(site, row.program, level, kind, now=now)


# -- how many there are -----------------------------------------------------------------------------------------------


def test_a_new_number_closes_the_one_before(site: Site, by: Actor) -> None:
    first = places(site, 10, by)
    second = places(site, 12, by, starts_on=date(2026, 7, 1))
    first.refresh_from_db()
    assert (first.ends_on, second.ends_on) == (date(2026, 6, 30), None)
    assert standing(site) == Places(10, 0, 0)
    assert standing(site, now=NOW + 20 * DAY) == Places(12, 0, 0)


def test_a_number_set_twice_on_a_day_is_corrected(site: Site, by: Actor) -> None:
    places(site, 10, by)
    places(site, 11, by)
    assert Capacity.objects.get().number == 11


def test_what_cannot_be_set_is_refused_by_its_field(site: Site, by: Actor, clinician: Actor) -> None:
    places(site, 10, by)
    assert refused(places, site, -1, by).fields.keys() == {"number"}
    assert refused(places, site, 9, by, starts_on=TODAY - DAY).fields.keys() == {"starts_on"}
    assert refused(places, site, 9, by, program_key="none").fields.keys() == {"program"}
    assert refused(places, site, 9, by, expected_version=7).status == 412
    assert refused(places, clinic.site(), 9, by).status == 404
    assert refused(places, site, 9, clinician).status == 403


def test_people_under_way_and_open_offers_take_places(site: Site, by: Actor) -> None:
    places(site, 3, by)
    pathways.enrolled(site=site, by=by)
    offer(put(site, by), by)
    assert standing(site) == Places(3, 1, 1)
    assert standing(site, now=LATER + 2 * DAY) == Places(3, 1, 0)


def test_beds_of_a_level_are_taken_by_people_at_that_level(site: Site, by: Actor) -> None:
    places(site, 2, by, level=Level.L3, kind=PlaceKind.BED)
    row = pathways.enrolled(site=site, by=by)
    assert standing(site, level="L3", kind="bed") == Places(2, 0, 0)
    transfer_level(
        by=by, now=LATER, enrollment_id=row.public_id, to_level=Level.L3, reason=LevelReason.STEP_UP, note="So"
    )
    assert standing(site, level="L3", kind="bed") == Places(2, 1, 0)
    assert [each.places.free for each in places_of(by, site, now=LATER)] == [1]


# -- waiting ----------------------------------------------------------------------------------------------------------


def test_somebody_in_line_has_a_waitlisted_enrollment_and_a_day_of_review(site: Site, by: Actor) -> None:
    row = put(site, by, level=Level.L3, kind=PlaceKind.BED, reason=WaitReason.NO_BED, note="Asked by phone")
    assert row.enrollment.status == EnrollmentStatus.WAITLISTED
    assert FollowUp.objects.filter(enrollment=row.enrollment, anchor_kind=AnchorKind.WAITLIST).exists()
    assert (row.status, row.level, row.kind) == ("waiting", "L3", "bed")


def test_nobody_waits_twice_for_the_same_program(site: Site, by: Actor) -> None:
    row = put(site, by)
    assert refused(put, site, by, row.enrollment.patient).status == 409


def test_the_line_stands_by_priority_and_then_by_the_wait(site: Site, by: Actor) -> None:
    first, second = put(site, by), put(site, by, now=NOW + timedelta(hours=1))
    pregnant = put(site, by, now=NOW + timedelta(hours=2), priority=WaitPriority.PREGNANT)
    line = in_line(by, site, now=NOW + 3 * DAY)
    assert [each.row for each in line] == [pregnant, first, second]
    assert [(each.place, each.days) for each in line] == [(1, 3), (2, 3), (3, 3)]


def test_a_change_of_priority_keeps_the_wait(site: Site, by: Actor) -> None:
    row = put(site, by)
    told = {"by": by, "now": LATER, "wait_id": row.public_id, "reason": WaitReason.COVERAGE}
    changed = waits.change_wait(priority=WaitPriority.URGENT, expected_version=1, **told)  # type: ignore[arg-type]
    assert (changed.priority, changed.waiting_since) == ("urgent", row.waiting_since)
    assert refused(waits.change_wait, priority=WaitPriority.SOON, expected_version=1, **told).status == 412


# -- offers -----------------------------------------------------------------------------------------------------------


def test_where_nothing_is_free_no_place_is_offered(site: Site, by: Actor, clinician: Actor) -> None:
    places(site, 1, by)
    pathways.enrolled(site=site, by=by)
    row = put(site, by)
    assert refused(offer, row, clinician).code == "place_none_free"
    assert refused(offer, row, clinician, despite_full="Cannot wait").status == 403
    made = offer(row, by, despite_full="Pregnant, cannot wait")
    assert made.note == "Pregnant, cannot wait"
    assert AuditEntry.objects.get(action="wait.offer", outcome="done").details["despite_full"] is True


def test_an_offer_holds_the_place_from_others(site: Site, by: Actor, clinician: Actor) -> None:
    places(site, 1, by)
    first, second = put(site, by), put(site, by)
    offer(first, clinician)
    assert refused(offer, second, clinician).code == "place_none_free"
    assert refused(offer, first, clinician).code == "wait_not_waiting"


@pytest.mark.parametrize("days", [-1, 15])
def test_an_offer_is_held_for_a_time_that_makes_sense(site: Site, by: Actor, days: int) -> None:
    assert refused(offer, put(site, by), by, expires_at=LATER + days * DAY).fields.keys() == {"expires_at"}


def test_an_accepted_place_admits_the_person_at_its_level(site: Site, by: Actor) -> None:
    row = put(site, by, level=Level.L3, kind=PlaceKind.BED)
    began = waits.accept_offer(by=by, now=LATER, offer_id=offer(row, by).public_id)
    row.refresh_from_db()
    enrollment = Enrollment.objects.get(pk=row.enrollment_id)
    assert (enrollment.status, row.status, began.kind) == ("active", "admitted", "admit")
    assert PlaceOffer.objects.get().answer == "accepted"
    assert LevelStay.objects.get(enrollment=enrollment).level == "L3"
    assert not FollowUp.objects.open().filter(anchor_kind=AnchorKind.WAITLIST).exists()


def test_where_the_entry_gate_is_not_met_the_place_stays_held(site: Site, by: Actor) -> None:
    row = put(site, by)
    made = offer(row, by)
    early = refused(waits.accept_offer, by=by, now=LATER, offer_id=made.public_id, effective_at=LATER + DAY)
    assert early.status == 422
    made.refresh_from_db()
    assert made.answer == "" and WaitlistEntry.objects.get().status == WaitStatus.OFFERED


def test_who_declines_keeps_their_place_in_line(site: Site, by: Actor) -> None:
    row = put(site, by)
    made = offer(row, by)
    waits.decline_offer(by=by, now=LATER, offer_id=made.public_id, reason=DeclineReason.WORK_OR_FAMILY)
    row.refresh_from_db()
    assert (row.status, row.waiting_since) == ("waiting", NOW)
    again = refused(waits.decline_offer, by=by, now=LATER, offer_id=made.public_id, reason=DeclineReason.COST)
    assert again.code == "offer_answered"
    offer(row, by)


def test_an_offer_is_taken_back_and_the_place_is_free(site: Site, by: Actor) -> None:
    places(site, 1, by)
    row = put(site, by)
    waits.take_back_offer(by=by, now=LATER, offer_id=offer(row, by).public_id, note="The bed is being repaired")
    assert standing(site) == Places(1, 0, 0)
    row.refresh_from_db()
    assert row.status == "waiting"


def test_an_offer_nobody_answers_lapses_and_cannot_be_accepted_any_more(site: Site, by: Actor) -> None:
    row = put(site, by)
    made = offer(row, by)
    after = made.expires_at
    assert refused(waits.accept_offer, by=by, now=after, offer_id=made.public_id).code == "offer_lapsed"
    job = clinic.job()
    assert waits.lapse_offers(by=job, now=after - timedelta(seconds=1)) == 0
    assert waits.lapse_offers(by=job, now=after) == 1
    assert waits.lapse_offers(by=job, now=after) == 0
    row.refresh_from_db()
    assert (row.status, PlaceOffer.objects.get().answer) == ("waiting", "lapsed")


def test_who_no_longer_waits_leaves_with_a_reason(site: Site, by: Actor) -> None:
    row = put(site, by)
    offer(row, by)
    ended = waits.withdraw(by=by, now=LATER, wait_id=row.public_id, reason=DischargeReason.DID_NOT_START)
    enrollment = Enrollment.objects.get(pk=row.enrollment_id)
    assert (enrollment.status, ended.status) == ("left", "withdrawn")
    assert PlaceOffer.objects.get().answer == "taken_back"
    again = refused(waits.withdraw, by=by, now=LATER, wait_id=row.public_id, reason=DischargeReason.DID_NOT_START)
    assert again.code == "wait_ended"
    put(site, by)


def test_a_stranger_finds_neither_wait_nor_offer(site: Site, by: Actor) -> None:
    row = put(site, by)
    made = offer(row, by)
    stranger = clinic.actor(roles=[Role.SUPERVISOR])
    assert refused(offer, row, stranger).status == 404
    assert refused(waits.accept_offer, by=stranger, now=LATER, offer_id=made.public_id).status == 404
    assert in_line(stranger, site, now=LATER) == []


def test_the_front_desk_reads_and_does_not_work_on_the_line(site: Site, by: Actor) -> None:
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=[site])
    row = put(site, by)
    assert [each.row for each in in_line(desk, site, now=LATER)] == [row]
    assert refused(offer, row, desk).status == 403


def test_an_offer_that_had_lapsed_was_not_accepted_by_a_later_admission(site: Site, by: Actor) -> None:
    row = put(site, by)
    made = offer(row, by, expires_at=LATER + timedelta(hours=1))
    enrollments.admit(by=by, now=LATER + DAY, enrollment_id=row.enrollment.public_id)
    made.refresh_from_db()
    row.refresh_from_db()
    assert (made.answer, row.status) == ("lapsed", "admitted")
