"""Who am I, and where: what a program asks first."""

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.permissions import KnownCallerPermission
from clinic.api.schema import operation
from clinic.api.serializers import CallerRow, SiteRow, caller_row
from clinic.api.views import Door
from clinic.queries.staff import open_sites_of
from clinic.queries.workplaces import workplaces_of


class MeDoor(Door):
    """The caller as the server sees it."""

    permission_classes = [KnownCallerPermission]

    @operation("who_am_i", answers=CallerRow)
    def get(self, request: Request) -> Response:
        """Who the caller is: scopes, permissions and sites."""
        return self.ok(caller_row(self.actor, open_sites_of(self.actor)))


class SitesDoor(Door):
    """The places the caller works at."""

    permission_classes = [KnownCallerPermission]

    @operation("list_sites", answers=SiteRow, pages=True)
    def get(self, request: Request) -> Response:
        """The open sites of the caller, by name."""
        return self.page(workplaces_of(self.actor), ("name", "id"), lambda site: SiteRow(site).data)
