"""Transfers, proposals and admissions on their pages: what is refused keeps what was typed."""

from datetime import timedelta

import pytest
from django.test import Client

from clinic import clock
from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways, patients
from tests.factories.course import to_therapy

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


def transfer(row: Enrollment) -> str:
    return f"/enrollments/{row.public_id}/transfer/"


def evening() -> str:
    changed = pathways.document()["program"] | {"key": "kratom-evening", "title": "Kratom recovery: evenings"}
    return pathways.program(changed={"program": changed}).program.key


def test_the_move_page_leads_to_a_transfer(browser: Client, enrollment: Enrollment) -> None:
    assert transfer(enrollment) in browser.get(f"/enrollments/{enrollment.public_id}/move/").content.decode()


def test_a_transfer_into_another_program_from_the_page(browser: Client, enrollment: Enrollment) -> None:
    given = {"where": "program", "program": evening(), "reason": "needs_more_support", "note": "Evenings suit work"}
    assert browser.post(transfer(enrollment), given).status_code == 303
    new = Enrollment.objects.get(transferred_from=enrollment)
    assert (new.status, new.program.key) == ("active", "kratom-evening")


def test_a_transfer_to_another_site_from_the_page(browser: Client, enrollment: Enrollment) -> None:
    there = clinic.site()
    given = {"where": "site", "site": str(there.public_id), "reason": "closer_to_home"}
    assert browser.post(transfer(enrollment), given).status_code == 303
    enrollment.refresh_from_db()
    assert enrollment.site == there


