"""The pages that lead into a program, and back into it."""

from datetime import timedelta
from urllib.parse import urlparse

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Site, StaffMember
from pathways.actions import enrollments
from pathways.models import Enrollment
from pathways.rules.moves import DischargeReason
from tests.factories import pathways, patients
from tests.factories.course import DAY, LATER, recorded
from tests.factories.patients import NOW
from tests.web.pages import at, words

pytestmark = pytest.mark.django_db


def test_enrolling_leads_to_the_chart(browser: Client, site: Site) -> None:
    person = patients.patient(site)
    pathways.program(now=NOW - DAY)
    assert browser.get(at("enroll", person)).status_code == 200
    answer = browser.post(at("enroll", person), {"program": pathways.KRATOM, "site": site.public_id})
    assert (answer.status_code, urlparse(answer["Location"]).path) == (303, reverse("chart", args=[person.public_id]))
    assert Enrollment.objects.get(patient=person).status == "active"


def test_enrolling_twice_is_refused_on_the_page(browser: Client, enrollment: Enrollment) -> None:
    answer = browser.post(
        at("enroll", enrollment.patient), {"program": pathways.KRATOM, "site": enrollment.site.public_id}
    )
    assert answer.status_code == 409
    assert Enrollment.objects.count() == 1


def test_an_emergency_shows_the_entry_gate(browser: Client, site: Site, clinician: StaffMember) -> None:
    person = patients.patient(site)
    pathways.program(now=NOW - DAY)
    high = {f"cssrs_{number}": "yes" for number in (1, 2, 3, 4, 5, 6, "6b")}
    recorded(person, "cssrs_screen", high, by=clinician.actor, at=NOW)
    answer = browser.post(at("enroll", person), {"program": pathways.KRATOM, "site": site.public_id})
    assert answer.status_code == 409
    assert "Not ready for Stabilization yet" in words(answer) and "is not enrolled" in words(answer)


def test_coming_back_takes_two_steps(browser: Client, enrollment: Enrollment, clinician: StaffMember) -> None:
    enrollments.discharge(
        by=clinician.actor, now=LATER - timedelta(hours=5), enrollment_id=enrollment.public_id,
        reason=DischargeReason.CHOSE_TO_LEAVE,
    )  # fmt: skip
    given = {"to_phase": "assessment-and-stabilization", "note": "Called us"}
    looked = browser.post(at("readmit", enrollment), given)
    assert looked.status_code == 200 and "check and confirm" in words(looked)
    assert Enrollment.objects.count() == 1
    answer = browser.post(at("readmit", enrollment), given | {"confirmed": "yes"})
    assert answer.status_code == 303
    back = Enrollment.objects.get(readmission_of=enrollment)
    assert back.transitions.get().note == "Called us"
