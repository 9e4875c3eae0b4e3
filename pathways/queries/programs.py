"""Programs and their versions; a version's document, read once."""

from django.db.models import Count, Prefetch, Q, QuerySet

from clinic.errors import Refused, not_found
from clinic.rules.sentences import sentence
from pathways.models import Program, ProgramVersion
from pathways.models.enrollment import OPEN_STATUSES
from pathways.rules.programs import ProgramDocument, parse

_read: dict[str, ProgramDocument] = {}


def document_of(version: ProgramVersion) -> ProgramDocument:
    """The version's document, parsed. Kept by digest: a document never changes once it has one."""
    if version.digest not in _read:
        if len(_read) > 256:
            _read.clear()
        _read[version.digest] = parse(version.document)
    return _read[version.digest]


def programs() -> QuerySet[Program]:
    """Every program with its versions and how many people are under way on it."""
    open_now = Count("enrollments", filter=Q(enrollments__status__in=OPEN_STATUSES))
    versions = ProgramVersion.objects.order_by("-number").select_related("published_by")
    return Program.objects.annotate(under_way=open_now).prefetch_related(Prefetch("versions", versions))


def program(key: str) -> Program:
    """A program by its key. Raises Refused not_found."""
    found = programs().filter(key=key).first()
    if found is None:
        raise not_found()
    return found


def current_version(program: Program) -> ProgramVersion:
    """The version new enrollments begin on. Raises Refused where none is published."""
    version = program.versions.filter(is_current=True).first()
    if version is None:
        raise Refused("program_not_published", sentence("enrollment.refused.not_published", program=program.title))
    return version


def version_of(program: Program, number: int) -> ProgramVersion:
    """A version by its number. Raises Refused not_found."""
    version = program.versions.filter(number=number).first()
    if version is None:
        raise not_found()
    return version


def versions(program: Program) -> QuerySet[ProgramVersion]:
    """The versions of a program, newest first, without their documents."""
    return program.versions.select_related("program", "published_by").defer("document").order_by("-number")
