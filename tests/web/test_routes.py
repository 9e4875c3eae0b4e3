"""Nobody anonymous gets past the policy, and a person gets what their role includes."""

import pytest
from django.test import Client

from clinic.rules.roles import Role
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db


def test_an_anonymous_page_call_goes_to_the_sign_in_page(client: Client) -> None:
    answer = client.get("/accounts/2fa/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/accounts/2fa/"


def test_a_probe_answers_without_a_sign_in(client: Client) -> None:
    assert client.get("/livez").content == b"ok\n"
    assert client.get("/readyz").status_code == 200, client.get("/readyz").content


def test_signed_in_staff_reach_their_own_pages(client: Client) -> None:
    make.sign_in(client, make.staff(roles=[Role.NURSE]))
    answer = client.get("/accounts/2fa/")
    assert answer.status_code == 200, answer
