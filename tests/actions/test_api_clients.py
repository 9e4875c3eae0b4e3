"""Programs: their secret, their scopes, and how everything they hold dies with a revocation."""

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken

from clinic.actions import api_clients as acts
from clinic.clock import real_now
from clinic.errors import Refused
from clinic.models import ApiClient, AuditEntry
from clinic.rules.roles import Role
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db


def _admin():  # type: ignore[no-untyped-def]
    return make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]).actor


def _make(**changes):  # type: ignore[no-untyped-def]
    given = {"name": "Laboratory", "scopes": ["patients.read"], "sites": [make.site()]}
    return acts.make(**(given | changes), by=_admin(), now=real_now())


def _token(client: ApiClient, secret: str) -> int:
    body = {"grant_type": "client_credentials", "client_id": client.application.client_id, "client_secret": secret}
    return Client().post("/o/token/", body).status_code


def test_the_secret_opens_the_token_endpoint_and_stands_nowhere() -> None:
    client, secret = _make()
    assert _token(client, secret) == 200
    client.application.refresh_from_db()
    assert secret not in client.application.client_secret
    assert secret not in str([*AuditEntry.objects.values_list("details", flat=True)])


def test_a_new_secret_ends_the_old_one_and_its_tokens() -> None:
    client, old = _make()
    _token(client, old)
    _, new = acts.rotate(client=client, by=_admin(), now=real_now())
    assert not AccessToken.objects.filter(application=client.application).exists()
    assert (_token(client, old), _token(client, new)) == (401, 200)


def test_revoking_ends_everything_for_good() -> None:
    client, secret = _make()
    _token(client, secret)
    row = acts.revoke(client=client, by=_admin(), now=real_now())
    assert not row.actor.is_active
    assert not AccessToken.objects.filter(application=client.application).exists()
    assert _token(client, secret) == 401
    with pytest.raises(Refused, match="api_client_revoked"):
        acts.rotate(client=client, by=_admin(), now=real_now())


def test_fewer_scopes_hold_at_once() -> None:
    client, secret = _make(scopes=["patients.read", "patients.write"])
    _token(client, secret)
    row = acts.change(
        client=client, name="Lab", scopes=["patients.read"], sites=[make.site()], by=_admin(), now=real_now()
    )
    assert row.actor.scopes == ["patients.read"]
    assert not AccessToken.objects.filter(application=client.application).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"sites": []}, "sites"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        _make(**changes)
    assert list(refused.value.fields) == [field]