def test_a_transfer_without_its_place_keeps_what_was_typed(browser: Client, enrollment: Enrollment) -> None:
    answer = browser.post(transfer(enrollment), {"where": "site", "reason": "medical", "note": "Kept on the page"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose the site they go on at." in page and "Kept on the page" in page


def test_somebody_is_proposed_and_admitted_later(browser: Client, site: Site, member: StaffMember) -> None:
    pathways.program()
    somebody = patients.patient(site, by=member.actor)
    given = {"program": "kratom-outpatient", "site": str(site.public_id), "begin": "later"}
    assert browser.post(f"/patients/{somebody.public_id}/enroll/", given).status_code == 303
    row = Enrollment.objects.get(patient=somebody)
    assert row.status == "proposed"
    move = f"/enrollments/{row.public_id}/move/?way=admit"
    assert "Admit to" in browser.get(move).content.decode()
    assert browser.post(move, {"version": row.version, "note": ""}).status_code == 303
    row.refresh_from_db()
    assert row.status == "active"


def test_what_stands_in_the_way_of_an_undo_is_told(browser: Client, enrollment: Enrollment) -> None:
    given = {"where": "program", "program": evening(), "reason": "medical"}
    browser.post(transfer(enrollment), given)
    enrollment.refresh_from_db()
    undo = f"/enrollments/{enrollment.public_id}/undo/"
    answer = browser.post(undo, {"version": enrollment.version, "note": "Not so"})
    assert answer.status_code == 409
    assert "They are under way in Kratom recovery: evenings" in answer.content.decode()


def test_a_level_requirement_is_set_aside_at_the_admission_by_who_may(
    browser: Client, site: Site, member: StaffMember
) -> None:
    phases = pathways.document()["phases"]
    asked = {
        "key": "profile-first", "kind": "assessment_done", "instrument": "bam", "within_days": 30, "source": "test",
        "requirement": "overridable", "overridable_by": ["clinician"],
    }  # fmt: skip
    phases[0]["entry"]["criteria"].append(asked)
    pathways.program(changed={"phases": phases})
    somebody = patients.patient(site, by=member.actor)
    here = f"/patients/{somebody.public_id}/enroll/"
    given = {"program": "kratom-outpatient", "site": str(site.public_id), "note": "Kept along"}
    blocked = browser.post(here, given)
    assert blocked.status_code == 409 and "Kept along" in blocked.content.decode()
    aside = given | {"set_aside": "profile-first", "override_reason": "clinical_judgement", "override_note": ""}
    assert browser.post(here, aside).status_code == 422
    assert browser.post(here, aside | {"override_note": "Known for years"}).status_code == 303
    assert Enrollment.objects.get(patient=somebody).transitions.get().override == {"criteria": ["profile-first"]}


ASKED = {"kind": "assessment_done", "instrument": "bam", "within_days": 30, "source": "test"}


def strict(**gates: str) -> None:
    """The first phase asks for a form on one side, and a way of a kind asks that side."""
    document = pathways.document()
    phase = document["phases"][0 if gates["side"] == "exit" else 1]
    phase[gates["side"]] = {"title": "Asked here", "criteria": [{**ASKED, "key": "asked-here"}]}
    way = {"kind": gates["kind"], "roles": ["clinician"], "gate": [gates["side"]]}
    way["from" if gates["side"] == "exit" else "to"] = phase["key"]
    others = [each for each in document["transitions"] if each["kind"] != gates["kind"]]
    pathways.program(now=clock.now() - timedelta(days=12))
    pathways.program(changed={"phases": document["phases"], "transitions": [*others, way]})


@pytest.fixture
def blocked_on_the_way_out(site: Site) -> Enrollment:
    strict(kind="transfer", side="exit")
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


def test_the_way_out_that_holds_a_transfer_back_is_told(browser: Client, blocked_on_the_way_out: Enrollment) -> None:
    given = {"where": "program", "program": evening(), "reason": "medical"}
    answer = browser.post(transfer(blocked_on_the_way_out), given)
    assert answer.status_code == 409
    assert "BAM" in answer.content.decode()


def test_the_gate_of_the_phase_somebody_comes_back_to_is_told(browser: Client, site: Site, member: StaffMember) -> None:
    strict(kind="readmit", side="entry")
    row = pathways.enrolled(site=site, by=member.actor, now=clock.now() - timedelta(days=10))
    gone = {"by": member.actor, "now": clock.now() - timedelta(days=5), "enrollment_id": row.public_id}
    enrollments.discharge(reason=DischargeReason.CHOSE_TO_LEAVE, **gone)
    given = {"to_phase": "behavioral-therapy", "confirmed": "yes"}
    answer = browser.post(f"/enrollments/{row.public_id}/readmit/", given)
    assert answer.status_code == 409 and "BAM" in answer.content.decode()


def test_the_page_of_a_way_shows_the_gate_of_that_way(browser: Client, site: Site) -> None:
    document = pathways.document()
    document["phases"][0]["entry"]["criteria"].append({**ASKED, "key": "asked-here"})
    first = document["phases"][0]["key"]
    gated = [
        {**each, "gate": ["entry"]} if (each["kind"], each.get("to")) == ("step_back", first) else each
        for each in document["transitions"]
    ]
    pathways.program(now=clock.now() - timedelta(days=12))
    row = pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))
    to_therapy(row, clinic.actor(roles=[Role.CLINICIAN], sites=[site]), now=clock.now() - timedelta(days=2))
    version = pathways.program(changed={"phases": document["phases"], "transitions": gated})
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    enrollments.adopt_version(
        by=supervisor, now=clock.now(), enrollment_id=row.public_id, to_version_id=version.public_id, note="Stricter",
        phase_map={each["key"]: each["key"] for each in document["phases"]},
    )  # fmt: skip
    row.refresh_from_db()
    back = f"/enrollments/{row.public_id}/move/?way=step_back"
    page = browser.get(back).content.decode()
    assert "BAM" in page and "Recovery plan written" not in page
    answer = browser.post(back, {"version": row.version, "reason": "patient_asked", "note": ""})
    assert answer.status_code == 409 and "BAM" in answer.content.decode()


def test_who_waits_sees_the_gate_of_the_version_they_will_begin_on(
    browser: Client, site: Site, member: StaffMember
) -> None:
    pathways.program(now=clock.now() - timedelta(days=12))
    somebody = patients.patient(site, by=member.actor)
    row = enrollments.propose(
        by=member.actor, now=clock.now(), patient_id=somebody.public_id, program_key=pathways.KRATOM
    )
    phases = pathways.document()["phases"]
    phases[0]["entry"]["criteria"].append({**ASKED, "key": "asked-here"})
    pathways.program(changed={"phases": phases})
    way = f"/enrollments/{row.public_id}/move/?way=admit"
    assert "BAM" in browser.get(way).content.decode()
    assert browser.post(way, {"version": row.version, "note": ""}).status_code == 409
