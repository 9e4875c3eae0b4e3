"""Adapting a rule on its page and over REST: what is different is told, what is refused keeps what was typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import Enrollment, RuleAdaptation
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db
WEEKLY = "stabilization-weekly-contact"


@pytest.fixture
def browser(client: Client, site: Site) -> Client:
    return clinic.sign_in(client, clinic.staff(roles=[Role.CLINICIAN], sites=[site]))


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=3))


def adapt(row: Enrollment, target: str, key: str) -> str:
    return f"/enrollments/{row.public_id}/adapt/{target}/{key}/"


def until(days: int = 20) -> dict[str, Any]:
    day = clock.now().date() + timedelta(days=days)
    return {"ends_on_day": day.day, "ends_on_month": day.month, "ends_on_year": day.year, "reason": "Works nights"}


def test_a_contact_comes_less_often_for_one_person(browser: Client, enrollment: Enrollment) -> None:
    here = adapt(enrollment, "follow_up", WEEKLY)
    assert browser.post(here, until() | {"way": "differently", "every_days": "14"}).status_code == 303
    assert RuleAdaptation.objects.get().change == {"every": {"days": 14, "first_day": 12}}
    page = browser.get(f"/enrollments/{enrollment.public_id}/adaptations/").content.decode()
    assert "Works nights" in page


def test_a_number_of_a_requirement_is_changed(browser: Client, enrollment: Enrollment) -> None:
    here = adapt(enrollment, "criterion", "withdrawal-settled")
    assert browser.post(here, until() | {"way": "differently", "param-within_days": "10"}).status_code == 303
    assert RuleAdaptation.objects.get().change == {"within_days": 10}


def test_letting_a_safety_requirement_go_is_refused_and_what_was_typed_stays(
    browser: Client, enrollment: Enrollment
) -> None:
    answer = browser.post(
        adapt(enrollment, "criterion", "no-urgent-flag-in-stabilization"), until() | {"way": "let_go"}
    )
    assert answer.status_code == 422 and "Works nights" in answer.content.decode()
    assert not RuleAdaptation.objects.exists()


def test_nothing_different_is_told(browser: Client, enrollment: Enrollment) -> None:
    answer = browser.post(adapt(enrollment, "follow_up", WEEKLY), until() | {"way": "differently"})
    assert answer.status_code == 422 and "Nothing is different yet" in answer.content.decode()


def test_an_adaptation_is_ended_with_its_reason(browser: Client, enrollment: Enrollment) -> None:
    browser.post(adapt(enrollment, "follow_up", WEEKLY), until() | {"way": "let_go"})
    row = RuleAdaptation.objects.get()
    browser.post(f"/adaptations/{row.public_id}/end", {"reason": "Back on days"})
    row.refresh_from_db()
    assert (row.ended_at is not None, row.end_reason) == (True, "Back on days")


@pytest.mark.parametrize(("role", "reads"), [(Role.FRONT_DESK, False), (Role.NURSE, True)])
def test_why_a_rule_is_different_is_read_by_those_who_read_assessments(
    browser: Client, enrollment: Enrollment, site: Site, role: Role, reads: bool
) -> None:
    here = adapt(enrollment, "follow_up", WEEKLY)
    browser.post(here, until() | {"way": "let_go", "reason": "CANARY drank again"})
    browser.post(f"/adaptations/{RuleAdaptation.objects.get().public_id}/end", {"reason": "CANARY sober now"})
    browser.post(here, until() | {"way": "let_go", "reason": "CANARY in jail"})
    other = clinic.sign_in(Client(), clinic.staff(roles=[role], sites=[site]))
    for root in ("", "/api/v1"):
        answer = other.get(f"{root}/enrollments/{enrollment.public_id}/adaptations/")
        assert answer.status_code == 200
        assert answer.content.decode().count("CANARY") == (3 if reads else 0)


def test_a_rule_that_is_not_there_is_not_found(browser: Client, enrollment: Enrollment) -> None:
    assert browser.get(adapt(enrollment, "criterion", "no-such-rule")).status_code == 404


def test_over_rest_a_person_adapts_and_reads_what_is_different(browser: Client, enrollment: Enrollment) -> None:
    here = f"/api/v1/enrollments/{enrollment.public_id}/adaptations/"
    day = clock.now().date() + timedelta(days=20)
    body = {"target": "follow_up", "key": WEEKLY, "change": {"skip": True}, "reason": "Nights", "ends_on": str(day)}
    made = browser.post(here, body, content_type="application/json", headers={"Idempotency-Key": "a"})
    assert made.status_code == 201 and "Weekly contact in stabilization" in made.json()["detail"]
    assert len(browser.get(here).json()["results"]) == 1


def test_over_rest_a_change_that_is_none_names_its_place(browser: Client, enrollment: Enrollment) -> None:
    here = f"/api/v1/enrollments/{enrollment.public_id}/adaptations/"
    day = clock.now().date() + timedelta(days=20)
    body = {"target": "follow_up", "key": WEEKLY, "change": {"at": 7}, "reason": "Nights", "ends_on": str(day)}
    refused = browser.post(here, body, content_type="application/json", headers={"Idempotency-Key": "b"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/change/at"
