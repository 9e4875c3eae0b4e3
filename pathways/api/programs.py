"""Programs and their versions."""

import re
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Row
from clinic.api.views import Door
from clinic.wording import say
from pathways.models import Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries import programs as queries
from pathways.rules.programs import Problem


class VersionRow(Row):
    """A version of a program, without its document."""

    id = fields.PublicId()
    program = fields.Code(help_text="The program's key.")
    number = fields.Whole()
    status = serializers.ChoiceField(choices=VersionStatus.choices)
    is_current = fields.YesNo(help_text="New enrollments begin on this one.")
    digest = fields.Text(help_text="SHA-256 of the document in canonical JSON.")
    based_on = fields.Whole(allow_null=True, help_text="The version of the same program it was copied from.")
    created_at = fields.Moment(help_text="For a draft: when it was saved last.")
    created_by = fields.Text()
    published_at = fields.Moment(allow_null=True)
    published_by = fields.Text(allow_null=True)
    confirmed_at = fields.Moment(allow_null=True, help_text="When a clinician confirmed its clinical defaults.")
    confirmed_by = fields.Text(allow_null=True)
    retired_at = fields.Moment(allow_null=True)


class DocumentRow(VersionRow):
    """A version with its whole document: phases, gates, transitions, follow-ups, ladders."""

    document = serializers.DictField()


class ProgramProblemRow(Row):
    """One thing that stands against publishing a draft."""

    path = serializers.CharField(help_text="`phases[1].exit.criteria[2].instrument`")
    pointer = serializers.CharField(help_text="The same place as a JSON pointer (RFC 6901) into the document.")
    detail = serializers.CharField()
    code = serializers.CharField()


class ProgramDraftRow(DocumentRow):
    """The draft of a program, and everything that stands against publishing it."""

    problems = ProgramProblemRow(many=True)


class ProgramRow(Row):
    """A program."""

    id = fields.PublicId()
    key = fields.Code()
    title = fields.Text()
    substance = fields.Text()
    under_way = fields.Whole(help_text="People with an open enrollment, on whatever version.")
    current_version = fields.Whole(allow_null=True)


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
    based_on = row.based_on if row.based_on is not None and row.based_on.program_id == row.program_id else None
    return {
        "id": row.public_id,
        "program": row.program.key,
        "number": row.number,
        "status": row.status,
        "is_current": row.is_current,
        "digest": row.digest,
        "based_on": based_on.number if based_on else None,
        "created_at": row.created_at,
        "created_by": row.created_by.name,
        "published_at": row.published_at,
        "published_by": row.published_by.name if row.published_by else None,
        "confirmed_at": row.confirmed_at,
        "confirmed_by": row.confirmed_by.name if row.confirmed_by else None,
        "retired_at": row.retired_at,
    }


def problem_row(problem: Problem, language: str) -> dict[str, Any]:
    """A problem as JSON, in the caller's language."""
    return {
        "path": problem.path,
        "pointer": pointer_of(problem.path),
        "detail": say(problem.sentence, language),
        "code": problem.sentence.code,
    }


def pointer_of(path: str) -> str:
    """`phases[1].exit` as a JSON pointer: `/phases/1/exit`."""
    parts = re.split(r"[.\[]", path.replace("]", "")) if path else []
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)
