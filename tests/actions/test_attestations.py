"""Attestations: a named person's word, in a role the gate asks for."""

from datetime import timedelta

import pytest

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import attestations, enrollments
from pathways.models import Attestation, Enrollment
from pathways.queries.attestations import asked
from pathways.queries.facts import facts_of
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
PLAN = "treatment-plan-agreed"


@pytest.fixture
def nurse(site: Site) -> Actor:
    return clinic.actor(roles=[Role.NURSE], sites=[site])


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site)


def attest(row: Enrollment, by: Actor, key: str = PLAN, role: Role = Role.NURSE, **given: str) -> Attestation:
    return attestations.attest(by=by, now=LATER, enrollment_id=row.public_id, key=key, role=role, **given)


def test_the_next_gate_says_what_is_to_be_confirmed(enrollment: Enrollment) -> None:
    assert [each.attestation for each in asked(enrollment)] == [PLAN]


def test_a_word_given_by_name_is_seen_by_the_gate(enrollment: Enrollment, nurse: Actor) -> None:
    row = attest(enrollment, nurse, note="Written together on Tuesday")
    assert (row.attested_by, row.role, row.attested_at) == (nurse, "nurse", LATER)
    seen = facts_of(enrollment, as_of=LATER).attestations
    assert [(each.key, each.by_name) for each in seen] == [(PLAN, nurse.name)]


def test_what_the_next_gate_does_not_ask_cannot_be_confirmed(enrollment: Enrollment, nurse: Actor) -> None:
    with pytest.raises(Refused) as refused:
        attest(enrollment, nurse, key="recovery-plan-signed")
    assert refused.value.fields.keys() == {"key"}


def test_the_role_must_be_one_the_gate_names(site: Site, enrollment: Enrollment) -> None:
    both = clinic.actor(roles=[Role.NURSE, Role.PEER_SUPPORTER], sites=[site])
    with pytest.raises(Refused) as refused:
        attest(enrollment, both, role=Role.PEER_SUPPORTER)
    assert refused.value.fields.keys() == {"role"}


def test_nobody_confirms_in_a_role_they_do_not_hold(enrollment: Enrollment, nurse: Actor) -> None:
    with pytest.raises(Refused) as refused:
        attest(enrollment, nurse, role=Role.CLINICIAN)
    assert refused.value.fields.keys() == {"role"}
    assert not Attestation.objects.exists()


def test_a_program_confirms_nothing(site: Site, enrollment: Enrollment) -> None:
    client = clinic.api_client(scopes=["enrollments.write"], sites=[site]).actor
    with pytest.raises(Refused) as refused:
        attest(enrollment, client)
    assert refused.value.status == 403


def test_somebody_from_another_site_finds_nothing(enrollment: Enrollment) -> None:
    with pytest.raises(Refused) as refused:
        attest(enrollment, clinic.actor(roles=[Role.NURSE]))
    assert refused.value.status == 404


def test_nothing_is_confirmed_after_the_end(enrollment: Enrollment, site: Site, nurse: Actor) -> None:
    clinician = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    enrollments.discharge(
        by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason=DischargeReason.MOVED_AWAY
    )
    with pytest.raises(Refused) as refused:
        attest(enrollment, nurse)
    assert refused.value.code == "enrollment_closed"


def test_a_word_taken_back_counts_no_more(enrollment: Enrollment, nurse: Actor) -> None:
    row = attestations.withdraw(by=nurse, now=LATER, attestation_id=attest(enrollment, nurse).public_id)
    assert (row.withdrawn_by, row.withdrawn_at) == (nurse, LATER)
    assert not facts_of(enrollment, as_of=LATER).attestations
    with pytest.raises(Refused) as refused:
        attestations.withdraw(by=nurse, now=LATER, attestation_id=row.public_id)
    assert refused.value.code == "attestation_withdrawn"


def test_only_who_gave_it_or_may_cosign_takes_it_back(site: Site, enrollment: Enrollment, nurse: Actor) -> None:
    row = attest(enrollment, nurse)
    with pytest.raises(Refused) as refused:
        attestations.withdraw(
            by=clinic.actor(roles=[Role.NURSE], sites=[site]), now=LATER, attestation_id=row.public_id
        )
    assert refused.value.status == 403
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    assert attestations.withdraw(by=supervisor, now=LATER, attestation_id=row.public_id).withdrawn_by == supervisor
