"""Who am I: what a program asks first."""

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.schema import operation
from clinic.api.serializers import CallerRow, caller_row
from clinic.api.views import Door
from clinic.queries.staff import open_sites_of


class MeDoor(Door):
    """The caller as the server sees it."""

    @operation("who_am_i", answers=CallerRow)
    def get(self, request: Request) -> Response:
        """Who the caller is: scopes, permissions and sites."""
        return self.ok(caller_row(self.actor, open_sites_of(self.actor)))
