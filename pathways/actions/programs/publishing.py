"""Publishing a draft, retiring a version, confirming its clinical defaults."""

from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.programs.rows import locked, locked_draft, problems_refused, record
from pathways.models import Phase, Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries.programs import draft_of
from pathways.rules.programs import ProgramDocument


@action(Permission.PROGRAM_WRITE, "program.publish")
def publish(*, by: Actor, now: datetime, version_id: UUID, expected_version: int) -> ProgramVersion:
    """Make a draft the version new enrollments begin on; from here on it cannot be changed.

    Of two who publish at once one wins: the other finds the draft changed. Raises Refused: 404, 412, 409
    `program_not_draft`, 422 `program_problems` while anything stands against it.
    """
    program, version = locked_draft(version_id, expected_version)
    read = draft_of(version)
    if read.document is None or read.problems:
        raise problems_refused(read.problems)
    make_current(program, version, read.document, by, now)
    return version


@action(Permission.PROGRAM_WRITE, "program.retire")
def retire(*, by: Actor, now: datetime, version_id: UUID, expected_version: int) -> ProgramVersion:
    """Nobody begins on this version any more; who is under way on it stays. Raises Refused: 404, 412, 409."""
    program, version = locked(version_id, expected_version)
    if version.status != VersionStatus.PUBLISHED:
        raise Refused("program_not_published", sentence("program.refused.not_published", number=version.number))
    version.status, version.is_current = VersionStatus.RETIRED, False
    version.retired_at, version.retired_by = now, by
    version.version += 1
    version.save()
    record("program.retire", program, version, by, now)
    return version


@action(Permission.PROGRAM_CONFIRM, "program.confirm_defaults")
def confirm_defaults(*, by: Actor, now: datetime, version_id: UUID, expected_version: int) -> ProgramVersion:
    """A clinician has read the clinical defaults of this very version and takes them on.

    A draft that is changed afterwards has to be confirmed again. Raises Refused: 404, 412, 409 `program_confirmed`.
    """
    program, version = locked(version_id, expected_version)
    if version.confirmed_by is not None:
        said = sentence("program.refused.confirmed", number=version.number, name=version.confirmed_by.name)
        raise Refused("program_confirmed", said)
    version.confirmed_at, version.confirmed_by = now, by
    version.version += 1
    version.save(update_fields=["confirmed_at", "confirmed_by", "version"])
    record("program.confirm_defaults", program, version, by, now)
    return version


def make_current(program: Program, version: ProgramVersion, read: ProgramDocument, by: Actor, now: datetime) -> None:
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
    record("program.publish", program, version, by, now)


def _withdraw_current(program: Program) -> None:
    current = program.versions.filter(is_current=True).first()
    if current is not None:
        current.is_current = False
        current.version += 1
        current.save(update_fields=["is_current", "version"])
