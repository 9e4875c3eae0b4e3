"""Going on in another program or at another site: what was begun is kept, and nobody is lost between the two."""

from typing import Any

import pytest

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, follow_ups
from pathways.actions.level_transfers import transfer_level
from pathways.actions.levels import decide
from pathways.models import Enrollment, FollowUp, LevelStay, PhaseStay, Program, Transition
from pathways.rules.capacity import LevelReason
from pathways.rules.follow_ups import Outcome
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason, HoldReason, TransferReason
from patients.actions.patients import add_site
from patients.models import Patient
from tests.factories import clinic, pathways
from tests.factories.course import DAY, LATER, to_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
MORE = TransferReason.NEEDS_MORE_SUPPORT


@pytest.fixture
def other() -> Program:
    changed = pathways.document()
    changed["program"] = {**changed["program"], "key": "kratom-evening", "title": "Kratom recovery: evenings"}
    return pathways.program(changed=changed).program


def transferred(row: Enrollment, by: Actor, program: Program, **given: Any) -> Enrollment:
    shared = {"by": by, "now": LATER, "enrollment_id": row.public_id, "reason": MORE}
    return enrollments.transfer_program(program_key=program.key, **shared, **given)


def moved(row: Enrollment, by: Actor, site: Site, **given: Any) -> Transition:
    shared = {"by": by, "now": LATER, "enrollment_id": row.public_id, "reason": TransferReason.CLOSER_TO_HOME}
    return enrollments.transfer_site(site_id=site.public_id, **shared, **given)


def owed(row: Enrollment) -> set[int]:
    return set(FollowUp.objects.open().filter(enrollment=row).values_list("pk", flat=True))


def test_a_transfer_ends_one_enrollment_and_begins_the_other_at_once(
    enrollment: Enrollment, clinician: Actor, other: Program
) -> None:
    new = transferred(enrollment, clinician, other)
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.ended_at) == ("left", LATER)
    assert (new.status, new.admitted_at, new.program, new.transferred_from) == ("active", LATER, other, enrollment)


def test_a_transfer_owes_the_contacts_of_the_new_program_and_none_after_a_discharge(
    enrollment: Enrollment, clinician: Actor, other: Program
) -> None:
    new = transferred(enrollment, clinician, other)
    assert owed(new)
    still = FollowUp.objects.open().filter(enrollment=enrollment)
    assert not still.filter(due_at__gt=LATER).exists() and not still.filter(anchor_kind="discharge").exists()


def test_a_transfer_leads_through_the_gate_of_the_other_program_or_not_at_all(
    enrollment: Enrollment, clinician: Actor
) -> None:
    changed = pathways.document()
    changed["program"] = {**changed["program"], "key": "kratom-evening"}
    asked = {"key": "profile", "kind": "assessment_done", "instrument": "bam", "within_days": 30, "source": "test"}
    changed["phases"][0]["entry"] = {"title": "Gate in", "criteria": [asked]}
    strict = pathways.program(changed=changed).program
    with pytest.raises(Refused) as refused:
        transferred(enrollment, clinician, strict)
    enrollment.refresh_from_db()
    assert (refused.value.code, enrollment.status) == ("gate_not_met", "active")


def test_a_transfer_into_the_same_program_is_refused_in_words(enrollment: Enrollment, clinician: Actor) -> None:
    with pytest.raises(Refused) as refused:
        transferred(enrollment, clinician, enrollment.program)
    assert (refused.value.status, set(refused.value.fields)) == (422, {"program"})


def test_a_transfer_is_not_undone_while_the_new_enrollment_goes_on(
    enrollment: Enrollment, clinician: Actor, other: Program
) -> None:
    new = transferred(enrollment, clinician, other)
    undo = {"by": clinician, "enrollment_id": enrollment.public_id, "note": "Not so"}
    with pytest.raises(Refused) as refused:
        enrollments.reverse(now=LATER + DAY, **undo)
    assert refused.value.code == "built_upon"
    enrollments.discharge(
        by=clinician, now=LATER + DAY, enrollment_id=new.public_id, reason=DischargeReason.DID_NOT_START
    )
    enrollments.reverse(now=LATER + 2 * DAY, **undo)
    enrollment.refresh_from_db()
    assert enrollment.status == "active" and owed(enrollment)


def test_at_another_site_the_phase_goes_on_and_every_contact_goes_along(
    enrollment: Enrollment, clinician: Actor
) -> None:
    there, before = clinic.site(), owed(enrollment)
    moved(enrollment, clinician, there)
    enrollment.refresh_from_db()
    assert (enrollment.site, enrollment.status) == (there, "active")
    assert PhaseStay.objects.filter(enrollment=enrollment).count() == 1
    assert owed(enrollment) == before
    assert set(FollowUp.objects.filter(pk__in=before).values_list("site", flat=True)) == {there.pk}
    assert enrollment.patient.site_stays.filter(site=there, until__isnull=True).exists()


