"""The quick way of a run: what was worked out together is written only where everything stands as it was read."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from pathways.actions import adoptions, enrollments, follow_ups
from pathways.actions.adoption_batches import Ready, adopt_ready, ready
from pathways.actions.follow_ups.changes import ChangedMeanwhile
from pathways.models import Adoption, AdoptionItem, Enrollment, FollowUp, ProgramVersion, Reminder, Transition
from pathways.rules.moves import HoldReason
from tests.factories import clinic, pathways, patients
from tests.factories.course import DAY, LATER

pytestmark = pytest.mark.django_db
WEEKLY = "stabilization-weekly-contact"
SAME = {key: key for key in ("assessment-and-stabilization", "behavioral-therapy", "aftercare")}


@pytest.fixture
def enrollment(site: Site, clinician: Actor) -> Enrollment:
    person = patients.patient(site, by=clinician, contact_points=[patients.phone()])
    return pathways.enrolled(person, site=site, by=clinician)


def a_day_later() -> ProgramVersion:
    """A version in which the weekly contact comes a day later."""
    owed = pathways.document()["follow_ups"]
    weekly = next(each for each in owed if each["rule_key"] == WEEKLY)
    weekly["every"] = {**weekly["every"], "first_day": weekly["every"]["first_day"] + 1}
    return pathways.program(changed={"follow_ups": owed})


def read(by: Actor, version: ProgramVersion) -> tuple[Adoption, Ready]:
    """A run over the one person there is, and what was worked out for them."""
    run = adoptions.start_adoption(
        by=by, now=LATER, to_version_id=version.public_id, phase_map=SAME, note="Everybody goes on with it"
    )
    found = ready(run, list(AdoptionItem.objects.values_list("pk", flat=True)), by, LATER)
    return run, next(iter(found.values()))


def moved(run: Adoption, found: Ready) -> Any:
    return adopt_ready(by=run.requested_by, now=LATER, run=run, found=found)


def planned() -> dict[int, list[Any]]:
    """The days of the messages to come of each weekly contact."""
    rows = Reminder.objects.filter(follow_up__rule_key=WEEKLY, status="planned").order_by("pk")
    found: dict[int, list[Any]] = {}
    for follow_up, on in rows.values_list("follow_up_id", "due_on"):
        found.setdefault(follow_up, []).append(on)
    return found


def test_a_person_is_moved_with_contacts_messages_and_record(enrollment: Enrollment, clinician: Actor) -> None:
    before = planned()
    run, found = read(clinician, a_day_later())
    assert moved(run, found) == "adopted"
    enrollment.refresh_from_db()
    assert (enrollment.program_version, enrollment.current_phase.program_version) == (run.to_version, run.to_version)
    assert enrollment.phase_stays.get(ended_at__isnull=True).phase == enrollment.current_phase
    made = Transition.objects.get(enrollment=enrollment, kind="adopt_version")
    entry = AuditEntry.objects.get(action="enrollment.adopt_version")
    assert entry.details == {"transition": str(made.public_id), "override": False}
    assert (entry.actor, entry.patient_ids) == (clinician, [enrollment.patient.public_id])
    assert before
    assert planned() == {pk: [on + DAY for on in days] for pk, days in before.items()}


def test_a_waiting_message_moves_with_its_contact_and_none_is_withdrawn(
    enrollment: Enrollment, clinician: Actor
) -> None:
    weekly = Reminder.objects.filter(follow_up__rule_key=WEEKLY)
    before = set(weekly.values_list("pk", flat=True))
    run, found = read(clinician, a_day_later())
    moved(run, found)
    assert before and set(weekly.filter(status="planned").values_list("pk", flat=True)) == before
    assert not weekly.exclude(subject_version=F("follow_up__plan_version")).exists()


def test_a_message_a_worker_took_meanwhile_is_left_to_it_and_another_is_planned_for_the_new_day(
    enrollment: Enrollment, clinician: Actor
) -> None:
    run, found = read(clinician, a_day_later())
    taken = Reminder.objects.filter(follow_up__rule_key=WEEKLY, due_at__gt=LATER).latest("due_at")
    held = {"status": "leased", "claim_id": uuid4(), "leased_until": LATER + DAY}
    with allow_direct_writes():
        Reminder.objects.filter(pk=taken.pk).update(**held)
    stays_as_it_is(run, found, enrollment)
    assert worked(run) == {"adopted": 1}
    stale, new = Reminder.objects.filter(follow_up=taken.follow_up).order_by("pk")
    assert (stale.pk, stale.status, new.status, new.due_on) == (taken.pk, "leased", "planned", taken.due_on + DAY)
    assert stale.subject_version < new.subject_version


def test_two_messages_to_the_database_move_a_person(enrollment: Enrollment, clinician: Actor) -> None:
    run, found = read(clinician, a_day_later())
    with CaptureQueriesContext(connection) as sent:
        moved(run, found)
    assert [each["sql"].split()[0] for each in sent] == ["SAVEPOINT", "SELECT", "UPDATE", "RELEASE"]


def test_many_whose_ladder_changed_are_worked_out_in_the_queries_of_one(site: Site, clinician: Actor) -> None:
    for _ in range(3):
        person = patients.patient(site, by=clinician, contact_points=[patients.phone()])
        pathways.enrolled(person, site=site, by=clinician)
    document = pathways.document()
    ladders = [{**each, "key": f"new-{each['key']}"} for each in document["ladders"]]
    owed = [{**each, "ladder": f"new-{each['ladder']}"} for each in document["follow_ups"]]
    run, _ = read(clinician, pathways.program(changed={"ladders": ladders, "follow_ups": owed}))
    ids = list(AdoptionItem.objects.values_list("pk", flat=True))

    def asked(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as sent:
            found = ready(run, some, clinician, LATER)
        assert len(found) == len(some) and all(each.change and each.change.fitted for each in found.values())
        return len(sent)

    assert asked(ids[:1]) == asked(ids)


def test_what_somebody_moved_meanwhile_is_left_to_the_slower_way(enrollment: Enrollment, clinician: Actor) -> None:
    run, found = read(clinician, a_day_later())
    enrollments.hold(
        by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason=HoldReason.TRAVEL,
        review_on=(LATER + 9 * DAY).date(),
    )  # fmt: skip
    assert moved(run, found) is None
    assert worked(run) == {"adopted": 1}


def test_a_contact_changed_meanwhile_stops_it_and_nothing_is_written(enrollment: Enrollment, clinician: Actor) -> None:
    run, found = read(clinician, a_day_later())
    row = FollowUp.objects.open().filter(rule_key=WEEKLY, due_at__gt=LATER).latest("due_at")
    on = row.due_on + 2 * DAY
    follow_ups.reschedule(by=clinician, now=LATER, follow_up_id=row.public_id, on=on)
    stays_as_it_is(run, found, enrollment)
    assert worked(run) == {"adopted": 1}
    row.refresh_from_db()
    assert row.due_on == on


def test_a_run_that_was_stopped_meanwhile_moves_nobody(enrollment: Enrollment, clinician: Actor) -> None:
    run, found = read(clinician, a_day_later())
    adoptions.stop_adoption(by=clinician, now=LATER, adoption_id=run.public_id)
    stays_as_it_is(run, found, enrollment)


def test_an_item_that_was_refused_meanwhile_stays_refused(enrollment: Enrollment, clinician: Actor) -> None:
    run, found = read(clinician, a_day_later())
    wrong = Refused("test")
    adoptions.refuse_item(by=clinician, now=LATER, item_id=found.item_id, refused=wrong)
    stays_as_it_is(run, found, enrollment)


def worked(run: Adoption) -> dict[str, int]:
    return dict(adoptions.adopt_pending(run, by=clinic.job(), now=LATER, most=10))


def stays_as_it_is(run: Adoption, found: Ready, row: Enrollment) -> None:
    before = list(AdoptionItem.objects.values_list("status")), planned()
    with pytest.raises(ChangedMeanwhile):
        moved(run, found)
    row.refresh_from_db()
    assert row.program_version != run.to_version
    assert (list(AdoptionItem.objects.values_list("status")), planned()) == before
    assert not Transition.objects.filter(kind="adopt_version").exists()
