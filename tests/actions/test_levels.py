"""Level of care: rated, suggested, decided, signed by a second person where that is owed."""

from datetime import timedelta

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, levels
from pathways.models import LevelOfCareAssessment, LevelStay
from pathways.queries import levels as found
from pathways.queries.worklist import owed
from pathways.rules.levels import Level, Need, PlacementReason, suggest
from pathways.rules.moves import DischargeReason
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
SEVERE_WITHDRAWAL = (3, 0, 0, 0, 0, 0)


@pytest.fixture
def patient(site: Site) -> Patient:
    return patients.patient(site)


def decide(row: LevelOfCareAssessment, by: Actor, level: Level, **given: object) -> LevelOfCareAssessment:
    return levels.decide(by=by, now=LATER, assessment_id=row.public_id, level=level, **given)  # type: ignore[arg-type]


def refused_code(problem: pytest.ExceptionInfo[Refused]) -> str:
    return problem.value.code


def test_ratings_are_kept_with_the_suggestion_its_rule_and_its_inputs(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, 1, 1, 1, 1, 3, 2, by=clinician)
    assert (row.suggested_level, row.suggested_rule, row.ruleset) == ("L2H", "I5", "stepwell-neutral")
    assert row.suggestion["inputs"] == [{"need": "use_risk", "rating": 3}]
    assert found.suggestion_of(row) == suggest(found.needs_of(row), True)
    entry = AuditEntry.objects.get(action="level.rate")
    assert entry.patient_ids == [patient.public_id]


def test_danger_now_is_kept_as_a_flag(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, 0, 0, 4, by=clinician)
    assert (row.suggested_level, row.flags) == ("L4", ["emergency_evaluation_now"])


def test_a_need_not_rated_gives_no_suggestion(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, 1, None, 1, by=clinician)
    assert (row.suggested_level, row.suggested_rule, row.medical) == ("", "I0", None)


def test_no_rating_at_all_is_refused(clinician: Actor, patient: Patient) -> None:
    with pytest.raises(Refused) as problem:
        pathways.rated(patient, *[None] * 6, by=clinician)
    assert problem.value.fields.keys() == {"withdrawal"}


@pytest.mark.parametrize("rating", [5, -1, True, 2.5, "2"])
def test_a_rating_that_is_none_is_refused_and_nothing_is_kept(clinician: Actor, patient: Patient, rating: int) -> None:
    with pytest.raises(Refused) as problem:
        pathways.rated(patient, 0, rating, by=clinician)
    assert problem.value.fields.keys() == {"medical"}
    assert not LevelOfCareAssessment.objects.exists()


def test_ratings_of_tomorrow_are_refused(clinician: Actor, patient: Patient) -> None:
    with pytest.raises(Refused) as problem:
        pathways.rated(patient, by=clinician, effective_at=NOW + timedelta(days=1))
    assert problem.value.fields.keys() == {"effective_at"}


def test_a_foreign_person_cannot_be_rated(patient: Patient) -> None:
    with pytest.raises(Refused) as problem:
        pathways.rated(patient, by=clinic.actor())
    assert problem.value.status == 404


def test_the_front_desk_rates_nobody(site: Site, patient: Patient) -> None:
    with pytest.raises(Refused) as problem:
        pathways.rated(patient, by=clinic.actor(roles=[Role.FRONT_DESK], sites=[site]))
    assert problem.value.status == 403


def test_nobody_is_at_a_level_of_care_that_nobody_decided(clinician: Actor, patient: Patient) -> None:
    assert not LevelStay.objects.filter(enrollment=pathways.enrolled(patient, by=clinician)).exists()


def test_the_suggested_level_needs_no_reason_and_takes_effect_at_once(clinician: Actor, patient: Patient) -> None:
    enrollment = pathways.enrolled(patient, by=clinician)
    row = decide(pathways.rated(patient, 1, 1, 1, 1, 3, 2, by=clinician), clinician, Level.L2H)
    assert (row.decided_level, row.decided_by, row.needs_second_signature) == ("L2H", clinician, False)
    stays = LevelStay.objects.filter(enrollment=enrollment).values_list("level", "started_at", "ended_at")
    assert list(stays) == [("L2H", LATER, None)]


def test_another_level_needs_a_reason(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, 1, 1, 1, 1, 3, 2, by=clinician)
    with pytest.raises(Refused) as problem:
        decide(row, clinician, Level.L2)
    assert problem.value.fields.keys() == {"reason"}
    decided = decide(row, clinician, Level.L2, reason=PlacementReason.WAIT_LIST)
    assert (decided.reason, decided.needs_second_signature) == ("wait_list", False)


def test_clinical_judgement_needs_words(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, 1, 1, 1, 1, 3, 2, by=clinician)
    with pytest.raises(Refused) as problem:
        decide(row, clinician, Level.L2, reason=PlacementReason.CLINICIAN_JUDGEMENT, note="  ")
    assert problem.value.fields.keys() == {"note"}


def test_the_suggested_level_takes_no_reason(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, 1, 1, 1, 1, 3, 2, by=clinician)
    with pytest.raises(Refused) as problem:
        decide(row, clinician, Level.L2H, reason=PlacementReason.OTHER, note="why")
    assert problem.value.fields.keys() == {"reason"}


def test_a_level_is_decided_once(clinician: Actor, patient: Patient) -> None:
    row = decide(pathways.rated(patient, by=clinician), clinician, Level.L1)
    with pytest.raises(Refused) as problem:
        decide(row, clinician, Level.L1)
    assert refused_code(problem) == "level_decided"