def test_a_transfer_to_another_site_can_be_undone(enrollment: Enrollment, clinician: Actor, site: Site) -> None:
    moved(enrollment, clinician, clinic.site())
    enrollments.reverse(by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id, note="Stays here")
    enrollment.refresh_from_db()
    assert enrollment.site == site
    assert set(FollowUp.objects.open().filter(enrollment=enrollment).values_list("site", flat=True)) == {site.pk}


def test_nobody_is_transferred_to_the_site_they_are_at(enrollment: Enrollment, clinician: Actor, site: Site) -> None:
    with pytest.raises(Refused) as refused:
        moved(enrollment, clinician, site)
    assert set(refused.value.fields) == {"site"}


def test_a_move_is_not_undone_once_a_contact_it_planned_was_made(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    first = FollowUp.objects.open().filter(enrollment=enrollment, rule_key="therapy-weekly-check-in").first()
    assert first is not None
    follow_ups.close(by=clinician, now=first.due_at, follow_up_id=first.public_id, outcome=Outcome.REACHED)
    with pytest.raises(Refused) as refused:
        enrollments.reverse(by=clinician, now=first.due_at + DAY, enrollment_id=enrollment.public_id, note="Not so")
    assert refused.value.code == "built_upon"


def test_contacts_a_hold_paused_go_along_to_the_other_site(enrollment: Enrollment, clinician: Actor) -> None:
    review = (LATER + 9 * DAY).date()
    enrollments.hold(
        by=clinician, now=LATER - DAY, enrollment_id=enrollment.public_id, reason=HoldReason.TRAVEL, review_on=review
    )
    there = clinic.site()
    moved(enrollment, clinician, there)
    enrollments.resume(by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id)
    assert set(FollowUp.objects.open().filter(enrollment=enrollment).values_list("site", flat=True)) == {there.pk}


def test_a_site_that_saw_the_person_for_an_undone_transfer_alone_sees_them_no_longer(
    enrollment: Enrollment, clinician: Actor
) -> None:
    there = clinic.site()
    stranger = clinic.actor(roles=[Role.CLINICIAN], sites=[there])
    moved(enrollment, clinician, there)
    assert Patient.objects.visible_to(stranger).exists()
    enrollments.reverse(by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id, note="The wrong site")
    assert not Patient.objects.visible_to(stranger).exists()
    assert enrollment.patient.site_stays.filter(until__isnull=True).count() == 1


def test_a_site_that_saw_the_person_before_goes_on_seeing_them(enrollment: Enrollment, clinician: Actor) -> None:
    there = clinic.site()
    add_site(patient=enrollment.patient, site=there, by=clinician, now=LATER - DAY)
    moved(enrollment, clinician, there)
    enrollments.reverse(by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id, note="The wrong site")
    assert enrollment.patient.site_stays.filter(site=there, until__isnull=True).exists()


def test_the_counselor_there_takes_on_what_is_a_counselors_and_nothing_else(
    enrollment: Enrollment, clinician: Actor
) -> None:
    to_therapy(enrollment, clinician)
    there = clinic.site()
    counselor = clinic.actor(roles=[Role.COUNSELOR], sites=[there])
    moved(enrollment, clinician, there, counselor_id=counselor.public_id)
    roles = FollowUp.objects.open().filter(enrollment=enrollment, owner=counselor).values_list("owner_role", flat=True)
    assert set(roles) == {Role.COUNSELOR.value}


def test_a_transfer_before_the_level_of_care_began_is_refused_in_words(
    enrollment: Enrollment, clinician: Actor, other: Program
) -> None:
    transfer_level(
        by=clinician, now=LATER, enrollment_id=enrollment.public_id, to_level=Level.L2, reason=LevelReason.STEP_UP
    )
    with pytest.raises(Refused) as refused:
        transferred(enrollment, clinician, other, effective_at=LATER - DAY)
    assert (refused.value.status, set(refused.value.fields)) == (422, {"effective_at"})


def test_the_level_lived_at_goes_along_into_the_other_program(
    enrollment: Enrollment, clinician: Actor, other: Program
) -> None:
    rated = pathways.rated(enrollment.patient, by=clinician)
    decide(by=clinician, now=NOW, assessment_id=rated.public_id, level=Level(rated.suggested_level))
    transfer_level(
        by=clinician, now=LATER - DAY, enrollment_id=enrollment.public_id, to_level=Level.L3,
        reason=LevelReason.MEDICAL, note="Fever",
    )  # fmt: skip
    new = transferred(enrollment, clinician, other)
    assert [(each.level, each.started_at) for each in LevelStay.objects.filter(enrollment=new)] == [("L3", LATER)]
