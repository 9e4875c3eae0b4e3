"""Who may speak: tokens of our clients, sessions of our staff, and nobody else."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from oauth2_provider.models import AccessToken, Application

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.rules.roles import Role
from tests.api.callers import Caller, place, program
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db


def _refused(answer: object, code: str) -> None:
    assert answer.status_code == 401, answer.content
    assert answer.json()["code"] == code
    assert answer["WWW-Authenticate"].startswith('Bearer realm="stepwell"')
    assert answer["Content-Type"] == "application/problem+json"


def test_a_program_is_told_who_it_is() -> None:
    river = make.site("River")
    client = make.api_client(scopes=["patients.read", "assessments.write"], sites=[river], name="The laboratory")
    answer = program(client).get("/api/v1/me/")
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert (said["name"], said["kind"]) == ("The laboratory", "api_client")
    assert said["permissions"] == ["assessment.amend", "assessment.record", "patient.read"]
    assert [site["name"] for site in said["sites"]] == ["River"]


def test_a_token_of_fewer_scopes_may_do_less_than_its_client() -> None:
    client = make.api_client(scopes=["patients.read", "patients.write"])
    said = program(client, scopes=["patients.read"]).get("/api/v1/me/").json()
    assert said["scopes"] == ["patients.read"]
    assert said["permissions"] == ["patient.read"]


def test_a_scope_taken_from_the_client_is_gone_from_its_tokens_at_once() -> None:
    client = make.api_client(scopes=["patients.read", "patients.write"])
    caller = program(client)
    with allow_direct_writes():
        client.actor.scopes = ["patients.write"]
        client.actor.save()
    assert caller.get("/api/v1/me/").json()["scopes"] == ["patients.write"]


def test_a_scope_the_client_was_not_given_cannot_be_asked_for() -> None:
    client = make.api_client(scopes=["patients.read"])
    body = {"grant_type": "client_credentials", "scope": "patients.write"}
    body |= {"client_id": client.application.client_id, "client_secret": client.secret}
    answer = Client().post("/o/token/", body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


def test_a_wrong_secret_gives_no_token() -> None:
    client = make.api_client(scopes=["patients.read"])
    body = {"grant_type": "client_credentials", "client_id": client.application.client_id, "client_secret": "guessed"}
    assert Client().post("/o/token/", body).status_code == 401


def test_only_token_and_revoke_are_mounted() -> None:
    for path in ("authorize/", "introspect/", "applications/", "userinfo/", ".well-known/openid-configuration"):
        assert Client().get(f"/o/{path}").status_code == 404


def test_an_unknown_token_is_refused_in_one_sentence() -> None:
    _refused(Caller(Client(), Authorization="Bearer nobody-gave-this").get("/api/v1/me/"), "token_unknown")
    _refused(Caller(Client(), Authorization="Basic YTpi").get("/api/v1/me/"), "token_unknown")
    _refused(Caller(Client(), Authorization="Bearer ").get("/api/v1/me/"), "token_unknown")


def test_nobody_is_asked_to_send_a_token() -> None:
    _refused(Client().get("/api/v1/me/"), "anonymous")


def test_an_expired_token_says_so() -> None:
    caller = program()
    AccessToken.objects.update(expires=clock.real_now() - timedelta(seconds=1))
    answer = caller.get("/api/v1/me/")
    _refused(answer, "token_expired")
    assert answer.json()["detail"] == "This access token has expired; ask for a new one."


def test_a_token_lives_fifteen_minutes_and_is_kept_only_as_a_checksum() -> None:
    caller = program()
    row = AccessToken.objects.get()
    assert timedelta(minutes=14) < row.expires - clock.real_now() <= timedelta(minutes=15)
    assert row.token == ""
    assert caller.headers["Authorization"].removeprefix("Bearer ") not in str(vars(row))


def test_a_token_given_back_is_unknown_afterwards() -> None:
    client = make.api_client(scopes=["patients.read"])
    caller = program(client)
    body = {"token": caller.headers["Authorization"].removeprefix("Bearer ")}
    body |= {"client_id": client.application.client_id, "client_secret": client.secret}
    assert caller.client.post("/o/revoke_token/", body).status_code == 200
    _refused(caller.get("/api/v1/me/"), "token_unknown")


def test_a_revoked_client_is_refused_with_a_token_that_still_lives() -> None:
    client = make.api_client(scopes=["patients.read"])
    caller = program(client)
    with allow_direct_writes():
        client.revoked_at, client.revoked_by = clock.real_now(), client.made_by
        client.save()
    _refused(caller.get("/api/v1/me/"), "token_revoked")


def test_an_application_that_is_no_client_of_ours_is_refused() -> None:
    foreign = Application.objects.create(client_type="confidential", authorization_grant_type="client-credentials")
    AccessToken.objects.create(
        application=foreign, token="foreign", scope="patients.read", expires=clock.real_now() + timedelta(minutes=5)
    )
    _refused(Caller(Client(), Authorization="Bearer foreign").get("/api/v1/me/"), "token_unknown")


def test_a_token_of_a_person_is_refused() -> None:
    client = make.api_client(scopes=["patients.read"])
    AccessToken.objects.create(
        application=client.application,
        user=make.staff().user,
        token="personal",
        scope="patients.read",
        expires=clock.real_now() + timedelta(minutes=5),
    )
    _refused(Caller(Client(), Authorization="Bearer personal").get("/api/v1/me/"), "token_unknown")


def test_the_session_of_the_staff_counts_too() -> None:
    member = make.staff(roles=[Role.NURSE], name="Nora Quill")
    assert make.sign_in(Client(), member).get("/api/v1/me/").json()["name"] == "Nora Quill"


def test_a_session_that_owes_its_second_factor_is_refused(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    make.practice(on=False)
    admin = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR, Role.CLINICIAN])
    client = make.sign_in(Client(), admin)
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_owed")
    assert "second factor" in answer.json()["detail"]
    Authenticator.objects.create(user=admin.user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/api/v1/me/").status_code == 200


def test_a_session_without_its_csrf_token_changes_nothing() -> None:
    client = Client(enforce_csrf_checks=True)
    make.sign_in(client, make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]))
    answer = Caller(client).post("/api/v1/sites/", place())
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_a_program_needs_no_csrf_token_but_the_permission() -> None:
    client = Client(enforce_csrf_checks=True)
    token = make.token(Client(), make.api_client(scopes=["patients.read"]))
    answer = Caller(client, Authorization=f"Bearer {token}").post("/api/v1/sites/", place())
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_recognising_a_program_takes_one_query(django_assert_num_queries: object) -> None:
    caller = program()
    with django_assert_num_queries(2):  # the token with its actor; the sites
        caller.get("/api/v1/me/")
