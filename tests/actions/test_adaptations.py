"""A rule adapted for one person: only for them, with its reason, until its day; safety is never loosened."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import attestations, enrollments, follow_ups
from pathways.actions.adaptations import adapt_rule, end_adaptation
from pathways.models import Attestation, Enrollment, FollowUp, RuleAdaptation
from pathways.queries.chart import gate_ahead
from pathways.rules.gates import Requirement
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways
from tests.factories.course import DAY, LATER, ready_for_therapy

pytestmark = pytest.mark.django_db
UNTIL = LATER.date() + timedelta(days=30)
WEEKLY = "stabilization-weekly-contact"


def adapted(row: Enrollment, by: Actor, target: str, key: str, ends_on: date = UNTIL, **change: Any) -> RuleAdaptation:
    return adapt_rule(
        by=by, now=LATER, enrollment_id=row.public_id, target=target, target_key=key, change=change,
        reason="Works nights until the end of the month", ends_on=ends_on,
    )  # fmt: skip


def due(row: Enrollment, rule_key: str) -> list[date]:
    rows = FollowUp.objects.open().filter(enrollment=row, rule_key=rule_key, due_at__gt=LATER).order_by("due_at")
    return list(rows.values_list("due_on", flat=True))


def test_a_requirement_made_advisory_holds_this_person_back_no_more(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician)
    for word in Attestation.objects.filter(enrollment=enrollment):
        attestations.withdraw(by=clinician, now=LATER, attestation_id=word.public_id)
    adapted(enrollment, clinician, "criterion", "plan-agreed", requirement="advisory")
    moved = enrollments.advance(by=clinician, now=LATER, enrollment_id=enrollment.public_id)
    assert moved.kind == "advance"


def test_it_is_adapted_for_this_person_alone(enrollment: Enrollment, clinician: Actor, site: Site) -> None:
    other = pathways.enrolled(site=site, by=clinician)
    adapted(enrollment, clinician, "criterion", "plan-agreed", requirement="advisory")
    found = gate_ahead(other, at=LATER)
    assert found is not None
    assert found[0].criterion("plan-agreed").requirement is Requirement.REQUIRED


def test_it_holds_through_its_last_day_and_no_longer(enrollment: Enrollment, clinician: Actor) -> None:
    adapted(enrollment, clinician, "criterion", "plan-agreed", requirement="advisory")
    last = gate_ahead(enrollment, at=LATER + 30 * DAY)
    after = gate_ahead(enrollment, at=LATER + 31 * DAY)
    assert last is not None and last[0].criterion("plan-agreed").requirement is Requirement.ADVISORY
    assert after is not None and after[0].criterion("plan-agreed").requirement is Requirement.REQUIRED


def test_a_safety_requirement_is_never_loosened(enrollment: Enrollment, clinician: Actor) -> None:
    with pytest.raises(Refused) as refused:
        adapted(enrollment, clinician, "criterion", "no-urgent-flag-in-stabilization", requirement="advisory")
    assert (refused.value.status, set(refused.value.fields)) == (422, {"change"})


def test_a_number_nobody_can_reach_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    with pytest.raises(Refused) as refused:
        adapted(enrollment, clinician, "criterion", "withdrawal-settled", value=99)
    assert set(refused.value.fields) == {"change"}


def test_contacts_still_to_come_follow_the_adapted_rule(enrollment: Enrollment, clinician: Actor) -> None:
    before = due(enrollment, WEEKLY)
    adapted(enrollment, clinician, "follow_up", WEEKLY, every={"days": 14, "first_day": 12})
    assert due(enrollment, WEEKLY)[:3] == [before[0] + n * timedelta(days=14) for n in range(3)]


def test_ended_it_reads_as_the_program_writes_it(enrollment: Enrollment, clinician: Actor) -> None:
    before = due(enrollment, WEEKLY)
    row = adapted(enrollment, clinician, "follow_up", WEEKLY, skip=True)
    assert not due(enrollment, WEEKLY)
    end_adaptation(by=clinician, now=LATER, adaptation_id=row.public_id, reason="Back on days")
    again = due(enrollment, WEEKLY)
    assert again == before


def test_the_nightly_run_plans_by_the_adapted_rule_until_it_ends(enrollment: Enrollment, clinician: Actor) -> None:
    adapted(enrollment, clinician, "follow_up", WEEKLY, skip=True)
    follow_ups.plan_ahead(by=clinic.job(), now=LATER + DAY, enrollment_id=enrollment.pk)
    assert not due(enrollment, WEEKLY)
    follow_ups.plan_ahead(by=clinic.job(), now=LATER + 40 * DAY, enrollment_id=enrollment.pk)
    again = [each for each in due(enrollment, WEEKLY) if each > LATER.date() + timedelta(days=40)]
    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(again)) and len(again) > 10


@pytest.mark.parametrize("days", [-1, 181])
def test_its_last_day_is_from_today_within_half_a_year(enrollment: Enrollment, clinician: Actor, days: int) -> None:
    with pytest.raises(Refused) as refused:
        adapted(enrollment, clinician, "follow_up", WEEKLY, LATER.date() + timedelta(days=days), skip=True)
    assert set(refused.value.fields) == {"ends_on"}


def test_one_rule_is_adapted_once_at_a_time(enrollment: Enrollment, clinician: Actor) -> None:
    adapted(enrollment, clinician, "follow_up", WEEKLY, skip=True)
    with pytest.raises(Refused) as refused:
        adapted(enrollment, clinician, "follow_up", WEEKLY, skip=True)
    assert refused.value.code == "rule_adaptation_one_in_force"


def test_a_nurse_does_not_adapt_rules(enrollment: Enrollment, site: Site) -> None:
    with pytest.raises(Refused) as refused:
        adapted(enrollment, clinic.actor(roles=[Role.NURSE], sites=[site]), "follow_up", WEEKLY, skip=True)
    assert refused.value.status == 403


def test_who_adapted_what_is_audited(enrollment: Enrollment, clinician: Actor) -> None:
    row = adapted(enrollment, clinician, "follow_up", WEEKLY, skip=True)
    entry = AuditEntry.objects.get(action="adaptation.make")
    assert (entry.actor, entry.subject_id, entry.details["key"]) == (clinician, row.public_id, WEEKLY)


def test_a_rule_is_adapted_again_once_its_last_day_has_passed(enrollment: Enrollment, clinician: Actor) -> None:
    first = adapted(enrollment, clinician, "follow_up", WEEKLY, LATER.date(), skip=True)
    adapt_rule(
        by=clinician, now=LATER + 2 * DAY, enrollment_id=enrollment.public_id, target="follow_up", target_key=WEEKLY,
        change={"skip": True}, reason="Nights again", ends_on=UNTIL,
    )  # fmt: skip
    first.refresh_from_db()
    assert first.ended_by == clinician and RuleAdaptation.objects.filter(ended_at__isnull=True).count() == 1


def test_ended_after_a_discharge_it_brings_no_contact_back(enrollment: Enrollment, clinician: Actor) -> None:
    row = adapted(enrollment, clinician, "follow_up", "liver-and-ecg-again", skip=True)
    enrollments.discharge(
        by=clinician, now=LATER + DAY, enrollment_id=enrollment.public_id, reason=DischargeReason.CHOSE_TO_LEAVE
    )
    before = set(FollowUp.objects.open().filter(enrollment=enrollment).values_list("pk", flat=True))
    end_adaptation(by=clinician, now=LATER + 2 * DAY, adaptation_id=row.public_id, reason="Left")
    assert set(FollowUp.objects.open().filter(enrollment=enrollment).values_list("pk", flat=True)) == before


def test_what_takes_two_people_to_set_aside_is_not_let_go_by_one(enrollment: Enrollment, clinician: Actor) -> None:
    with pytest.raises(Refused) as refused:
        adapted(enrollment, clinician, "criterion", "withdrawal-settled", requirement="advisory")
    assert (refused.value.status, set(refused.value.fields)) == (422, {"change"})
