"""Moving the many of a run quickly: read and worked out together without locks, each moved in a transaction of its own.

What is asked of a single adoption (`enrollments.adoptions`) is kept: an enrollment, or a contact of it, that somebody
changed since it was read is not moved here. It is left to the slower way, which takes its locks first.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from clinic.actions.rows import Statement, insertion
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.enrollments.gating import Asked
from pathways.actions.enrollments.records import Made, entry_of, transition_of
from pathways.actions.follow_ups.changes import Change, ChangedMeanwhile, write
from pathways.actions.follow_ups.replanning import changes_of
from pathways.models import Adoption, AdoptionItem, Enrollment, Phase, ProgramVersion
from pathways.queries.enrollments import DOCUMENT, TOGETHER
from pathways.queries.programs import document_of
from pathways.rules.adoptions import ItemStatus, RunStatus
from pathways.rules.follow_ups import same_contacts
from pathways.rules.moves import EnrollmentStatus, MoveKind

LOCK = """
    SELECT FROM pathways_enrollment WHERE id = %s AND version = %s AND ended_at IS NULL
    FOR NO KEY UPDATE SKIP LOCKED
"""
TAKE = """
    UPDATE pathways_adoptionitem AS item SET status = 'adopted'
    WHERE id = %s AND status = 'pending'
      AND EXISTS (SELECT FROM pathways_adoption AS run WHERE run.id = item.adoption_id AND run.status = 'running')
"""
UNLESS_CHANGED = """
      AND (%s, %s) = (SELECT count(*), coalesce(sum(version), 0) FROM pathways_followup
                      WHERE enrollment_id = %s AND outcome = '')
"""
STAY = "UPDATE pathways_phasestay SET phase_id = %s WHERE enrollment_id = %s AND ended_at IS NULL"
MOVE = """
    UPDATE pathways_enrollment SET program_version_id = %s, current_phase_id = %s, version = version + 1
    WHERE id = %s AND EXISTS (SELECT FROM pathways_adoptionitem WHERE id = %s AND status = 'adopted')
"""
"""Plain statements, each of which costs little to plan. The enrollment moves only with its item, which is taken only
where its open contacts are as they were read; sent after the lock was had, they see what was committed until then."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One enrollment of a run that goes on in the phase of the same key. `row` has its new version and phase already,
    in memory; `change`: what becomes of its contacts, None where both versions owe the same."""

    item_id: int
    row: Enrollment
    left: Phase | None
    from_version: ProgramVersion
    change: Change | None


def ready(run: Adoption, item_ids: Collection[int], by: Actor, now: datetime) -> dict[int, Ready]:
    """Those of the items that can go the quick way, by item: the same queries for any number of them."""
    entered = {each.key: each for each in Phase.objects.filter(program_version=run.to_version_id)}
    rows = {each.pk: each.enrollment for each in _pending(run, item_ids) if _keeps_its_phase(each, run, entered)}
    came_from = {pk: (row.current_phase, row.program_version) for pk, row in rows.items()}
    for row in rows.values():
        row.program_version = run.to_version
        row.current_phase = entered[row.current_phase.key] if row.current_phase else None
    differ = _other_contacts({version.pk: version for _, version in came_from.values()}.values(), run.to_version)
    old = {rows[pk].pk: version for pk, (_, version) in came_from.items() if version.pk in differ}
    changes = changes_of([row for row in rows.values() if row.pk in old], by, now, came_from=old)
    return {pk: Ready(pk, row, *came_from[pk], changes.get(row.pk)) for pk, row in rows.items()}


@action(None, "adoption.item")
def adopt_ready(*, by: Actor, now: datetime, run: Adoption, found: Ready) -> ItemStatus | None:
    """Move one of them: a message to the database that locks, and one that writes. None where somebody has it or
    changed it. Raises ChangedMeanwhile where its contacts were changed, or its item is no longer to be worked on."""
    row = found.row
    if not _locked(row):
        return None
    made = Made(
        MoveKind.ADOPT_VERSION,
        EnrollmentStatus(row.status),
        found.left,
        row.current_phase,
        now,
        note=run.note,
        from_version=found.from_version,
        to_version=run.to_version,
    )
    transition = transition_of(row, made, Asked(None, None), by, now, row.status)
    beside = [*_moves(found, run), insertion([transition]), insertion([entry_of(transition, by, now)])]
    if write(found.change or Change(row.pk), by, now, beside=beside) != row.version + 1:
        raise ChangedMeanwhile
    return ItemStatus.ADOPTED


def _pending(run: Adoption, item_ids: Collection[int]) -> Iterable[AdoptionItem]:
    items = AdoptionItem.objects.filter(pk__in=item_ids, status=ItemStatus.PENDING, adoption__status=RunStatus.RUNNING)
    together = [f"enrollment__{each}" for each in TOGETHER]
    return items.filter(adoption=run).select_related(*together).defer(f"enrollment__{DOCUMENT}")


def _keeps_its_phase(item: AdoptionItem, run: Adoption, entered: Mapping[str, Phase]) -> bool:
    """Whether nothing has to be refused, passed over or entered anew: the quick way is for these alone."""
    row = item.enrollment
    if row.ended_at is not None or row.program_version_id == run.to_version_id:
        return False
    here = row.current_phase.key if row.current_phase else None
    return here is None or (run.phase_map.get(here) == here and here in entered)


def _other_contacts(versions: Iterable[ProgramVersion], new: ProgramVersion) -> set[int]:
    """Those of the versions that owe other contacts than the new one."""
    return {each.pk for each in versions if not same_contacts(document_of(each), document_of(new))}


def _locked(row: Enrollment) -> bool:
    """Whether it is locked now, as it was read; what somebody holds is not waited for."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [row.pk, row.version])
        return bool(cursor.rowcount)


def _moves(found: Ready, run: Adoption) -> Iterator[Statement]:
    row, phase = found.row, found.row.current_phase_id
    if found.change is None:
        yield TAKE, [found.item_id]
    else:
        yield TAKE + UNLESS_CHANGED, [found.item_id, *found.change.seen, row.pk]
    if phase is not None:
        yield STAY, [phase, row.pk]
    yield MOVE, [run.to_version_id, phase, row.pk, found.item_id]
