"""The one draft of a program: begun from a version or a file, saved as often as one likes, discarded by name.

A draft may be half-finished: it is kept whatever stands against publishing it. Only what could not be stored or shown
is refused.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.programs.rows import (
    draft_of_program,
    draft_open,
    locked_draft,
    locked_program,
    new_draft,
    placed_refused,
    record,
    refuse_problems,
    write_draft,
)
from pathways.models import Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.programs.library import TextError, read_program
from pathways.queries.instruments import document_problems
from pathways.rules.documents import KEY
from pathways.rules.programs.checks import slips
from pathways.rules.programs.limits import limits
from pathways.rules.programs.positions import placed

Document = Mapping[str, object]
LONGEST_KEY, LONGEST_TITLE = 60, 120


@action(Permission.PROGRAM_WRITE, "program.start_draft")
def start_draft(*, by: Actor, now: datetime, program_id: UUID, from_version_id: UUID | None = None) -> ProgramVersion:
    """Copy a version of a program into its one draft: the one given, else the current one, else the newest.

    Nobody is moved by it. Raises Refused: 404, 409 `program_draft_open` where there is a draft already.
    """
    program = locked_program(program_id)
    open_draft = draft_of_program(program)
    if open_draft is not None:
        raise draft_open(open_draft)
    source = _source(program, from_version_id)
    draft = write_draft(new_draft(program, source), source.document, by, now)
    record("program.start_draft", program, draft, by, now)
    return draft


@action(Permission.PROGRAM_WRITE, "program.copy")
def copy_program(*, by: Actor, now: datetime, version_id: UUID, key: str, title: str) -> ProgramVersion:
    """A new program of the clinic's own, whose first draft is a copy of this version under another key and title.

    Raises Refused: 404, 409 `program_key_taken` or `program_title_taken`, 422 where key or title cannot be taken.
    """
    source = ProgramVersion.objects.filter(public_id=version_id).first()
    if source is None:
        raise not_found()
    if Program.objects.filter(title__iexact=title.strip()).exists():
        said = sentence("program.refused.title_taken", title=title.strip())
        raise Refused("program_title_taken", said, fields={"title": said})
    program = _new_program(key, title, source.program.substance)
    named = source.document.get("program")
    named = named if isinstance(named, Mapping) else {}
    document = {**source.document, "program": {**named, "key": key, "title": title}}
    draft = write_draft(new_draft(program, source), document, by, now)
    record("program.copy", program, draft, by, now)
    return draft


@action(Permission.PROGRAM_WRITE, "program.save_draft")
def save_draft(
    *, by: Actor, now: datetime, version_id: UUID, document: Document, expected_version: int
) -> ProgramVersion:
    """Keep the draft with this document, also while problems stand against publishing it.

    Raises Refused: 404, 412, 409 `program_not_draft`, 422 for what is too large, too deep or cannot be stored.
    """
    refuse_problems(limits(document))
    program, draft = locked_draft(version_id, expected_version)
    saved = write_draft(draft, document, by, now)
    record("program.save_draft", program, saved, by, now)
    return saved


@action(Permission.PROGRAM_WRITE, "program.discard_draft")
def discard_draft(*, by: Actor, now: datetime, version_id: UUID, expected_version: int) -> Program:
    """Throw a draft away; a program that was nothing but this draft goes with it. Raises Refused: 404, 412, 409."""
    program, draft = locked_draft(version_id, expected_version)
    record("program.discard_draft", program, draft, by, now)
    draft.delete()
    if not program.versions.exists():
        program.delete()
    return program


@action(Permission.PROGRAM_WRITE, "program.import_draft")
def import_draft(
    *, by: Actor, now: datetime, text: str, program_id: UUID | None = None, expected_version: int | None = None
) -> ProgramVersion:
    """A program file (YAML or JSON) as the draft of a program; without `program_id` as a new program.

    `expected_version` is that of the open draft, which it replaces; None where there is none. Problems of sense stay
    with the draft, except names that lead nowhere or stand twice. Raises Refused and stores nothing: 404, 409
    `program_draft_open` or `program_key_taken`, 412, 422 `program_problems` with the place in the file of each problem
    of form and each such name.
    """
    document = _written(text)
    refuse_problems(limits(document))
    named = document["program"]
    key, title = str(named["key"]), str(named["title"])  # type: ignore[index]
    if program_id is None:
        program, draft = _new_program(key, title, str(named["substance"])), None  # type: ignore[index]
    else:
        program, draft = _replaced(program_id, key, expected_version)
    written = write_draft(draft or new_draft(program), document, by, now)
    record("program.import_draft", program, written, by, now)
    return written


def _written(text: str) -> Document:
    """The document of a file in which every name leads somewhere. Raises Refused with the place of each mistake."""
    try:
        read = read_program("", text)
    except TextError as error:
        raise placed_refused(error.placed) from error
    wrong = slips(document_problems(read.program))
    if wrong:
        raise placed_refused(placed(wrong, read.positions))
    return read.document


def _source(program: Program, version_id: UUID | None) -> ProgramVersion:
    """The version to copy. A program without any has nothing to begin from."""
    rows = program.versions.exclude(status=VersionStatus.DRAFT).order_by("-is_current", "-number")
    found = (rows if version_id is None else rows.filter(public_id=version_id)).first()
    if found is None:
        raise not_found()
    return found


def _new_program(key: str, title: str, substance: str) -> Program:
    """A program that is not there yet. Raises Refused: 409 for a key that is taken, 422."""
    wrong = {}
    if not KEY.match(key) or len(key) > LONGEST_KEY:
        wrong["key"] = sentence("program.problem.not_a_key", found=key[:LONGEST_KEY])
    if not title.strip() or len(title) > LONGEST_TITLE:
        wrong["title"] = sentence("program.refused.title", most=LONGEST_TITLE)
    if wrong:
        raise bad_input(**wrong)
    if Program.objects.filter(key=key).exists():
        raise _key_taken(key)
    return Program.objects.create(key=key, title=title.strip(), substance=substance)


def _key_taken(key: str) -> Refused:
    said = sentence("program.refused.key_taken", key=key)
    return Refused("program_key_taken", said, fields={"key": said})


def _replaced(program_id: UUID, key: str, expected_version: int | None) -> tuple[Program, ProgramVersion | None]:
    """The program and the draft that a file takes the place of, as the caller saw it."""
    program = locked_program(program_id)
    if key != program.key:
        said = sentence("program.problem.other_key", key=key, program=program.key)
        raise Refused("program_problems", said, status=422, fields={"program.key": said})
    draft = draft_of_program(program)
    if draft is None and expected_version is not None:
        raise stale()
    if draft is not None and expected_version is None:
        raise draft_open(draft)
    if draft is not None and draft.version != expected_version:
        raise stale()
    return program, draft
