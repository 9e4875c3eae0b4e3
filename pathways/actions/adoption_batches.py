"""Moving the many of a run quickly: read and worked out together without locks, each moved in a transaction of its own.

What is asked of a single adoption (`enrollments.adoptions`) is kept: an enrollment, or a contact of it, that somebody
changed since it was read is not moved here. It is left to the slower way, which takes its locks first.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.enrollments.course import written
from pathways.actions.enrollments.gating import Asked
from pathways.actions.enrollments.records import Made
from pathways.actions.follow_ups.changes import Change, must_stand_as_seen, write
from pathways.actions.follow_ups.replanning import changes_of
from pathways.models import Adoption, AdoptionItem, Enrollment, Phase, ProgramVersion
from pathways.queries.enrollments import DOCUMENT, TOGETHER
from pathways.queries.programs import document_of
from pathways.rules.adoptions import ItemStatus, RunStatus
from pathways.rules.follow_ups import same_contacts
from pathways.rules.moves import EnrollmentStatus, MoveKind

CLAIM = """
    SET LOCAL synchronous_commit TO off;
    WITH held AS (
        SELECT id FROM pathways_enrollment
        WHERE id = %(enrollment)s AND version = %(version)s AND ended_at IS NULL
        FOR NO KEY UPDATE SKIP LOCKED
    ), item AS (
        UPDATE pathways_adoptionitem AS item SET status = 'adopted'
        FROM held, pathways_adoption AS run
        WHERE item.id = %(item)s AND item.enrollment_id = held.id AND item.status = 'pending'
          AND run.id = item.adoption_id AND run.status = 'running'
        RETURNING item.enrollment_id
    ), stay AS (
        UPDATE pathways_phasestay AS stay SET phase_id = %(phase)s
        FROM item WHERE stay.enrollment_id = item.enrollment_id AND stay.ended_at IS NULL
    )
    UPDATE pathways_enrollment AS row
    SET program_version_id = %(to_version)s, current_phase_id = %(phase)s, version = row.version + 1
    FROM item WHERE row.id = item.enrollment_id
"""
"""Locks the enrollment and moves it, its open stay and its item, where nobody holds it and it is as it was read.

The commit need not wait for the disk: what a crash takes back is the whole move with its item, which is pending again.
"""


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
    changes = changes_of([rows[pk] for pk, (_, version) in came_from.items() if version.pk in differ], by, now)
    return {pk: Ready(pk, row, *came_from[pk], changes.get(row.pk)) for pk, row in rows.items()}


@action(None, "adoption.item")
def adopt_ready(*, by: Actor, now: datetime, run: Adoption, found: Ready) -> ItemStatus | None:
    """Move one of them. None where somebody has it, or changed it. Raises ChangedMeanwhile for its contacts."""
    if not _claimed(found, run):
        return None
    if found.change is not None:
        must_stand_as_seen(found.change)
    made = Made(
        MoveKind.ADOPT_VERSION,
        EnrollmentStatus(found.row.status),
        found.left,
        found.row.current_phase,
        now,
        note=run.note,
        from_version=found.from_version,
        to_version=run.to_version,
    )
    written(found.row, made, Asked(None, None), by, now)
    if found.change is not None:
        write(found.change, by, now)
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


def _claimed(found: Ready, run: Adoption) -> bool:
    given = {
        "enrollment": found.row.pk,
        "version": found.row.version,
        "item": found.item_id,
        "to_version": run.to_version_id,
        "phase": found.row.current_phase_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, given)
        return bool(cursor.rowcount)
