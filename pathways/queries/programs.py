"""Programs and their versions; a version's document, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from clinic.errors import Refused, not_found
from clinic.rules.sentences import sentence
from pathways.models import Enrollment, Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries.instruments import document_problems
from pathways.rules.moves import RUNNING, WAITING
from pathways.rules.programs import Problem, ProgramDocument, parse, read_as_far

MOST_KEPT, MOST_DRAFTS = 256, 32
_read: dict[str, ProgramDocument] = {}
_NAMED = ("program", "created_by", "published_by", "confirmed_by", "based_on__program")


@dataclass(frozen=True, slots=True)
class DraftRead:
    """A draft as far as it can be read. `document` is None while problems of form stand; `drawn` then holds harmless
    values in place of what is wrong, and is for looking at alone."""

    drawn: ProgramDocument
    problems: tuple[Problem, ...]
    well_formed: bool

    @property
    def document(self) -> ProgramDocument | None:
        return self.drawn if self.well_formed else None


_looked_at: dict[tuple[str, str], DraftRead] = {}


def document_of(version: ProgramVersion) -> ProgramDocument:
    """The version's document, parsed. Kept by digest: a document never changes once it has one."""
    if version.digest not in _read:
        if len(_read) > MOST_KEPT:
            _read.clear()
        _read[version.digest] = parse(version.document)
    return _read[version.digest]


def document_by_digest(digest: str, version: int) -> ProgramDocument:
    """The document of a version (row id) of which the digest is known: a query only where it is not kept."""
    return _read.get(digest) or document_of(ProgramVersion.objects.get(pk=version))


def draft_of(version: ProgramVersion) -> DraftRead:
    """A version that may be half-finished, and everything that stands against publishing it. Kept by digest."""
    key = (version.digest, version.program.key)
    if key not in _looked_at:
        if len(_looked_at) > MOST_DRAFTS:
            _looked_at.clear()
        _looked_at[key] = read_draft(version.document, version.program.key)
    return _looked_at[key]


def read_draft(document: Mapping[str, object], key: str) -> DraftRead:
    """A document as the draft of the program with this key, whether or not it is stored."""
    read, problems = read_as_far(document)
    if problems:
        return DraftRead(read, problems, well_formed=False)
    named = read.program.key
    other = Problem("program.key", sentence("program.problem.other_key", key=named, program=key))
    return DraftRead(read, ((other,) if named != key else ()) + document_problems(read), well_formed=True)


def programs() -> QuerySet[Program]:
    """Every program with its versions and how many people are under way on it."""
    under_way = Count("enrollments", filter=Q(enrollments__status__in=RUNNING))
    versions = ProgramVersion.objects.order_by("-number").select_related("published_by", "program")
    return Program.objects.annotate(under_way=under_way).prefetch_related(Prefetch("versions", versions))


def program(key: str) -> Program:
    """A program by its key. Raises Refused not_found."""
    found = programs().filter(key=key).first()
    if found is None:
        raise not_found()
    return found


def under_way_by_version(program: Program) -> dict[int, int]:
    """How many people are under way on each version of a program, by the version's primary key."""
    rows = program.enrollments.filter(status__in=RUNNING).values_list("program_version").order_by()
    return dict(rows.annotate(Count("pk")))


def current_version(program: Program) -> ProgramVersion:
    """The version new enrollments begin on. Raises Refused where none is published."""
    version = program.versions.filter(is_current=True).first()
    if version is None:
        raise Refused("program_not_published", sentence("enrollment.refused.not_published", program=program.title))
    return version


def version_ahead(row: Enrollment) -> ProgramVersion:
    """The version the next move of an enrollment is made on: who waits begins on the one that is current by then."""
    if row.status not in WAITING:
        return row.program_version
    return row.program.versions.filter(is_current=True).first() or row.program_version


def version_of(program: Program, number: int) -> ProgramVersion:
    """A version by its number. Raises Refused not_found."""
    version = program.versions.filter(number=number).select_related(*_NAMED).defer("based_on__document").first()
    if version is None:
        raise not_found()
    return version


def draft(program: Program) -> ProgramVersion | None:
    """The program's one draft, if somebody is at work on it."""
    rows = program.versions.filter(status=VersionStatus.DRAFT)
    return rows.select_related(*_NAMED).defer("based_on__document").first()


def draft_by_id(program: Program, public_id: UUID) -> ProgramVersion:
    """The program's draft by its public id. Raises Refused not_found where it is no draft any more."""
    found = draft(program)
    if found is None or found.public_id != public_id:
        raise not_found()
    return found


def versions(program: Program) -> QuerySet[ProgramVersion]:
    """The versions of a program, newest first, without their documents."""
    return program.versions.select_related(*_NAMED).defer("document", "based_on__document").order_by("-number")


def published_versions() -> list[ProgramVersion]:
    """The versions new enrollments begin on, by title, without their documents."""
    rows = ProgramVersion.objects.filter(is_current=True).select_related("program").defer("document")
    return list(rows.order_by("program__title", "pk"))
