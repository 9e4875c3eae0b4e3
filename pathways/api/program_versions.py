"""What is done with a version: publish, retire, confirm, copy; its readable spelling."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.problems import language_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.wording import say
from pathways.actions import programs as verbs
from pathways.api.program_drafts import YAML, pointing_into_the_document
from pathways.api.programs import VersionRow, version_row
from pathways.models import ProgramVersion
from pathways.queries import programs as queries
from pathways.rules.programs.comparison import Change, compare
from pathways.rules.programs.spelling import spell

MOST = 2**31 - 1


class CopyBody(Body):
    """What a copy of a program is called."""

    key = fields.Text(max_length=60)
    title = fields.Text(max_length=120)


class VersionDoor(Door):
    """A verb on one version, as it was seen."""

    def found(self, key: str, number: int) -> dict[str, Any]:
        """What every verb on a version takes."""
        version = queries.version_of(queries.program(key), number)
        return {
            "by": self.actor,
            "now": self.now,
            "version_id": version.public_id,
            "expected_version": self.expected_version(),
        }

    def answer(self, version: ProgramVersion) -> Response:
        """The version as it is now."""
        return self.ok(version_row(version), etag=etag_of(version))


class ProgramPublishDoor(VersionDoor):
    """A draft becomes the version new enrollments begin on."""

    @operation("publish_program_version", answers=VersionRow, edits=True)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Publish a draft. 422 with every problem while anything stands against it."""
        with pointing_into_the_document():
            return self.answer(verbs.publish(**self.found(key, number)))


class ProgramRetireDoor(VersionDoor):
    """Nobody begins on a version any more."""

    @operation("retire_program_version", answers=VersionRow, edits=True)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Retire a version; who is under way on it stays."""
        return self.answer(verbs.retire(**self.found(key, number)))


class ProgramConfirmDoor(VersionDoor):
    """A clinician takes on the clinical defaults."""

    @operation("confirm_program_defaults", answers=VersionRow, edits=True)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Confirm the clinical defaults of this version, by name."""
        return self.answer(verbs.confirm_defaults(**self.found(key, number)))


class ProgramCopyDoor(Door):
    """A new program of the clinic's own from a version of another."""

    @operation("copy_program", takes=CopyBody, answers=VersionRow, status=201)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Copy a version into the first draft of a new program."""
        version = queries.version_of(queries.program(key), number)
        draft = verbs.copy_program(by=self.actor, now=self.now, version_id=version.public_id, **self.body(CopyBody))
        location = f"/api/v1/programs/{draft.program.key}/drafts/{draft.public_id}/"
        return self.ok(version_row(draft), status=201, etag=etag_of(draft), location=location)


class YamlRenderer(BaseRenderer):
    """Says what the answer is; the text is there already."""

    media_type, format, charset = YAML, "yaml", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return str(data).encode("utf-8")


class ProgramFileDoor(Door):
    """A version as one readable file."""

    renderer_classes = [YamlRenderer]

    @operation("read_program_file", answers=OpenApiTypes.STR)
    def get(self, request: Request, key: str, number: int) -> HttpResponse:
        """Read a version as YAML; read again, it is the same document."""
        version = queries.version_of(queries.program(key), number)
        text = spell(version.document)
        return HttpResponse(text, content_type=f"{YAML}; charset=utf-8", headers={"ETag": etag_of(version)})


class ComparisonFilters(Filters):
    """Which versions: from the older one to the newer one."""

    # "from" is a word of the language.
    to = serializers.IntegerField(min_value=1, max_value=MOST)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.IntegerField(min_value=1, max_value=MOST), **super().get_fields()}


class ChangeRow(Row):
    """One difference, in words."""

    section = fields.Code()
    key = fields.Text()
    kind = fields.Code(help_text="added, removed, changed or moved")
    detail = fields.Text()
    before = fields.Text(allow_null=True)
    after = fields.Text(allow_null=True)


class ComparisonRow(Row):
    """What changed from one version to another."""

    same = fields.YesNo()
    changes = ChangeRow(many=True)


class ProgramCompareDoor(Door):
    """Two versions of a program compared."""

    @operation("compare_program_versions", answers=ComparisonRow, filters=ComparisonFilters)
    def get(self, request: Request, key: str) -> Response:
        """Say what changed from version `from` to version `to`."""
        asked = self.filters(ComparisonFilters)
        program, language = queries.program(key), language_of(request._request)
        old, new = (queries.draft_of(queries.version_of(program, asked[name])).drawn for name in ("from", "to"))
        found = compare(old, new)
        return self.ok({"same": found.same, "changes": [_change_row(each, language) for each in found.changes]})


def _change_row(change: Change, language: str) -> dict[str, Any]:
    return {
        "section": change.section,
        "key": change.key,
        "kind": change.kind,
        "detail": say(change.sentence, language),
        "before": say(change.before, language) if change.before else None,
        "after": say(change.after, language) if change.after else None,
    }
