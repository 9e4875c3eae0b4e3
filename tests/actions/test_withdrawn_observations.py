"""A value that a move rested on is put right: somebody looks at the move again. Treatment that ends ends consents."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.rules.roles import Role
from pathways.actions import enrollments, findings
from pathways.models import EvidenceReview
from pathways.queries.treatments import spans_of
from pathways.rules.moves import DischargeReason
from patients.actions import observations, part2_consents
from patients.queries import part2_consents as consents
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    RecipientClass,
    SignatureMethod,
)
from patients.rules.observations import Entry
from tests.factories import clinic, pathways
from tests.factories.course import LATER
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
SCREEN = {
    "key": "kratom-negative", "kind": "observation_compared", "tests": ["mitragynine-screen"], "op": "negative",
    "within_days": 14, "source": "local default",
}  # fmt: skip


@pytest.fixture
def by():
    return clinic.actor(roles=[Role.CLINICIAN], sites=[clinic.site()])


@pytest.fixture
def moved(by):
    """Somebody whose first gate asks for a negative kratom screen, and who went through it."""
    document = pathways.document()
    document["phases"][0]["exit"]["criteria"] = [SCREEN]
    changed = {"phases": document["phases"], "program": document["program"] | {"key": "screened"}}
    pathways.program(changed=changed, now=NOW - timedelta(days=1))
    row = pathways.enrolled(site=by.sites.get(), by=by, program_key="screened")
    rows = record(row.patient, by, ("urine-creatinine", 90), ("mitragynine-screen", "negative"))
    enrollments.advance(by=by, now=LATER, enrollment_id=row.public_id)
    return row, {each.code: each for each in rows}


def record(patient, by, *pairs):
    entries = [Entry(code, value if isinstance(value, str) else Decimal(value)) for code, value in pairs]
    return observations.record_panel(patient=patient, effective_at=NOW, entries=entries, by=by, now=LATER)


def reviews():
    return list(EvidenceReview.objects.values_list("evidence_type", "evidence_id"))


def test_a_screen_entered_in_error_has_the_move_that_rested_on_it_looked_at_again(moved, by):
    screen = moved[1]["mitragynine-screen"]
    findings.retract_observation(observation=screen, reason="Another person's.", by=by, now=LATER)
    assert reviews() == [("observation", screen.public_id)]


def test_a_screen_put_right_has_the_move_looked_at_again(moved, by):
    screen = moved[1]["mitragynine-screen"]
    made = findings.amend_observation(
        observation=screen, entry=Entry(screen.code, "positive"), reason="A slip.", by=by, now=LATER
    )
    assert made.result == "positive" and reviews() == [("observation", screen.public_id)]


def test_a_check_that_makes_the_specimen_worthless_has_the_move_looked_at_again(moved, by):
    creatinine, screen = moved[1]["urine-creatinine"], moved[1]["mitragynine-screen"]
    findings.amend_observation(
        observation=creatinine, entry=Entry(creatinine.code, Decimal(1)), reason="A slip.", by=by, now=LATER
    )
    assert reviews() == [("observation", screen.public_id)], "the screen was judged again, and the move rested on it"


def test_a_value_no_move_rested_on_opens_nothing(moved, by):
    other = record(moved[0].patient, by, ("alt", 20))[0]
    findings.retract_observation(observation=other, reason="Another person's.", by=by, now=LATER)
    assert reviews() == []


def test_leaving_treatment_ends_a_consent_to_its_end_and_coming_back_does_not_renew_it(by):
    row = pathways.enrolled(site=by.sites.get(), by=by)
    terms = ConsentTerms(
        kind=ConsentKind.TPO, patient_name="Ana Ruiz", discloser="Riverbend Clinic",
        categories=(DisclosureCategory.EVERYTHING_BUT_NOTES,), recipient_class=RecipientClass.HEALTH_PLAN,
        purposes=(ConsentPurpose.PAYMENT,), expiry=ConsentExpiry.END_OF_TREATMENT, signer=ConsentSigner.PATIENT,
        signer_name="Ana Ruiz", method=SignatureMethod.ON_PAPER, signed_on=NOW.date(),
    )  # fmt: skip
    made = part2_consents.record_consent(patient=row.patient, terms=terms, by=by, now=NOW)

    def holds(at):
        kept = consents.get(by, made.public_id)
        return consents.standing_of(kept, spans_of([row.patient_id]).get(row.patient_id, ()), at).holds

    assert holds(LATER)
    enrollments.discharge(
        by=by, now=LATER, enrollment_id=row.public_id, reason=DischargeReason.CHOSE_TO_LEAVE, note="Moved away."
    )
    assert holds(LATER) and not holds(LATER + timedelta(days=2)), "through the day of discharge"
    enrollments.readmit(
        by=by, now=LATER + timedelta(days=3), enrollment_id=row.public_id, to_phase="assessment-and-stabilization"
    )
    assert not holds(LATER + timedelta(days=4))
