"""Programs and their versions: read strictly, kept as a draft, published by name, never changed after that."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import BAD_INPUT, Refused, forbidden, not_found, stale
from clinic.models import Actor, ActorKind
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Phase, Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries.instruments import document_problems
from pathways.queries.programs import document_of
from pathways.rules.programs import DocumentError, Problem, ProgramDocument, digest, parse

Document = Mapping[str, object]


@action(None, "program.load")
def load(*, by: Actor, now: datetime, document: Document, publish: bool, publish_first: bool = False) -> ProgramVersion:
    """Keep a program document as a version of its program.

    A document that is known already (same digest) changes nothing, except that its draft is published when told to.
    Another one becomes the program's draft, and is published only when told to; with `publish_first` also where the
    program never had a published version. Nobody is moved to it: who is under way stays on their version.
    Raises Refused: 403, 422 `program_problems` with the path and sentence of each problem (nothing is stored then), 409
    `program_draft_open` where a person is at work on a draft.
    """
    if by.kind != ActorKind.JOB and not by.may(Permission.PROGRAM_WRITE):
        raise forbidden()
    read = _checked(document)
    program = _program(read)
    known = program.versions.filter(digest=digest(document)).order_by("-number").first()
    version = known or _write_draft(program, document, by, now)
    first = publish_first and not program.versions.exclude(status=VersionStatus.DRAFT).exists()
    if (publish or first) and version.status == VersionStatus.DRAFT:
        _publish(program, version, read, by, now)
    return version


@action(None, "program.load_all")
def load_all(
    *, by: Actor, now: datetime, documents: Sequence[Document], publish: bool, publish_first: bool = False
) -> list[ProgramVersion]:
    """Several documents, each as `load` does; all of them or none."""
    return [load(by=by, now=now, document=each, publish=publish, publish_first=publish_first) for each in documents]


@action(Permission.PROGRAM_WRITE, "program.publish")
def publish(*, by: Actor, now: datetime, version_id: UUID, expected_version: int) -> ProgramVersion:
    """Make a draft the version new enrollments begin on; from here on it cannot be changed.

    Raises Refused: 404, 412, 409 `program_not_draft`, 422 `program_problems` while anything stands against it.
    """
    program, version = _locked(version_id, expected_version)
    if version.status != VersionStatus.DRAFT:
        raise Refused("program_not_draft", sentence("program.refused.not_draft", number=version.number))
    read = document_of(version)
    _refuse(document_problems(read))
    _publish(program, version, read, by, now)
    return version


@action(Permission.PROGRAM_WRITE, "program.retire")
def retire(*, by: Actor, now: datetime, version_id: UUID, expected_version: int) -> ProgramVersion:
    """Nobody begins on this version any more; who is under way on it stays. Raises Refused: 404, 412, 409."""
    program, version = _locked(version_id, expected_version)
    if version.status != VersionStatus.PUBLISHED:
        raise Refused("program_not_published", sentence("program.refused.not_published", number=version.number))
    version.status, version.is_current = VersionStatus.RETIRED, False
    version.retired_at, version.retired_by = now, by
    version.version += 1
    version.save()
    _audit("program.retire", program, version, by, now)
    return version


def _checked(document: Document) -> ProgramDocument:
    """The program, if it is well formed and names nothing that does not exist."""
    try:
        read = parse(document)
    except DocumentError as error:
        raise problems_refused(error.problems) from error
    _refuse(document_problems(read))
    return read


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise problems_refused(problems)


def problems_refused(problems: Iterable[Problem]) -> Refused:
    """The refusal that names every problem of a document with its path."""
    listed = list(problems)
    fields = {each.path: each.sentence for each in reversed(listed)}
    details = {"problems": [{"path": each.path, "detail": each.sentence} for each in listed]}
    said = sentence("program.refused.problems", count=len(listed))
    return Refused("program_problems", said, status=BAD_INPUT, fields=dict(reversed(fields.items())), details=details)


def _program(read: ProgramDocument) -> Program:
    """The program's row, locked; made at its first document."""
    found = Program.objects.select_for_update(no_key=True, of=("self",)).filter(key=read.program.key).first()
    if found is not None:
        return found
    return Program.objects.create(key=read.program.key, title=read.program.title, substance=read.program.substance)


def _locked(version_id: UUID, expected_version: int) -> tuple[Program, ProgramVersion]:
    """The program first, then its version: two publications of one program wait for each other."""
    rows = Program.objects.select_for_update(no_key=True, of=("self",))
    program = rows.filter(versions__public_id=version_id).first()
    if program is None:
        raise not_found()
    version = ProgramVersion.objects.select_for_update(no_key=True, of=("self",)).get(public_id=version_id)
    if version.version != expected_version:
        raise stale()
    return program, version


def _write_draft(program: Program, document: Document, by: Actor, now: datetime) -> ProgramVersion:
    """The program's draft with this document: the one a file made before is replaced, a person's never is."""
    draft = program.versions.filter(status=VersionStatus.DRAFT).select_related("created_by").first()
    if draft is None:
        draft = ProgramVersion(program=program, number=_next_number(program), version=0)
    elif draft.created_by.is_person and draft.created_by != by:
        said = sentence("program.refused.draft_open", number=draft.number, name=draft.created_by.name)
        raise Refused("program_draft_open", said)
    draft.document, draft.digest = dict(document), digest(document)
    draft.created_at, draft.created_by = now, by
    draft.version += 1
    draft.save()
    _audit("program.draft", program, draft, by, now)
    return draft


def _next_number(program: Program) -> int:
    newest = program.versions.order_by("-number").first()
    return newest.number + 1 if newest else 1


def _publish(program: Program, version: ProgramVersion, read: ProgramDocument, by: Actor, now: datetime) -> None:
    """Phases as rows for what will point at them; the version before is no longer the current one."""
    _withdraw_current(program)
    Phase.objects.bulk_create(
        Phase(
            program_version=version,
            key=each.key,
            ordinal=each.ordinal,
            title=each.title,
            short_title=each.short_title,
        )
        for each in read.phases
    )
    version.status, version.is_current = VersionStatus.PUBLISHED, True
    version.published_at, version.published_by = now, by
    version.version += 1
    version.save()
    program.title, program.substance = read.program.title, read.program.substance
    program.save()
    _audit("program.publish", program, version, by, now)


def _withdraw_current(program: Program) -> None:
    current = program.versions.filter(is_current=True).first()
    if current is not None:
        current.is_current = False
        current.version += 1
        current.save(update_fields=["is_current", "version"])


def _audit(verb: str, program: Program, version: ProgramVersion, by: Actor, now: datetime) -> None:
    details = {"program": program.key, "number": version.number, "digest": version.digest}
    audit.record(action=verb, by=by, now=now, subject=("program_version", version.public_id), details=details)