def test_old_ratings_cannot_be_decided_once_there_are_newer_ones(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, by=clinician)
    pathways.rated(patient, 2, by=clinician, now=LATER)
    with pytest.raises(Refused) as problem:
        decide(row, clinician, Level.L1)
    assert refused_code(problem) == "level_rated_anew"


def lower_after_severe_withdrawal(patient: Patient, by: Actor) -> LevelOfCareAssessment:
    row = pathways.rated(patient, *SEVERE_WITHDRAWAL, by=by)
    assert row.suggested_rule == "I3"
    return decide(row, by, Level.L1M, reason=PlacementReason.PATIENT_PREFERENCE)


def test_a_lower_level_than_severe_need_suggests_waits_for_a_second_signature(
    clinician: Actor, patient: Patient
) -> None:
    enrollment = pathways.enrolled(patient, by=clinician)
    row = lower_after_severe_withdrawal(patient, clinician)
    assert row.needs_second_signature
    assert not LevelStay.objects.filter(enrollment=enrollment).exists()
    assert found.in_force(patient) is None
    assert list(found.awaiting_signature(clinician)) == [row]


def test_the_second_signature_of_another_person_puts_it_into_effect(
    site: Site, clinician: Actor, patient: Patient
) -> None:
    enrollment = pathways.enrolled(patient, by=clinician)
    row = lower_after_severe_withdrawal(patient, clinician)
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    signed = levels.cosign(by=supervisor, now=LATER, assessment_id=row.public_id)
    assert (signed.cosigned_by, signed.cosigned_at) == (supervisor, LATER)
    assert LevelStay.objects.get(enrollment=enrollment, ended_at__isnull=True).level == "L1M"
    assert found.in_force(patient) == row
    assert not found.awaiting_signature(clinician)


def test_nobody_signs_twice_for_themselves(clinician: Actor, patient: Patient) -> None:
    row = lower_after_severe_withdrawal(patient, clinician)
    with pytest.raises(Refused) as problem:
        levels.cosign(by=clinician, now=LATER, assessment_id=row.public_id)
    assert (refused_code(problem), problem.value.status) == ("level_own_signature", 403)


def test_a_nurse_signs_no_level_of_care(site: Site, clinician: Actor, patient: Patient) -> None:
    row = lower_after_severe_withdrawal(patient, clinician)
    with pytest.raises(Refused) as problem:
        levels.cosign(by=clinic.actor(roles=[Role.NURSE], sites=[site]), now=LATER, assessment_id=row.public_id)
    assert problem.value.status == 403


def test_rated_anew_nothing_waits_for_a_signature_any_more(site: Site, clinician: Actor, patient: Patient) -> None:
    row = lower_after_severe_withdrawal(patient, clinician)
    pathways.rated(patient, 1, by=clinician, now=LATER)
    assert not found.awaiting_signature(clinician)
    with pytest.raises(Refused) as problem:
        levels.cosign(by=clinic.actor(roles=[Role.SUPERVISOR], sites=[site]), now=LATER, assessment_id=row.public_id)
    assert refused_code(problem) == "level_rated_anew"


def test_a_level_decided_before_the_enrollment_is_where_it_begins(clinician: Actor, patient: Patient) -> None:
    decide(pathways.rated(patient, 2, by=clinician), clinician, Level.L1M)
    enrollment = pathways.enrolled(patient, by=clinician, now=LATER)
    assert LevelStay.objects.get(enrollment=enrollment).level == "L1M"


def test_an_end_dated_before_the_level_began_is_refused(clinician: Actor, patient: Patient) -> None:
    enrollment = pathways.enrolled(patient, by=clinician)
    row = decide(pathways.rated(patient, 1, 1, 1, 1, 3, 2, by=clinician), clinician, Level.L2H)
    assert row.decided_at == LATER
    with pytest.raises(Refused) as refused:
        enrollments.discharge(
            by=clinician, now=LATER + timedelta(hours=1), enrollment_id=enrollment.public_id,
            reason=DischargeReason.MOVED_AWAY, effective_at=LATER - timedelta(hours=1),
        )  # fmt: skip
    assert (refused.value.status, refused.value.fields.keys()) == (422, {"effective_at"})


def test_recent_findings_stand_beside_the_need_they_speak_of(clinician: Actor, patient: Patient) -> None:
    patients.assessment(patient, "phq9", patients.phq9(1, 1, 1, 1, 1, 1, 1, 1, 0), by=clinician, at=NOW)
    hints = found.hints(patient, at=LATER, zone=patient.zone)
    assert [hint.said.code for hint in hints[Need.PSYCHIATRIC]] == ["level.hint"]
    assert not hints[Need.WITHDRAWAL]


def test_old_ratings_are_warned_about(clinician: Actor, patient: Patient) -> None:
    row = pathways.rated(patient, by=clinician)
    assert found.age_warning_of(row, NOW + timedelta(days=7)) is None
    warned = found.age_warning_of(row, NOW + timedelta(days=8))
    assert warned is not None
    assert (warned.params["days"], warned.params["longest"]) == (8, 7)


def test_a_signature_nobody_can_give_any_more_is_on_no_list(site: Site, clinician: Actor, patient: Patient) -> None:
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    row = pathways.rated(patient, *SEVERE_WITHDRAWAL, by=clinician)
    decide(row, clinician, Level.L1, reason=PlacementReason.PATIENT_PREFERENCE)

    def listed() -> list[object]:
        lines = owed(supervisor, site, now=LATER + timedelta(hours=2)).lines
        return [each for each in lines if each.item.public_id == row.public_id]

    assert len(listed()) == 1
    pathways.rated(patient, by=clinician, now=LATER + timedelta(hours=1))
    assert not listed()
