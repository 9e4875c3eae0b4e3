"""Adopting a version: people under way are moved knowingly and lose no day and no contact; a run can be resumed."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from pathways.actions import adoptions, enrollments
from pathways.actions.adaptations import adapt_rule
from pathways.models import Adoption, AdoptionItem, Enrollment, FollowUp, PhaseStay, ProgramVersion
from pathways.queries.adoptions import candidates, previews, progress
from pathways.queries.courses import courses
from pathways.rules.moves import HoldReason
from patients.models import Patient
from tests.factories import clinic, pathways
from tests.factories.course import DAY, LATER

pytestmark = pytest.mark.django_db
FIRST = "assessment-and-stabilization"
SAME = {key: key for key in (FIRST, "behavioral-therapy", "aftercare")}


def changed(**parts: Any) -> ProgramVersion:
    return pathways.program(changed=parts)


def gate_only() -> ProgramVersion:
    """A version in which only a gate is different."""
    phases = pathways.document()["phases"]
    phases[0]["typical_days"] = 35
    return changed(phases=phases)


def with_contacts(**rules: dict[str, Any]) -> ProgramVersion:
    """A version whose follow-up rules of these keys are different."""
    owed = pathways.document()["follow_ups"]
    return changed(follow_ups=[{**each, **rules.get(each["rule_key"], {})} for each in owed])


def adopted(row: Enrollment, by: Actor, version: ProgramVersion, phase_map: Any = None, now: datetime = LATER) -> None:
    enrollments.adopt_version(
        by=by, now=now, enrollment_id=row.public_id, to_version_id=version.public_id,
        phase_map=phase_map or SAME, note="The new gate suits them",
    )  # fmt: skip


def due(row: Enrollment, rule_key: str) -> list[Any]:
    rows = FollowUp.objects.open().filter(enrollment=row, rule_key=rule_key).order_by("due_at")
    return list(rows.values_list("due_on", flat=True))


def test_adopting_keeps_the_phase_and_every_day_in_it(enrollment: Enrollment, clinician: Actor) -> None:
    version = gate_only()
    began = PhaseStay.objects.get(enrollment=enrollment).started_at
    adopted(enrollment, clinician, version)
    enrollment.refresh_from_db()
    stay = PhaseStay.objects.get(enrollment=enrollment)
    assert (enrollment.program_version, enrollment.status) == (version, "active")
    assert (stay.phase.program_version, stay.phase.key, stay.started_at) == (version, FIRST, began)


def test_adopting_is_written_down_with_both_versions(enrollment: Enrollment, clinician: Actor) -> None:
    before, version = enrollment.program_version, gate_only()
    adopted(enrollment, clinician, version)
    move = enrollment.transitions.latest("pk")
    assert (move.kind, move.from_version, move.to_version) == ("adopt_version", before, version)
    assert AuditEntry.objects.filter(action="enrollment.adopt_version").exists()


def test_only_contacts_still_to_come_are_planned_anew(enrollment: Enrollment, clinician: Actor) -> None:
    before = due(enrollment, "stabilization-weekly-contact")
    overdue = due(enrollment, "stabilization-daily-contact")[:3]
    version = with_contacts(
        **{"stabilization-weekly-contact": {"every": {"days": 7, "first_day": 13}}},
        **{"stabilization-daily-contact": {"offsets": [4, 5]}},
    )
    adopted(enrollment, clinician, version)
    assert due(enrollment, "stabilization-weekly-contact") == [each + DAY for each in before]
    assert [each for each in due(enrollment, "stabilization-daily-contact") if each <= LATER.date()] == overdue


def test_a_rule_that_is_gone_ends_its_contacts_and_what_was_due_stays_owed(
    enrollment: Enrollment, clinician: Actor
) -> None:
    owed = [each for each in pathways.document()["follow_ups"] if each["rule_key"] != "stabilization-daily-contact"]
    version = changed(follow_ups=owed)
    late = [each for each in due(enrollment, "stabilization-daily-contact") if each < LATER.date()]
    adopted(enrollment, clinician, version)
    assert due(enrollment, "stabilization-daily-contact")[: len(late)] == late
    assert all(each <= LATER.date() for each in due(enrollment, "stabilization-daily-contact"))


def test_on_hold_the_version_changes_and_the_hold_goes_on(enrollment: Enrollment, clinician: Actor) -> None:
    review = LATER.date() + 14 * DAY
    enrollments.hold(
        by=clinician, now=LATER - DAY, enrollment_id=enrollment.public_id, reason=HoldReason.TRAVEL, review_on=review
    )
    adopted(enrollment, clinician, with_contacts(**{"hold-review": {"window_days": 3}}))
    enrollment.refresh_from_db()
    assert enrollment.status == "on_hold" and due(enrollment, "hold-review")[0] == review
    enrollments.resume(by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id)
    assert due(enrollment, "stabilization-weekly-contact")


def test_a_phase_that_is_mapped_to_another_is_entered_now(enrollment: Enrollment, clinician: Actor) -> None:
    adopted(enrollment, clinician, gate_only(), {FIRST: "behavioral-therapy"})
    enrollment.refresh_from_db()
    open_stay = PhaseStay.objects.get(enrollment=enrollment, ended_at__isnull=True)
    assert (open_stay.phase.key, open_stay.started_at) == ("behavioral-therapy", LATER)
    assert due(enrollment, "therapy-weekly-check-in")


def test_contacts_of_a_phase_that_is_left_by_the_map_are_no_longer_owed(
    enrollment: Enrollment, clinician: Actor
) -> None:
    late = [each for each in due(enrollment, "stabilization-daily-contact") if each <= LATER.date()]
    adopted(enrollment, clinician, gate_only(), {FIRST: "behavioral-therapy"})
    assert due(enrollment, "stabilization-daily-contact") == late
    assert not due(enrollment, "stabilization-weekly-contact")


def test_somebody_put_in_another_phase_on_hold_goes_on_with_the_contacts_of_that_phase(
    enrollment: Enrollment, clinician: Actor
) -> None:
    review = LATER.date() + 14 * DAY
    enrollments.hold(
        by=clinician, now=LATER - DAY, enrollment_id=enrollment.public_id, reason=HoldReason.TRAVEL, review_on=review
    )
    adopted(enrollment, clinician, gate_only(), {FIRST: "behavioral-therapy"})
    assert not due(enrollment, "therapy-weekly-check-in") and due(enrollment, "hold-review")[0] == review
    enrollments.resume(by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id)
    assert due(enrollment, "therapy-weekly-check-in")
    assert not due(enrollment, "stabilization-weekly-contact")


@pytest.mark.parametrize("phase_map", [{"aftercare": "aftercare"}, {FIRST: "no-such-phase"}])
def test_a_phase_the_map_does_not_name_is_refused(
    enrollment: Enrollment, clinician: Actor, phase_map: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refused:
        adopted(enrollment, clinician, gate_only(), phase_map)
    assert set(refused.value.fields) == {"phase_map"}


def test_nobody_is_put_on_a_draft(enrollment: Enrollment, clinician: Actor) -> None:
    draft = pathways.program(published=False, changed={"follow_ups": pathways.document()["follow_ups"][1:]})
    with pytest.raises(Refused) as refused:
        adopted(enrollment, clinician, draft)
    assert refused.value.code == "version_not_published"


def test_an_adoption_is_not_undone_as_a_move_is(enrollment: Enrollment, clinician: Actor) -> None:
    adopted(enrollment, clinician, gate_only())
    with pytest.raises(Refused) as refused:
        enrollments.reverse(by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id, note="Not so")
    assert refused.value.code == "move_not_allowed"


def run_over(by: Actor, version: ProgramVersion) -> Adoption:
    return adoptions.start_adoption(
        by=by, now=LATER, to_version_id=version.public_id, phase_map=SAME, note="Everybody goes on with it"
    )


def worked(run: Adoption, most: int = 100) -> dict[str, int]:
    return dict(adoptions.adopt_pending(run, by=clinic.job(), now=LATER, most=most))


def test_a_run_moves_everybody_and_ends(site: Site, clinician: Actor) -> None:
    rows = [pathways.enrolled(site=site, by=clinician) for _ in range(3)]
    run = run_over(clinician, gate_only())
    assert worked(run) == {"adopted": 3}
    assert adoptions.finish_adoption(by=clinic.job(), now=LATER, run_id=run.pk)
    assert {row.program_version_id for row in Enrollment.objects.filter(pk__in=[r.pk for r in rows])} == {
        run.to_version_id
    }
    assert progress(run).percent == 100


def test_a_run_that_was_cut_off_goes_on_where_it_stood(site: Site, clinician: Actor) -> None:
    for _ in range(3):
        pathways.enrolled(site=site, by=clinician)
    run = run_over(clinician, gate_only())
    worked(run, most=1)
    adoptions.stop_adoption(by=clinician, now=LATER, adoption_id=run.public_id)
    assert worked(run) == {"elsewhere": 2}
    adoptions.resume_adoption(by=clinician, now=LATER, adoption_id=run.public_id)
    assert worked(run) == {"adopted": 2}
    assert not worked(run)


def test_somebody_who_left_meanwhile_is_passed_over(enrollment: Enrollment, clinician: Actor) -> None:
    run = run_over(clinician, gate_only())
    enrollments.discharge(by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason="chose_to_leave")
    assert worked(run) == {"skipped": 1}


def test_who_cannot_be_moved_is_named_and_the_run_goes_on(site: Site, clinician: Actor) -> None:
    first, second = (pathways.enrolled(site=site, by=clinician) for _ in range(2))
    run = run_over(clinician, gate_only())
    run.phase_map = {}
    assert worked(run) == {"refused": 2}
    item = AdoptionItem.objects.get(adoption=run, enrollment=first)
    assert (item.code, bool(item.said)) == ("bad_input", True)
    second.refresh_from_db()
    assert second.program_version_id != run.to_version_id


def test_who_cannot_be_read_is_named_and_the_others_go_on(site: Site, clinician: Actor) -> None:
    broken, _ = pathways.enrolled(site=site, by=clinician), pathways.enrolled(site=site, by=clinician)
    run = run_over(clinician, with_contacts(welcome={"window_days": 3}))
    with allow_direct_writes():
        Patient.objects.filter(pk=broken.patient_id).update(time_zone="Nowhere/Land")
    with capture_logs() as lines:
        assert worked(run) == {"refused": 1, "adopted": 1}
    item = AdoptionItem.objects.get(enrollment=broken)
    assert item.code == "not_readable"
    told = [(each["what"], each["id"]) for each in lines if each["event"] == "passed_over"]
    assert told == [("adoption", str(run.public_id)), ("enrollment", str(broken.public_id))]


def test_a_second_run_of_the_same_program_waits_for_the_first(enrollment: Enrollment, clinician: Actor) -> None:
    version = gate_only()
    run_over(clinician, version)
    with pytest.raises(Refused) as refused:
        run_over(clinician, version)
    assert refused.value.code == "adoption_one_running"


def test_a_preview_tells_who_would_be_blocked_and_which_contacts_change(
    enrollment: Enrollment, clinician: Actor
) -> None:
    phases = pathways.document()["phases"]
    asked = {"key": "much-later", "kind": "days_in_phase", "at_least": 300, "source": "test"}
    phases[0]["exit"] = {"title": "Gate to therapy", "criteria": [asked]}
    owed = [each for each in pathways.document()["follow_ups"] if each["rule_key"] != "stabilization-daily-contact"]
    version = changed(phases=phases, follow_ups=owed)
    rows = list(candidates(clinician, version))
    (found,) = previews(rows, version, SAME, now=LATER)
    assert found.after is not None and [each.key for each in found.after.unmet] == ["much-later"]
    assert found.contacts.ended == ("Daily contact in the first days",) and found.contacts.open_ended == 5


def test_a_preview_asks_the_same_queries_for_many_as_for_few(site: Site, clinician: Actor) -> None:
    for _ in range(4):
        pathways.enrolled(site=site, by=clinician)
    version = gate_only()
    rows = list(candidates(clinician, version))
    with CaptureQueriesContext(connection) as few:
        previews(rows[:1], version, SAME, now=LATER)
    with CaptureQueriesContext(connection) as many:
        previews(rows, version, SAME, now=LATER)
    assert len(many) == len(few)


def test_the_ribbon_still_shows_a_stay_in_a_phase_the_new_version_no_longer_has(
    enrollment: Enrollment, clinician: Actor
) -> None:
    text = json.dumps(pathways.document()).replace(FIRST, "coming-in")
    version = pathways.program(changed=json.loads(text))
    adopted(enrollment, clinician, version, {FIRST: "behavioral-therapy"})
    enrollment.refresh_from_db()
    drawn = courses([enrollment], {}, now=LATER + DAY)[enrollment.pk]
    assert [each.phase for each in drawn.stays] == [0, 1]


def test_a_preview_reads_both_versions_as_they_are_adapted_for_each(enrollment: Enrollment, clinician: Actor) -> None:
    adapt_rule(
        by=clinician, now=LATER, enrollment_id=enrollment.public_id, target="criterion", target_key="plan-agreed",
        change={"requirement": "advisory"}, reason="Agreed by letter", ends_on=(LATER + 9 * DAY).date(),
    )  # fmt: skip
    (found,) = previews(list(candidates(clinician, gate_only())), gate_only(), SAME, now=LATER)
    assert found.before is not None and found.after is not None
    asked = [{each.key for each in decision.unmet} for decision in (found.before, found.after)]
    assert all("plan-agreed" not in each for each in asked)
