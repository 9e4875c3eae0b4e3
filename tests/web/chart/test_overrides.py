"""What is set aside on the page of a move: asked for with its words, signed by a second person, or at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from pathways.models import Enrollment, OverrideRequest, Transition
from tests.factories import clinic as make
from tests.factories.course import LATER, ready_for_therapy, to_therapy
from tests.web.pages import at, reader, words

pytestmark = pytest.mark.django_db


def asked(browser: Client, row: Enrollment, **given: str) -> Any:
    told = {"version": "1", "set_aside": "withdrawal-settled", "override_reason": "clinical_judgement",
            "override_note": "Settled, seen today"} | given  # fmt: skip
    return browser.post(at("move", row, way="advance"), told)


def test_what_needs_a_second_signature_becomes_a_request_and_says_who_may_sign(
    browser: Client, site: Site, enrollment: Enrollment, clinician: StaffMember
) -> None:
    make.staff(roles=[Role.SUPERVISOR], sites=[site], name="Morgan Plaice")
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    page = browser.post(at("move", enrollment, way="advance"), {"version": 1})
    assert "Your request goes to Morgan Plaice" in words(page)
    answer = asked(browser, enrollment)
    assert answer.status_code == 303
    request = OverrideRequest.objects.get()
    assert request.reason == "Settled, seen today"
    said = words(browser.get(answer["Location"]))
    assert "Morgan Plaice can give it" in said and "waits for the signature of" in said


def test_an_override_needs_its_words(browser: Client, enrollment: Enrollment, clinician: StaffMember) -> None:
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    answer = asked(browser, enrollment, override_note="")
    assert answer.status_code == 422
    assert not OverrideRequest.objects.exists()


def test_the_second_person_signs_and_the_move_goes_through(
    browser: Client, site: Site, enrollment: Enrollment, clinician: StaffMember
) -> None:
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    asked(browser, enrollment)
    request = OverrideRequest.objects.get()
    own = words(browser.get(at("cosign", request)))
    assert "A second person has to sign this" in own
    second = reader(Client(), site, Role.SUPERVISOR)
    assert "Settled, seen today" in words(second.get(at("cosign", request)))
    assert second.post(at("cosign", request), {"decision": "sign"}).status_code == 303
    assert browser.post(at("move", enrollment, way="advance"), {"version": 1}).status_code == 303
    assert Transition.objects.get(kind="advance").override == {"criteria": ["withdrawal-settled"]}


def test_what_one_may_set_aside_alone_moves_at_once(
    browser: Client, enrollment: Enrollment, clinician: StaffMember
) -> None:
    to_therapy(enrollment, clinician.actor, now=LATER - timedelta(hours=3))
    answer = browser.post(at("move", enrollment, way="advance"), {"version": 2})
    assert "You may set aside, with a reason" in words(answer)
    assert "Set aside and move" in words(answer)


def test_a_declined_request_is_gone_from_the_chart(
    browser: Client, site: Site, enrollment: Enrollment, clinician: StaffMember
) -> None:
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    asked(browser, enrollment)
    second = reader(Client(), site, Role.SUPERVISOR)
    second.post(at("cosign", OverrideRequest.objects.get()), {"decision": "decline"})
    assert "asked to set aside" not in words(browser.get(at("chart", enrollment.patient)))


def test_a_nurse_is_offered_no_override(client: Client, site: Site, enrollment: Enrollment) -> None:
    nurse = reader(client, site, Role.NURSE)
    answer = nurse.post(at("move", enrollment, way="advance"), {"version": 1})
    assert answer.status_code == 409
    assert "If it is right to move anyway" not in words(answer)
