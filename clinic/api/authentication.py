"""Who asks: a program by its token, or the person whose browser it is (decisions.md 2).

A client-credentials token has no user, so `IsAuthenticated` of the libraries would answer 403. Here the token leads
to the application, its client and the actor, and `request.user` is a `Caller` in every case.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinic import clock
from clinic.errors import Refused
from clinic.models import Actor
from clinic.queries.bearers import bearer_of
from clinic.queries.second_factors import must_add_second_factor

REALM = "stepwell"


@dataclass(frozen=True, slots=True)
class Caller:
    """What the REST door knows of whoever asks; anonymous callers have none."""

    actor: Actor
    is_authenticated: bool = True

    @property
    def public_id(self) -> UUID:
        return self.actor.public_id

    @property
    def pk(self) -> int:
        return int(self.actor.pk)


class NotRecognised(AuthenticationFailed):
    """401 (403 for a session that lacks its CSRF token or its second factor) with the sentence of the refusal."""

    def __init__(self, code: str, status: int = 401) -> None:
        self.refused = Refused(code, status=status)
        super().__init__(code, code=code)


class ClientCredentialsAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`; without that header the next way is tried."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        token = _token_of(request)
        if token is None:
            return None
        bearer = bearer_of(token, clock.real_now())
        if bearer.actor is None:
            request._request.token_fault = True  # type: ignore[attr-defined]
            raise NotRecognised(f"token_{bearer.fault}")
        return _known(request, bearer.actor), None

    def authenticate_header(self, request: Request) -> str:
        challenge = f'Bearer realm="{REALM}"'
        return f'{challenge}, error="invalid_token"' if hasattr(request._request, "token_fault") else challenge


class StaffSessionAuthentication(BaseAuthentication):
    """The signed-in session of a member of staff, as the middleware found it; CSRF protection is enforced.

    Who still owes a second factor is refused, as on every page: the pages lead on to setting it up, a program cannot.
    """

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        actor: Actor | None = getattr(request._request, "actor", None)
        if actor is None or not actor.is_active:
            return None
        if _CsrfCheck(_unused).process_view(request._request, _unused, (), {}) is not None:
            raise NotRecognised("csrf", status=403)
        if must_add_second_factor(getattr(request._request, "staff", None)):
            raise NotRecognised("second_factor_owed", status=403)
        return _known(request, actor), None


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(status=403)


def _unused(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _known(request: Request, actor: Actor) -> Caller:
    # The audit and the record of reads look at the request beneath.
    request._request.actor = actor  # type: ignore[attr-defined]
    return Caller(actor)


def _token_of(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not token.strip():
        raise NotRecognised("token_unknown")
    return token.strip()
