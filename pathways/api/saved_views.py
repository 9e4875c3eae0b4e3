"""Views kept of Today and of the list of patients: a person's own, and those shared with them."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from pathways.actions import saved_views as verbs
from pathways.models import SavedView
from pathways.queries import saved_views as queries
from pathways.rules.saved_views import LONGEST_NAME, ViewPage


class SavedViewFilters(Filters):
    page = fields.Choice(ViewPage, required=False)


class SavedViewChangeBody(Body):
    """Its name, what it narrows to (codes and public ids), and how it is kept."""

    name = fields.Text(max_length=LONGEST_NAME)
    filters = serializers.DictField(child=fields.Text(max_length=60))
    shared = fields.YesNo(default=False)
    default = fields.YesNo(default=False, help_text="The page of its owner opens with it.")


class SavedViewBody(SavedViewChangeBody):
    page = fields.Choice(ViewPage)


class KeeperRow(Row):
    id = fields.PublicId()
    name = fields.Text()


class SavedViewRow(Row):
    """A choice of filters under a name."""

    id = fields.PublicId()
    page = fields.Choice(ViewPage)
    name = fields.Text()
    filters = serializers.DictField(child=fields.Text())
    shared = fields.YesNo()
    default = fields.YesNo()
    owner = KeeperRow()
    version = fields.Whole()


class SavedViewsDoor(Door):
    """Views the caller may open."""

    @operation("list_saved_views", answers=SavedViewRow, pages=True, filters=SavedViewFilters)
    def get(self, request: Request) -> Response:
        """List them by name."""
        rows = queries.views(self.actor, self.filters(SavedViewFilters).get("page"))
        return self.page(rows, ("name", "id"), saved_view_row, SavedViewFilters)

    @operation("keep_view", takes=SavedViewBody, answers=SavedViewRow, status=201)
    def post(self, request: Request) -> Response:
        """Keep one."""
        row = verbs.keep_view(by=self.actor, now=self.now, **self.body(SavedViewBody))
        location = reverse("api_saved_view", args=[row.public_id])
        return self.ok(saved_view_row(row), status=201, etag=etag_of(row), location=location)


class SavedViewDoor(Door):
    """One view."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.view(self.actor, parts["public_id"])

    @operation("read_saved_view", answers=SavedViewRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it."""
        row = queries.view(self.actor, public_id)
        return self.ok(saved_view_row(row), etag=etag_of(row))

    @operation("change_view", takes=SavedViewChangeBody, answers=SavedViewRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """Say anew what stands about a view of one's own."""
        version, given = self.expected_version(), self.body(SavedViewChangeBody)
        row = verbs.change_view(by=self.actor, now=self.now, view_id=public_id, expected_version=version, **given)
        return self.ok(saved_view_row(row), etag=etag_of(row))

    @operation("delete_view", status=204, edits=True)
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Forget it."""
        version = self.expected_version()
        verbs.delete_view(by=self.actor, now=self.now, view_id=public_id, expected_version=version)
        return Response(status=204)


def saved_view_row(row: SavedView) -> dict[str, Any]:
    """A view as JSON; `owner` must be loaded."""
    values = {
        "id": row.public_id,
        "page": row.page,
        "name": row.name,
        "filters": queries.wanted_of(row).given,
        "shared": row.shared,
        "default": queries.is_default(row),
        "owner": {"id": row.owner.public_id, "name": row.owner.name},
        "version": row.version,
    }
    return dict(SavedViewRow(values).data)
