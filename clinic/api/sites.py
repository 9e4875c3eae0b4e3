"""The places where patients are seen: everybody known reads their own, administrators open and change them."""

from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.actions import sites
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import PlaceBody, SiteBody, SiteRow
from clinic.api.views import Door
from clinic.errors import not_found
from clinic.models import Site
from clinic.queries.workplaces import site_for, workplaces_of


class SitesDoor(Door):
    """The list, and a new one."""

    @operation("list_sites", answers=SiteRow, pages=True)
    def get(self, request: Request) -> Response:
        """The open sites of the caller, by name."""
        return self.page(workplaces_of(self.actor), ("name", "id"), lambda site: SiteRow(site).data)

    @operation("open_site", takes=SiteBody, answers=SiteRow, status=201)
    def post(self, request: Request) -> Response:
        """Open a site."""
        given = self.body(SiteBody)
        code = given.pop("code")
        site = sites.open_site(code=code, place=sites.Place(**given), by=self.actor, now=self.now)
        address = reverse("api_site", args=[site.public_id])
        return self.ok(SiteRow(site).data, status=201, etag=etag_of(site), location=address)


class SiteDoor(Door):
    """One site."""

    @operation("read_site", answers=SiteRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """A site the caller works at or looks after."""
        site = self._site(public_id)
        return self.ok(SiteRow(site).data, etag=etag_of(site))

    @operation("change_site", takes=PlaceBody, answers=SiteRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """Say anew what stands about a site."""
        version, place = self.expected_version(), sites.Place(**self.body(PlaceBody))
        site = sites.change(
            site=self._site(public_id), place=place, by=self.actor, now=self.now, expected_version=version
        )
        return self.ok(SiteRow(site).data, etag=etag_of(site))

    def admit(self, request: Request, **parts: UUID) -> None:
        self._site(parts["public_id"])

    def _site(self, public_id: UUID) -> Site:
        site = site_for(self.actor, public_id)
        if site is None:
            raise not_found()
        return site
