"""May they: the same policy table as the pages ask, read with the actor of the token (decisions.md 19)."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from clinic.errors import forbidden
from clinic.models import Actor
from clinic.queries.routes import route_policy
from clinic.rules.routes import Access, access

if TYPE_CHECKING:
    from rest_framework.views import APIView


def actor_of(request: Request) -> Actor | None:
    """The actor behind the call; None for an anonymous one."""
    return getattr(request.user, "actor", None)


class RoutePolicyPermission(BasePermission):
    """401 where nobody is known, 403 where the actor may not, and a route in no table is closed."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        match = request.resolver_match
        actor = actor_of(request)
        held = None if actor is None else actor.permissions
        match access(route_policy(match.view_name if match else ""), request.method or "", held):
            case Access.SIGN_IN:
                raise NotAuthenticated
            case Access.FORBIDDEN:
                raise forbidden()
            case Access.NO_METHOD:
                raise MethodNotAllowed(request.method or "")
        return True
