"""A mail server brings letters over HTTP: signed and of now or turned away, and never taken in twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.clock import real_now
from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import Reply
from patients.actions import contacts
from patients.models import Patient, Suppression
from tests.factories import clinic, patients
from tests.factories.mail import SECRET, brought, letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.EMAIL_WEBHOOK_SECRET = SECRET


@pytest.fixture
def site() -> Site:
    row = clinic.site()
    patients.patient(row, by=clinic.actor(roles=[Role.SUPERVISOR], sites=[row]), contact_points=[patients.email()])
    return row


def test_a_signed_letter_is_taken_in(client: Client, site: Site) -> None:
    answer = brought(client, letter("STOP"))
    assert (answer.status_code, answer.content) == (204, b"")
    row = Reply.objects.get()
    assert (row.text, row.received_by.name, row.channel) == ("STOP", "mail", "email")
    assert Suppression.objects.filter(address="person@example.org", reason="stop_reply").exists()


def test_what_is_not_signed_or_signed_by_others_is_turned_away(client: Client, site: Site) -> None:
    assert brought(client, letter("STOP"), signed="").status_code == 403
    assert brought(client, letter("STOP"), secret="whsec_" + "A" * 40).status_code == 403
    assert not Reply.objects.exists()


def test_an_old_call_played_again_is_turned_away(client: Client, site: Site) -> None:
    assert brought(client, letter("STOP"), at=real_now() - timedelta(minutes=6)).status_code == 403
    assert not Reply.objects.exists()


def test_without_a_secret_nobody_is_believed(client: Client, site: Site, settings: Any) -> None:
    settings.EMAIL_WEBHOOK_SECRET = ""
    assert brought(client, letter("STOP")).status_code == 403


def test_the_same_call_again_is_answered_the_same_and_closes_nothing_that_was_opened_since(
    client: Client, site: Site
) -> None:
    person = Patient.objects.get()
    assert brought(client, letter("STOP")).status_code == 204
    by = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    for row in Suppression.objects.all():
        contacts.lift(patient=person, suppression=row, by=by, now=real_now())
    assert brought(client, letter("STOP")).status_code == 204
    assert Reply.objects.count() == 1
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()


def test_another_letter_under_the_id_of_a_call_is_refused(client: Client, site: Site) -> None:
    brought(client, letter("Yes"))
    assert brought(client, letter("STOP")).status_code == 422
    assert [each.text for each in Reply.objects.all()] == ["Yes"]


def test_what_is_no_letter_is_taken_and_forgotten(client: Client, site: Site) -> None:
    assert brought(client, b"\x00\xff").status_code == 204
    assert not Reply.objects.exists()


def test_a_letter_that_is_too_long_is_refused(client: Client, site: Site, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert brought(client, letter("x" * 2000)).status_code == 413


def test_only_a_post_is_taken(client: Client) -> None:
    assert client.get(reverse("email_in")).status_code == 405
