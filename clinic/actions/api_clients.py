"""Programs that use the API: their secret is shown once and kept as a hash; what they hold dies with a revocation."""

import secrets
from collections.abc import Collection
from datetime import datetime

from oauth2_provider.models import AccessToken, Application

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, stale
from clinic.models import Actor, ActorKind, ApiClient, Site
from clinic.rules.roles import SCOPES, Permission
from clinic.rules.sentences import Sentence, sentence

SECRET_BYTES = 36


@action(Permission.API_CLIENT_WRITE, "api_client.make")
def make(
    *, name: str, scopes: Collection[str], sites: Collection[Site], by: Actor, now: datetime
) -> tuple[ApiClient, str]:
    """A client and its secret in the clear, which nobody can read again. Refused 422 with a sentence per field."""
    if wrong := _problems(name, scopes, sites):
        raise bad_input(**wrong)
    actor = Actor.objects.create(kind=ActorKind.API_CLIENT, name=" ".join(name.split()), scopes=sorted(set(scopes)))
    actor.sites.set(sites)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    application = Application.objects.create(
        name=actor.name,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        hash_client_secret=True,
    )
    client = ApiClient.objects.create(actor=actor, application=application, made_at=now, made_by=by)
    _record(client, by, now, "api_client.make", scopes=list(actor.scopes), sites=_codes(sites))
    return client, secret


@action(Permission.API_CLIENT_WRITE, "api_client.change")
def change(
    *, client: ApiClient, name: str, scopes: Collection[str], sites: Collection[Site], by: Actor, now: datetime,
    expected_version: int | None = None,
) -> ApiClient:  # fmt: skip
    """Other scopes or sites; tokens given out before are void, so that nothing outlives the change."""
    row = _locked(client, expected_version)
    if wrong := _problems(name, scopes, sites):
        raise bad_input(**wrong)
    row.actor.name, row.actor.scopes = " ".join(name.split()), sorted(set(scopes))
    row.actor.save(update_fields=["name", "scopes"])
    row.actor.sites.set(sites)
    row.application.name = row.actor.name
    row.application.save(update_fields=["name"])
    _void_tokens(row)
    return _kept(row, by, now, "api_client.change", scopes=list(row.actor.scopes), sites=_codes(sites))


@action(Permission.API_CLIENT_WRITE, "api_client.rotate")
def rotate(
    *, client: ApiClient, by: Actor, now: datetime, expected_version: int | None = None
) -> tuple[ApiClient, str]:
    """A new secret; the old one and every token made with it are void at once."""
    row = _locked(client, expected_version)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row.application.client_secret = secret
    row.application.save()
    _void_tokens(row)
    row.rotated_at, row.rotated_by = now, by
    return _kept(row, by, now, "api_client.rotate"), secret


@action(Permission.API_CLIENT_WRITE, "api_client.revoke")
def revoke(*, client: ApiClient, by: Actor, now: datetime, expected_version: int | None = None) -> ApiClient:
    """The client is out, for good: no token, no secret, no actor."""
    row = _locked(client, expected_version)
    row.actor.is_active = False
    row.actor.save(update_fields=["is_active"])
    row.application.client_secret = secrets.token_urlsafe(SECRET_BYTES)
    row.application.save()
    _void_tokens(row)
    row.revoked_at, row.revoked_by = now, by
    return _kept(row, by, now, "api_client.revoke")


def _locked(client: ApiClient, expected_version: int | None) -> ApiClient:
    rows = ApiClient.objects.select_for_update(no_key=True, of=("self",)).select_related("actor", "application")
    row = rows.get(pk=client.pk)
    if expected_version is not None and row.version != expected_version:
        raise stale()
    if row.revoked_at is not None:
        raise Refused("api_client_revoked", sentence("api_clients.already_revoked", name=row.actor.name))
    return row


def _void_tokens(row: ApiClient) -> None:
    AccessToken.objects.filter(application=row.application).delete()


def _kept(row: ApiClient, by: Actor, now: datetime, name: str, **details: object) -> ApiClient:
    row.version += 1
    row.save()
    _record(row, by, now, name, **details)
    return row


def _record(row: ApiClient, by: Actor, now: datetime, name: str, **details: object) -> None:
    audit.record(action=name, by=by, now=now, subject=("api_client", row.public_id), details=details)


def _problems(name: str, scopes: Collection[str], sites: Collection[Site]) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not name.strip():
        wrong["name"] = sentence("refused.required")
    if not scopes or any(scope not in SCOPES for scope in scopes):
        wrong["scopes"] = sentence("api_clients.no_scope")
    if not sites or any(site.closed_at is not None for site in sites):
        wrong["sites"] = sentence("api_clients.no_site")
    return wrong


def _codes(sites: Collection[Site]) -> list[str]:
    return sorted(site.code for site in sites)
