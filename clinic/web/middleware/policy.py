"""May they: every route is closed unless the policy table opens it (decisions.md 19)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinic.errors import Refused, forbidden
from clinic.queries.routes import route_policy
from clinic.queries.second_factors import must_add_second_factor
from clinic.rules.routes import Access, access
from clinic.rules.sentences import sentence
from clinic.web.answers import is_program, refusal_response, sign_in_response
from clinic.web.middleware.refusals import GetResponse, answering

# Where somebody may still go who must set up a second factor first.
_SECOND_FACTOR_ROUTES = frozenset({"account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_index"})


class RoutePolicyMiddleware:
    """Refuses before the view runs. Programs are known only to DRF, which asks the same table itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    @answering
    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        route = route_policy(name)
        if is_program(request) and route is not None:
            return None
        actor = request.actor  # type: ignore[attr-defined]
        held = None if actor is None else actor.permissions
        match access(route, request.method or "", held):
            case Access.SIGN_IN:
                return _sign_in(request)
            case Access.FORBIDDEN:
                return refusal_response(request, forbidden())
            case Access.NO_METHOD:
                return refusal_response(request, Refused("no_method", sentence("refused.no_method"), status=405))
        if name not in _SECOND_FACTOR_ROUTES and not name.startswith("mfa_") and must_add_second_factor(request.staff):  # type: ignore[attr-defined]
            return redirect("mfa_index")
        return None


def _sign_in(request: HttpRequest) -> HttpResponse:
    if is_program(request):
        return refusal_response(request, Refused("anonymous", status=401))
    return sign_in_response(request)
