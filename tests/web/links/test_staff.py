"""What staff see of the links of people: given, used, locked, and what was wished for."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.models import Attendance, PatientLink, Reply
from pathways.queries.links import address
from pathways.queries.offers import offers_for
from pathways.rules.links import MOST_WRONG_TRIES
from pathways.rules.replies import ReplyEffect
from patients.models import Patient
from tests.factories import clinic as make
from tests.factories import links as given
from tests.factories.links import born, path_of, press, shown
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db


def test_staff_are_told_of_a_link_that_closed_itself(
    client: Client, every: list[PatientLink], person: Patient, site: Site
) -> None:
    link = every[1]
    for _ in range(MOST_WRONG_TRIES):
        Client().post(path_of(link), born(person, born_year="1900"))
    nurse = make.sign_in(client, make.staff(roles=[Role.NURSE], sites=[site]))
    said = "Their own page was closed: wrong birth date too often"
    assert said in nurse.get(reverse("today"), {"scope": "site"}).content.decode()
    reply = Reply.objects.get(patient=person)
    assert (reply.effect, reply.needs_person, reply.text) == (ReplyEffect.LINK_LOCKED, True, "")
    for at in (reverse("replies"), reverse("reply", args=[reply.public_id])):
        assert "(wrong birth date too often on their own page)" in nurse.get(at).content.decode()
    assert "5 wrong birth dates" in nurse.get(reverse("patient_links", args=[person.public_id])).content.decode()


def test_a_link_is_given_shown_once_and_revoked(client: Client, person: Patient, place: Attendance, site: Site) -> None:
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    here = reverse("patient_links", args=[person.public_id])
    assert "No link has been given." in shown(client.get(here))
    page = shown(client.post(here, {"purpose": "appointment", "attendance": str(place.public_id)}))
    link = PatientLink.objects.get()
    assert address(link) in page
    later = shown(client.get(here))
    assert link.handle not in later and "an appointment" in later
    assert client.post(reverse("patient_link_revoke", args=[link.public_id])).status_code == 303
    assert "revoked" in shown(client.get(here))
    assert Client().get(path_of(link)).status_code == 410
    for wrong in ({"purpose": "party"}, {"purpose": "questionnaire", "instrument": ""}, {"purpose": "appointment"}):
        assert client.post(here, wrong).status_code == 422


def test_whether_a_link_was_used_is_seen(client: Client, place: Attendance, by: Actor, site: Site) -> None:
    press(given.to_appointment(place, by=by), "confirm")
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert "used" in shown(client.get(reverse("patient_links", args=[place.patient.public_id])))


def test_links_of_a_stranger_are_not_found(client: Client, every: list[PatientLink]) -> None:
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK]))
    assert client.get(reverse("patient_links", args=[every[0].patient.public_id])).status_code == 404
    assert client.post(reverse("patient_link_revoke", args=[every[0].public_id])).status_code == 404


def test_the_day_list_shows_who_wishes_for_another_time(
    client: Client, place: Attendance, by: Actor, site: Site
) -> None:
    link = given.to_appointment(place, by=by)
    press(link, "ask", at=offers_for(place, NOW)[0].starts_at.isoformat())
    make.sign_in(client, make.staff(roles=[Role.CLINICIAN], sites=[site]))
    day = shown(client.get(reverse("sessions"), {"day": "2026-06-18"}))
    assert "Asks for Wednesday 17 June 09:30 instead." in day
    reply = Reply.objects.get()
    assert reverse("reply", args=[reply.public_id]) in day
    assert "their own page" in shown(client.get(reverse("reply", args=[reply.public_id])))
