"""Roots of test data: sites, staff, API clients, jobs; and a signed-in browser."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, ActorKind, ApiClient, Installation, Site, StaffMember, User
from clinic.rules.roles import Role

PASSWORD = "a quiet river in june"
LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)
BACKEND = "clinic.web.backends.StaffBackend"
_number = count(1)


def site(name: str = "", **fields: Any) -> Site:
    """An open site; a number makes names and codes unique."""
    n = next(_number)
    given = {
        "code": f"site-{n}",
        "name": name or f"Riverbend {n}",
        "discreet_name": "the office",
        "time_zone": "America/New_York",
        "phone": "+12025550100",
    }
    with allow_direct_writes():
        return Site.objects.create(**(given | fields))


def job(name: str = "") -> Actor:
    """A named system job."""
    with allow_direct_writes():
        return Actor.objects.create(kind=ActorKind.JOB, name=name or f"job {next(_number)}")


def actor(*, roles: Iterable[Role | str] = (Role.CLINICIAN,), sites: Iterable[Site] = ()) -> Actor:
    """A person's actor, as `by` of actions."""
    return staff(roles=roles, sites=sites).actor


def staff(
    *,
    roles: Iterable[Role | str] = (Role.CLINICIAN,),
    sites: Iterable[Site] | None = None,
    name: str = "",
    email: str = "",
    **fields: Any,
) -> StaffMember:
    """A member of staff who can sign in with `PASSWORD`. Without `sites` they work at one new site."""
    n = next(_number)
    full_name = name or f"Ada Samplewright {n}"
    with allow_direct_writes():
        user = User.objects.create(email=email or f"person{n}@example.org", password=make_password(PASSWORD))
        acting = Actor.objects.create(kind=ActorKind.STAFF, name=full_name, roles=[Role(r).value for r in roles])
        member = StaffMember.objects.create(
            user=user, actor=acting, full_name=full_name, invited_at=LONG_AGO, invited_by=acting, **fields
        )
        acting.sites.set([site()] if sites is None else list(sites))
    return member


def api_client(*, scopes: Iterable[str], sites: Iterable[Site] | None = None, name: str = "") -> ApiClient:
    """An API client; its secret in the clear stands on `.secret` of the returned row."""
    from oauth2_provider.models import Application

    n = next(_number)
    with allow_direct_writes():
        acting = Actor.objects.create(kind=ActorKind.API_CLIENT, name=name or f"Laboratory {n}", scopes=list(scopes))
        acting.sites.set([site()] if sites is None else list(sites))
        secret = f"secret-of-client-{n}"
        application = Application.objects.create(
            name=acting.name,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
            client_secret=secret,
            hash_client_secret=True,
        )
        client = ApiClient.objects.create(actor=acting, application=application, made_at=LONG_AGO, made_by=job())
    client.secret = secret  # type: ignore[attr-defined]
    return client


def practice(*, on: bool = True) -> Installation:
    """The installation's row, marked as holding practice data or not."""
    with allow_direct_writes():
        row, _ = Installation.objects.update_or_create(only=True, defaults={"practice": on})
    return row


def sign_in(client: Client, member: StaffMember) -> Client:
    """Sign a browser in as this person, without the sign-in page. Returns the same client."""
    client.force_login(member.user, backend=BACKEND)
    return client


def token(client: Client, of: ApiClient, scopes: Iterable[str] | None = None) -> str:
    """An access token from the token endpoint itself."""
    body = {"grant_type": "client_credentials"}
    if scopes is not None:
        body["scope"] = " ".join(scopes)
    credentials = {"client_id": of.application.client_id, "client_secret": of.secret}  # type: ignore[attr-defined]
    answer = client.post("/o/token/", body | credentials)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])
