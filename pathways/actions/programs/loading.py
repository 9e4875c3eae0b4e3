"""Programs from files: read strictly, kept as a draft, published only when told to."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from clinic.actions.verbs import action, refusals_survived
from clinic.errors import Refused, forbidden
from clinic.models import Actor, ActorKind
from clinic.rules.roles import Permission
from pathways.actions.programs.publishing import make_current
from pathways.actions.programs.rows import (
    draft_of_program,
    draft_open,
    new_draft,
    problems_refused,
    record,
    refuse_problems,
    write_draft,
)
from pathways.models import Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries.instruments import document_problems
from pathways.rules.programs import DocumentError, ProgramDocument, digest, parse

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
    version = _known(program, document) or _write_draft(program, document, by, now)
    first = publish_first and not program.versions.exclude(status=VersionStatus.DRAFT).exists()
    if (publish or first) and version.status == VersionStatus.DRAFT:
        make_current(program, version, read, by, now)
    return version


@action(None, "program.load_all")
def load_all(
    *, by: Actor, now: datetime, documents: Sequence[Document], publish: bool, publish_first: bool = False
) -> list[ProgramVersion]:
    """Several documents, each as `load` does; all of them or none.

    With `publish_first` (every start of an installation) a program somebody is editing is left to them.
    """
    given = {"by": by, "now": now, "publish": publish, "publish_first": publish_first}
    found = []
    for each in documents:
        try:
            with refusals_survived():
                found.append(load(document=each, **given))  # type: ignore[arg-type]
        except Refused as refused:
            if not publish_first or refused.code != "program_draft_open":
                raise
    return found


def _checked(document: Document) -> ProgramDocument:
    """The program, if it is well formed and names nothing that does not exist."""
    try:
        read = parse(document)
    except DocumentError as error:
        raise problems_refused(error.problems) from error
    refuse_problems(document_problems(read))
    return read


def _program(read: ProgramDocument) -> Program:
    """The program's row, locked; made at its first document."""
    found = Program.objects.select_for_update(no_key=True, of=("self",)).filter(key=read.program.key).first()
    if found is not None:
        return found
    return Program.objects.create(key=read.program.key, title=read.program.title, substance=read.program.substance)


def _known(program: Program, document: Document) -> ProgramVersion | None:
    """The newest version with this very document; a draft that somebody began from it is not meant."""
    alike = list(program.versions.filter(digest=digest(document)).order_by("-number"))
    return next((each for each in alike if each.status != VersionStatus.DRAFT), alike[0] if alike else None)


def _write_draft(program: Program, document: Document, by: Actor, now: datetime) -> ProgramVersion:
    """The program's draft with this document: the one a file made before is replaced, a person's never is."""
    draft = draft_of_program(program)
    if draft is not None and draft.created_by.is_person and draft.created_by != by:
        raise draft_open(draft)
    written = write_draft(draft or new_draft(program), document, by, now)
    record("program.draft", program, written, by, now)
    return written
