"""Programs and their versions."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Row
from clinic.api.views import Door
from pathways.models import Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries import programs as queries


class VersionRow(Row):
    """A version of a program, without its document."""

    id = fields.PublicId()
    program = fields.Code(help_text="The program's key.")
    number = fields.Whole()
    status = serializers.ChoiceField(choices=VersionStatus.choices)
    is_current = fields.YesNo(help_text="New enrollments begin on this one.")
    digest = fields.Text(help_text="SHA-256 of the document in canonical JSON.")
    created_at = fields.Moment()
    published_at = fields.Moment(allow_null=True)
    published_by = fields.Text(allow_null=True)
    retired_at = fields.Moment(allow_null=True)


class DocumentRow(VersionRow):
    """A version with its whole document: phases, gates, transitions, follow-ups, ladders."""

    document = serializers.DictField()


class ProgramRow(Row):
    """A program."""

    id = fields.PublicId()
    key = fields.Code()
    title = fields.Text()
    substance = fields.Text()
    under_way = fields.Whole(help_text="People with an open enrollment, on whatever version.")
    current_version = fields.Whole(allow_null=True)


class ProgramsDoor(Door):
    """Every program."""

    @operation("list_programs", answers=ProgramRow, pages=True)
    def get(self, request: Request) -> Response:
        """List programs, by title."""
        return self.page(queries.programs(), ("title", "id"), program_row)


class ProgramDoor(Door):
    """One program, by its key."""

    @operation("read_program", answers=ProgramRow)
    def get(self, request: Request, key: str) -> Response:
        """Read a program."""
        return self.ok(program_row(queries.program(key)))


class ProgramVersionsDoor(Door):
    """The versions of a program."""

    @operation("list_program_versions", answers=VersionRow, pages=True)
    def get(self, request: Request, key: str) -> Response:
        """List a program's versions, newest first, without their documents."""
        found = queries.program(key)
        return self.page(queries.versions(found), ("-number", "id"), version_row)


class ProgramVersionDoor(Door):
    """One version, by its number."""

    @operation("read_program_version", answers=DocumentRow)
    def get(self, request: Request, key: str, number: int) -> Response:
        """Read a version with its document."""
        version = queries.version_of(queries.program(key), number)
        return self.ok({**version_row(version), "document": version.document}, etag=etag_of(version))


def program_row(row: Program) -> dict[str, Any]:
    """A program as JSON."""
    current = next((each.number for each in row.versions.all() if each.is_current), None)
    return {
        "id": row.public_id,
        "key": row.key,
        "title": row.title,
        "substance": row.substance,
        "under_way": row.under_way,  # type: ignore[attr-defined]
        "current_version": current,
    }


def version_row(row: ProgramVersion) -> dict[str, Any]:
    """A version as JSON."""
    return {
        "id": row.public_id,
        "program": row.program.key,
        "number": row.number,
        "status": row.status,
        "is_current": row.is_current,
        "digest": row.digest,
        "created_at": row.created_at,
        "published_at": row.published_at,
        "published_by": row.published_by.name if row.published_by else None,
        "retired_at": row.retired_at,
    }
