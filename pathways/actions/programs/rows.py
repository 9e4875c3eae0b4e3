"""The rows of programs and versions: found and locked, written and recorded the same way by every verb."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.errors import BAD_INPUT, Refused, not_found, stale
from clinic.models import Actor
from clinic.rules.sentences import sentence
from pathways.models import Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.rules.programs import Problem, digest
from pathways.rules.programs.places import Document
from pathways.rules.programs.positions import PlacedProblem


def locked(version_id: UUID, expected_version: int) -> tuple[Program, ProgramVersion]:
    """The program first, then its version: whoever changes a program waits for whoever is at it.

    Raises Refused: 404, 412 where the version changed since it was seen.
    """
    rows = Program.objects.select_for_update(no_key=True, of=("self",))
    program = rows.filter(versions__public_id=version_id).first()
    version = _version(program, version_id) if program else None
    if program is None or version is None:
        raise not_found()
    if version.version != expected_version:
        raise stale()
    return program, version


def locked_draft(version_id: UUID, expected_version: int) -> tuple[Program, ProgramVersion]:
    """As `locked`; what is no draft is refused (409 `program_not_draft`)."""
    program, version = locked(version_id, expected_version)
    refuse_unless_draft(version)
    return program, version


def locked_program(public_id: UUID) -> Program:
    """The program's row. Raises Refused 404."""
    found = Program.objects.select_for_update(no_key=True, of=("self",)).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def draft_of_program(program: Program) -> ProgramVersion | None:
    """The one draft of a program, if somebody is at work on it."""
    return program.versions.filter(status=VersionStatus.DRAFT).select_related("created_by").first()


def write_draft(draft: ProgramVersion, document: Document, by: Actor, now: datetime) -> ProgramVersion:
    """The draft with this document. Who saved it last stands on it; what a clinician confirmed was another text."""
    fresh = digest(document)
    if fresh != draft.digest:
        draft.confirmed_at = draft.confirmed_by = None
    draft.document, draft.digest = dict(document), fresh
    draft.created_at, draft.created_by = now, by
    draft.version += 1
    draft.save()
    return draft


def new_draft(program: Program, based_on: ProgramVersion | None = None) -> ProgramVersion:
    """The next version of a program, not stored yet."""
    newest = program.versions.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    kept = based_on if based_on is not None and based_on.status != VersionStatus.DRAFT else None
    return ProgramVersion(program=program, number=number, version=0, based_on=kept)


def record(verb: str, program: Program, version: ProgramVersion, by: Actor, now: datetime) -> None:
    """The entry in the audit: codes only."""
    details = {"program": program.key, "number": version.number, "digest": version.digest}
    audit.record(action=verb, by=by, now=now, subject=("program_version", version.public_id), details=details)


def refuse_unless_draft(version: ProgramVersion) -> None:
    """Only a draft is changed, published or discarded."""
    if version.status != VersionStatus.DRAFT:
        raise Refused("program_not_draft", sentence("program.refused.not_draft", number=version.number))


def draft_open(draft: ProgramVersion) -> Refused:
    """Somebody is at work on the program's one draft."""
    said = sentence("program.refused.draft_open", number=draft.number, name=draft.created_by.name)
    return Refused("program_draft_open", said)


def refuse_problems(problems: Sequence[Problem]) -> None:
    """Refuses a document with problems, naming each."""
    if problems:
        raise problems_refused(problems)


def problems_refused(problems: Iterable[Problem]) -> Refused:
    """The refusal that names every problem of a document with its path."""
    listed = list(problems)
    fields = {each.path: each.sentence for each in reversed(listed)}
    details = {"problems": [{"path": each.path, "detail": each.sentence} for each in listed]}
    said = sentence("program.refused.problems", count=len(listed))
    return Refused("program_problems", said, status=BAD_INPUT, fields=dict(reversed(fields.items())), details=details)


def placed_refused(problems: Iterable[PlacedProblem]) -> Refused:
    """The refusal of a file: each problem with its line and column."""
    placed = list(problems)
    refused = problems_refused([Problem(each.path, each.sentence) for each in placed])
    listed = [{"path": each.path, "line": each.line, "column": each.column, "detail": each.sentence} for each in placed]
    refused.details = {"problems": listed}
    return refused


def _version(program: Program, version_id: UUID) -> ProgramVersion | None:
    rows = ProgramVersion.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(program=program, public_id=version_id).first()
