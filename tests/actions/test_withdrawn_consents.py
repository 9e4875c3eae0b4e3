"""A consent taken back as of an earlier day: somebody looks at what was moved on it since."""

from datetime import datetime, timedelta

import pytest

from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import consents, enrollments
from pathways.models import Enrollment, EvidenceReview
from patients.models import Consent
from patients.rules.consents import RevocationMethod
from tests.factories import clinic, gates, pathways
from tests.factories.course import DAY, LATER
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
CONSENT = {"key": "consent", "kind": "consent_in_force", "purpose": "treatment", "source": "local default"}


@pytest.fixture
def by() -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN, Role.FRONT_DESK], sites=[clinic.site()])


def moved(by: Actor, **fields: object) -> tuple[Enrollment, Consent]:
    """Somebody whose first gate asks for a consent, and who went through it."""
    document = pathways.document()
    document["phases"][0]["exit"]["criteria"] = [CONSENT]
    changed = {"phases": document["phases"], "program": document["program"] | {"key": "consented"}}
    pathways.program(changed=changed, now=NOW - DAY)
    row = pathways.enrolled(site=by.sites.get(), by=by, program_key="consented")
    signed = gates.consent(row, NOW, by=by, **fields)
    enrollments.advance(by=by, now=LATER, enrollment_id=row.public_id)
    return row, signed


def revoke(consent: Consent, by: Actor, at: datetime) -> None:
    consents.revoke_consent(consent=consent, method=RevocationMethod.SAID, by=by, now=LATER + DAY, revoked_at=at)


def reviewed() -> list[tuple[str, object]]:
    return list(EvidenceReview.objects.values_list("evidence_type", "evidence_id"))


def test_a_consent_taken_back_before_a_move_has_the_move_looked_at_again(by: Actor) -> None:
    row, signed = moved(by)
    revoke(signed, by, LATER - timedelta(hours=1))
    assert reviewed() == [("consent", signed.public_id)]
    row.refresh_from_db()
    assert row.current_phase is not None and row.current_phase.key == "behavioral-therapy", "nothing is reversed"


def test_a_consent_taken_back_after_a_move_leaves_it_as_it_is(by: Actor) -> None:
    _, signed = moved(by)
    revoke(signed, by, LATER + timedelta(hours=1))
    assert reviewed() == []


@pytest.mark.parametrize(
    ("expiry", "days_before", "found"),
    [("event", 0, 1), ("event", -1, 0), ("end_of_treatment", 1, 1), ("end_of_treatment", 0, 0)],
)
def test_a_move_is_looked_at_again_where_the_consent_had_ended_by_its_day(
    by: Actor, expiry: str, days_before: int, found: int
) -> None:
    _, signed = moved(by, expiry=expiry, expiry_event="The first stay is over" if expiry == "event" else "")
    on = LATER.astimezone(signed.site.zone).date() - timedelta(days=days_before)
    consents.end_consent(consent=signed, on=on, by=by, now=LATER + 2 * DAY)
    assert len(reviewed()) == found
