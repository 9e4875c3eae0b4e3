"""What was found out about the people of the crowded clinic, what was raised, and the plans they have."""

from uuid import UUID

from clinic.models import Actor
from pathways.models import (
    EvidenceReview,
    LevelOfCareAssessment,
    Phase,
    Plan,
    PlanReview,
    PlanSignature,
    ReturnToUse,
)
from patients.instruments import definition
from patients.models import Assessment, Observation, SafetyFlag
from patients.observations import definitions
from patients.rules.observations import ObservationCategory, ValueKind
from tests.bench.crowd_contacts import NOBODY, OWN
from tests.bench.sowing import days_ago, sow
from tests.faults.load import NOON

WEEKLY = days_ago("w * 7 + e.n % 6 + 1")
PLANNED = "e.opened_at + interval '1 day'"


def sow_findings(by: Actor) -> None:
    """Readings and drug screens of four weeks of everybody under way; flags, returns, second signatures of a few."""
    _readings(by)
    _screens(by)
    _flags(by)
    _returns(by)
    _signatures(by)


def _readings(by: Actor) -> None:
    """Steady for most; the craving of one in twenty-five rises week by week."""
    rising = "CASE WHEN e.n % 25 = 4 THEN 7 - w ELSE 2 + e.n % 3 END"
    for key, total in (("craving_vas", rising), ("phq9", "(e.n * 7 + w * 3) % 20")):
        form = definition(key)
        reading = Assessment(
            instrument=form.key, definition_version=form.definition_version, definition_digest=form.digest,
            scoring_status="complete", answers={}, effective_at=NOON, recorded_at=NOON, recorded_by=by,
        )  # fmt: skip
        sow(reading, "under_way e, generate_series(0, 3) w", **OWN, total=total, effective_at=WEEKLY)


def _screens(by: Actor) -> None:
    """Four weekly screens by six tests; one person in forty has just turned positive."""
    screens = [each for each in definitions(ObservationCategory.DRUG_SCREEN) if each.kind is ValueKind.RESULT]
    codes = "(VALUES " + ", ".join(f"('{each.code}')" for each in screens[:6]) + ")"
    seen = Observation(
        panel=NOBODY, code="", category="drug_screen", effective_at=NOON, recorded_at=NOON, recorded_by=by
    )
    positive = f"w = 0 AND e.n % 40 = 0 AND c.code = '{screens[0].code}'"
    sow(seen, f"under_way e, generate_series(0, 3) w, {codes} c (code)", **OWN, panel="gen_random_uuid()",
        code="c.code", effective_at=WEEKLY,
        result=f"CASE WHEN {positive} THEN 'positive' ELSE 'negative' END")  # fmt: skip


def _flags(by: Actor) -> None:
    """Open ones of one in two hundred, and closed ones of everybody under way."""
    flag = SafetyFlag(source_id=NOBODY, instrument="phq9", alert_key="phq9_suicide", severity="urgent",
                      raised_at=NOON, raised_by=by)  # fmt: skip
    closed = "e.n % 200 <> 17"
    sow(flag, "under_way e", **OWN, source_id="gen_random_uuid()",
        severity="CASE WHEN e.n % 2000 = 17 THEN 'emergency' ELSE 'urgent' END",
        raised_at=days_ago("(e.n % 100) / 30.0"), closed_at=f"CASE WHEN {closed} THEN {days_ago('0')} END",
        closed_by_id=f"CASE WHEN {closed} THEN {by.pk} END",
        action_taken=f"CASE WHEN {closed} THEN 'Spoke with them.' ELSE '' END")  # fmt: skip
    review = EvidenceReview(evidence_type="assessment", evidence_id=UUID(int=1), opened_at=NOON, opened_by=by)
    sow(review, "under_way e JOIN pathways_transition t ON t.enrollment_id = e.id WHERE e.n % 1000 = 5",
        transition_id="t.id", patient_id="e.patient_id")  # fmt: skip


def _returns(by: Actor) -> None:
    """One person in sixty returned to use in the last weeks; nobody has rated their needs again."""
    event = ReturnToUse(effective_at=NOON, recorded_at=NOON, recorded_by=by)
    at = days_ago("1 + e.n / 60 % 20")
    sow(event, "under_way e WHERE e.n % 60 = 11", enrollment_id="e.id", effective_at=at, recorded_at=at)


def _signatures(by: Actor) -> None:
    """One level of care in three hundred waits for a second name."""
    rated = LevelOfCareAssessment(
        ruleset="neutral", sud_diagnosis=True, suggested_level="L2", suggested_rule="R1", effective_at=NOON,
        recorded_at=NOON, recorded_by=by, decided_level="L1", reason="patient_preference", decided_at=NOON,
        needs_second_signature=True,
    )  # fmt: skip
    at = days_ago("e.n % 4")
    sow(rated, "under_way e WHERE e.n % 300 = 7", **OWN, enrollment_id="e.id", effective_at=at, recorded_at=at,
        decided_at=at, decided_by_id=f"coalesce(e.counselor_id, {by.pk})")  # fmt: skip


def sow_plans(by: Actor, phase: Phase) -> None:
    """A care plan of everybody under way, reviewed once; the day of one in twenty has come, and one in fifty is signed
    by staff alone."""
    plan = Plan(kind="care", opened_at=NOON, opened_by=by, changed_at=NOON, changed_by=by)
    sow(plan, "under_way e", **OWN, enrollment_id="e.id", opened_at=PLANNED, changed_at=PLANNED,
        review_on=f"date '{NOON.date()}' + (e.n % 20)::int")  # fmt: skip
    plans = "under_way e JOIN pathways_plan p ON p.enrollment_id = e.id"
    reviewed = PlanReview(plan_version=1, phase=phase, reviewed_at=NOON, reviewed_by=by)
    sow(reviewed, plans, plan_id="p.id", phase_id="e.current_phase_id", reviewed_at=days_ago("20"))
    signed = PlanSignature(
        plan_version=1, signer="staff", signer_name="A. Samplewright", method="on_paper", digest="0" * 64,
        effective_at=NOON, recorded_at=NOON, recorded_by=by,
    )  # fmt: skip
    sow(signed, f"{plans} WHERE e.n % 50 = 3", plan_id="p.id", effective_at=days_ago("9"))
    sow(signed, f"{plans} WHERE e.n % 50 <> 3", plan_id="p.id", effective_at=days_ago("9"),
        signer="unnest(ARRAY['staff', 'patient'])")  # fmt: skip
