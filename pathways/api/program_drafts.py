"""The draft of a program: begun, read, saved, discarded; programs from files. A file is YAML or JSON.

A document sent as JSON is kept as a draft whatever stands against publishing it. A file sent as YAML is read strictly:
each mistake of form is refused with its line and column, and nothing is stored.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.parsers import LARGEST, StrictJSONParser
from clinic.api.problems import BadBody, Fault, language_of, too_large
from clinic.api.schema import operation
from clinic.api.serializers import Body
from clinic.api.views import Door
from clinic.errors import Refused
from pathways.actions import programs as verbs
from pathways.api.programs import (
    ProgramDraftRow,
    ProgramProblemRow,
    ProgramRow,
    pointer_of,
    problem_row,
    program_row,
    version_row,
)
from pathways.models import ProgramVersion
from pathways.queries import programs as queries
from pathways.rules.programs import canonical

YAML = "application/yaml"


class YamlParser(BaseParser):
    """The text of a program file; what it says is read by the verb."""

    media_type = YAML

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise too_large()
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise BadBody([Fault("", "", "text")]) from None


class NewDraftBody(Body):
    """From which version a draft begins; left out: from the one in force."""

    from_version = fields.Whole(min_value=1, required=False)


class DocumentBody(Body):
    """A whole program document."""

    document = serializers.DictField()


class ProgramsDoor(Door):
    """Every program, and new ones from a file."""

    parser_classes = [StrictJSONParser, YamlParser]

    @operation("list_programs", answers=ProgramRow, pages=True)
    def get(self, request: Request) -> Response:
        """List programs, by title."""
        return self.page(queries.programs(), ("title", "id"), program_row)

    @operation(
        "create_program", takes={"application/json": DocumentBody, YAML: str}, answers=ProgramDraftRow, status=201
    )
    def post(self, request: Request) -> Response:
        """Make a new program from a document; it is a draft until it is published."""
        with pointing_into_the_document():
            draft = verbs.import_draft(by=self.actor, now=self.now, text=_text(self, request))
        return _made(self, request, draft)


class ProgramDraftsDoor(Door):
    """A new draft of a program, from one of its versions or from a file."""

    parser_classes = [StrictJSONParser, YamlParser]

    @operation(
        "start_program_draft", takes={"application/json": NewDraftBody, YAML: str}, answers=ProgramDraftRow, status=201
    )
    def post(self, request: Request, key: str) -> Response:
        """Begin the program's one draft. 409 where there is one already."""
        program = queries.program(key)
        if isinstance(request.data, str):
            with pointing_into_the_document():
                draft = verbs.import_draft(by=self.actor, now=self.now, text=request.data, program_id=program.public_id)
            return _made(self, request, draft)
        number = self.body(NewDraftBody).get("from_version")
        source = queries.version_of(program, number).public_id if number else None
        draft = verbs.start_draft(by=self.actor, now=self.now, program_id=program.public_id, from_version_id=source)
        return _made(self, request, draft)


class ProgramDraftDoor(Door):
    """The draft of a program."""

    parser_classes = [StrictJSONParser, YamlParser]

    @operation("read_program_draft", answers=ProgramDraftRow)
    def get(self, request: Request, key: str, public_id: UUID) -> Response:
        """Read the draft and what stands against publishing it."""
        return _shown(self, request, queries.draft_by_id(queries.program(key), public_id))

    @operation(
        "save_program_draft", takes={"application/json": DocumentBody, YAML: str}, answers=ProgramDraftRow, edits=True
    )
    def put(self, request: Request, key: str, public_id: UUID) -> Response:
        """Keep the draft with this document. JSON may be half-finished; a YAML file must be well formed."""
        draft = queries.draft_by_id(queries.program(key), public_id)
        version = self.expected_version()
        with pointing_into_the_document():
            return _shown(self, request, _saved(self, request, draft, version))

    @operation("discard_program_draft", status=204, edits=True)
    def delete(self, request: Request, key: str, public_id: UUID) -> Response:
        """Throw the draft away."""
        draft = queries.draft_by_id(queries.program(key), public_id)
        verbs.discard_draft(
            by=self.actor, now=self.now, version_id=draft.public_id, expected_version=self.expected_version()
        )
        return Response(status=204)


class ProgramProblemsRow(serializers.Serializer):
    """What stands against publishing a draft; nothing does where the list is empty."""

    problems = ProgramProblemRow(many=True)


class ProgramDraftProblemsDoor(Door):
    """What stands against publishing the draft."""

    @operation("list_program_draft_problems", answers=ProgramProblemsRow)
    def get(self, request: Request, key: str, public_id: UUID) -> Response:
        """List the problems of the draft, in the order of the document."""
        draft = queries.draft_by_id(queries.program(key), public_id)
        return self.ok({"problems": _problems(request, draft)}, etag=etag_of(draft))


@contextmanager
def pointing_into_the_document() -> Iterator[None]:
    """The problems of a document, as pointers into the body that held it."""
    try:
        yield
    except Refused as refused:
        if refused.code == "program_problems":
            refused.fields = {
                "document" + pointer_of(path).replace("/", "."): said for path, said in refused.fields.items()
            }
        raise


def _text(door: Door, request: Request) -> str:
    """The file: as it came, or the document of a JSON body written out."""
    if isinstance(request.data, str):
        return request.data
    return canonical(door.body(DocumentBody)["document"])


def _saved(door: Door, request: Request, draft: ProgramVersion, version: int) -> ProgramVersion:
    if isinstance(request.data, str):
        return verbs.import_draft(
            by=door.actor,
            now=door.now,
            text=request.data,
            program_id=draft.program.public_id,
            expected_version=version,
        )
    document: Mapping[str, object] = door.body(DocumentBody)["document"]
    return verbs.save_draft(
        by=door.actor, now=door.now, version_id=draft.public_id, document=document, expected_version=version
    )


def _problems(request: Request, draft: ProgramVersion) -> list[dict[str, Any]]:
    language = language_of(request._request)
    return [problem_row(each, language) for each in queries.draft_of(draft).problems]


def _row(request: Request, draft: ProgramVersion) -> dict[str, Any]:
    return {**version_row(draft), "document": draft.document, "problems": _problems(request, draft)}


def _shown(door: Door, request: Request, draft: ProgramVersion) -> Response:
    return door.ok(_row(request, draft), etag=etag_of(draft))


def _made(door: Door, request: Request, draft: ProgramVersion) -> Response:
    location = f"/api/v1/programs/{draft.program.key}/drafts/{draft.public_id}/"
    return door.ok(_row(request, draft), status=201, etag=etag_of(draft), location=location)
