"""What happens at a door before any page runs."""

import pytest
from django.test import Client

from clinic.models import AuditEntry
from clinic.rules.roles import Role
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db


def test_an_anonymous_page_call_goes_to_the_sign_in_page_and_back_afterwards(client: Client) -> None:
    answer = client.get("/accounts/2fa/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Faccounts%2F2fa%2F"


def test_a_partial_update_of_somebody_signed_off_reloads_the_page(client: Client) -> None:
    answer = client.get("/account/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/accounts/login/"


def test_a_role_without_the_permission_gets_one_sentence_and_403(client: Client) -> None:
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK]))
    answer = client.get("/staff/")
    assert answer.status_code == 403
    assert "Your role does not include this." in answer.content.decode()


def test_a_refused_partial_update_names_its_place_on_the_page(client: Client) -> None:
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK]))
    answer = client.get("/staff/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer["HX-Retarget"] == "#notices"


def test_the_sentence_is_in_the_language_of_the_person(client: Client) -> None:
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], language="es"))
    assert "Su función no incluye esto." in client.get("/staff/").content.decode()


def test_an_unknown_address_is_one_page_with_404(client: Client) -> None:
    assert client.get("/nothing/here/").status_code == 404


def test_the_shell_costs_six_queries(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    """Session, person with account and actor, sites, installation, heartbeat, nightly check; the page itself asks for
    the second factor."""
    person = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[make.site() for _ in range(3)])
    make.sign_in(client, person)
    client.get("/account/")
    with django_assert_num_queries(6 + 1):
        assert client.get("/account/").status_code == 200


def test_the_staff_page_costs_the_same_for_one_person_and_for_thirty(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    make.sign_in(client, make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]))
    client.get("/staff/")
    with django_assert_num_queries(6 + 3):
        client.get("/staff/")
    site = make.site()
    for _ in range(30):
        make.staff(sites=[site])
    with django_assert_num_queries(6 + 3):
        client.get("/staff/")


def test_probes_answer_without_a_sign_in(client: Client) -> None:
    assert client.get("/livez").content == b"ok\n"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["migrations"] == 0


def test_metrics_are_for_the_machine_itself_or_the_bearer_of_the_token(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    settings.METRICS_TOKEN = "m" * 40
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    bearer = {"Authorization": "Bearer " + "m" * 40}
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers=bearer).status_code == 200


def test_looking_at_a_record_leaves_one_entry_with_the_records_seen(client: Client) -> None:
    officer = make.staff(roles=[Role.PRIVACY_OFFICER])
    make.sign_in(client, officer)
    wanted = "5f0c9d3a-6c1b-4b8e-9a43-0f2f5d6a7b80"
    assert client.get("/audit/", {"patient": wanted}).status_code == 200
    entry = AuditEntry.objects.get(action="read.audit")
    assert entry.actor == officer.actor
    assert [str(each) for each in entry.patient_ids] == [wanted]
    assert entry.request_id
