"""Shapes of what goes in (`Body`, `Filters`) and what comes out (`Row`)."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from clinic.api import fields
from clinic.models import Actor, Site

UNKNOWN = "This is not a member of this document."


class Body(serializers.Serializer):
    """A request body: unknown members are refused, so that a misspelt one is never silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**_as_mapping(error.detail), **unknown}) from None
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {field.field_name for field in self._writable_fields}
        return {str(key): [ErrorDetail(UNKNOWN, code="unknown")] for key in data if key not in known}


def _as_mapping(detail: Any) -> dict[str, Any]:
    return dict(detail) if isinstance(detail, Mapping) else {"non_field_errors": detail}


class Filters(Body):
    """Query parameters of a collection; never text that identifies a person: people are searched by POST."""


class Row(serializers.Serializer):
    """What a door answers; documentation and rendering in one."""


class SiteRow(Row):
    """A place where patients are seen; contact hours are wall time in its zone."""

    id = fields.PublicId(source="public_id")
    code = fields.Code()
    name = fields.Text()
    discreet_name = fields.Text(help_text="What messages call the place.")
    time_zone = fields.Text()
    region = fields.Text()
    phone = fields.Text()
    contact_opens = fields.WallTime()
    contact_closes = fields.WallTime()
    version = fields.Whole()


class PlaceBody(Body):
    """What one says about a site."""

    name = fields.Text(max_length=120)
    discreet_name = fields.Text(max_length=40)
    time_zone = fields.Text(max_length=64)
    phone = fields.Text(max_length=20)
    contact_opens = fields.WallTime()
    contact_closes = fields.WallTime()
    region = fields.Text(max_length=2, required=False)


class SiteBody(PlaceBody):
    """A new site; its code stays."""

    code = fields.Text(max_length=32)


class CallerRow(Row):
    """Who the server takes the caller for."""

    id = fields.PublicId()
    kind = serializers.ChoiceField(choices=["staff", "api_client"])
    name = fields.Text()
    roles = serializers.ListField(child=fields.Code())
    scopes = serializers.ListField(child=fields.Code())
    permissions = serializers.ListField(child=fields.Code())
    sites = SiteRow(many=True)


def caller_row(actor: Actor, sites: list[Site]) -> dict[str, Any]:
    """The caller's own description."""
    return {
        "id": actor.public_id,
        "kind": actor.kind,
        "name": actor.name,
        "roles": actor.roles,
        "scopes": actor.scopes,
        "permissions": sorted(actor.permissions),
        "sites": SiteRow(sites, many=True).data,
    }


class FaultRow(Row):
    pointer = serializers.CharField(help_text="JSON pointer (RFC 6901) into the body, or the name of a parameter.")
    detail = serializers.CharField()
    code = serializers.CharField()


class ProblemDocument(Row):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    instance = serializers.CharField(allow_blank=True)
    errors = FaultRow(many=True, required=False)  # type: ignore[assignment]
    criteria = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Each condition of a gate that refused, met or not; what was found is null for those who do not "
        "read assessments.",
    )
