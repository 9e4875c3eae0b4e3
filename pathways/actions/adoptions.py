"""A run that moves many people to another version: each in a transaction of its own, to be stopped and gone on with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.adoption_batches import Ready, adopt_ready, ready
from pathways.actions.enrollments.adoptions import (
    PhaseMap,
    adopt_locked,
    checked_note,
    entered_phase,
    published_version,
)
from pathways.actions.follow_ups.changes import ChangedMeanwhile
from pathways.actions.passing_over import UNREADABLE, tell_passed_over
from pathways.models import Adoption, AdoptionItem, Enrollment, ProgramVersion
from pathways.queries.adoptions import candidates, enrollment_of, pending
from pathways.queries.enrollments import TOGETHER
from pathways.rules.adoptions import ItemStatus, RunStatus
from pathways.rules.gates import sentence_as_record

READ_AT_ONCE = 100
"""Enrollments read and worked out together; few, so that little changes before each is moved."""


@action(Permission.VERSION_ADOPT, "adoption.start")
def start_adoption(
    *,
    by: Actor,
    now: datetime,
    to_version_id: UUID,
    phase_map: PhaseMap,
    note: str,
    enrollment_ids: Sequence[UUID] | None = None,
) -> Adoption:
    """Begin a run over the open enrollments one may see that are not on the version yet, or over those named.

    Every phase somebody is in must be mapped. The worker takes them one by one. Raises Refused: 403, 404, 409 a version
    that is not published, 409 `adoption_one_running`, 409 nobody to move, 422 `note` or `phase_map`.
    """
    version = _version(to_version_id)
    checked = checked_note(note)
    rows = candidates(by, version, enrollment_ids)
    if not rows.exists():
        raise Refused("nobody_to_adopt", sentence("adoption.refused.nobody", number=version.number))
    one_of_each = rows.order_by("current_phase__key").distinct("current_phase__key")
    _check_map(list(one_of_each), version, phase_map)
    run = Adoption.objects.create(
        program=version.program,
        to_version=version,
        phase_map=dict(phase_map),
        note=checked,
        requested_at=now,
        requested_by=by,
    )
    items = [AdoptionItem(adoption=run, enrollment_id=pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]
    AdoptionItem.objects.bulk_create(items, batch_size=2_000)
    _audit("adoption.start", run, by, now, count=len(items))
    return run


@action(Permission.VERSION_ADOPT, "adoption.stop")
def stop_adoption(*, by: Actor, now: datetime, adoption_id: UUID) -> Adoption:
    """Let nobody else be moved by this run; who was moved stays moved. Raises Refused: 404, 409 not running."""
    run = _locked(adoption_id)
    if run.status != RunStatus.RUNNING:
        raise Refused("adoption_not_running", sentence("adoption.refused.not_running"))
    run.status = RunStatus.STOPPED
    run.version += 1
    run.save()
    _audit("adoption.stop", run, by, now)
    return run


@action(Permission.VERSION_ADOPT, "adoption.resume")
def resume_adoption(*, by: Actor, now: datetime, adoption_id: UUID) -> Adoption:
    """Go on with a run that was stopped, where it stood. Raises Refused: 404, 409 not stopped, 409 another runs."""
    run = _locked(adoption_id)
    if run.status != RunStatus.STOPPED:
        raise Refused("adoption_not_stopped", sentence("adoption.refused.not_stopped"))
    run.status = RunStatus.RUNNING
    run.version += 1
    run.save()
    _audit("adoption.resume", run, by, now)
    return run


@action(None, "adoption.item")
def adopt_item(*, by: Actor, now: datetime, item_id: int, run: Adoption) -> ItemStatus | None:
    """Move one enrollment of a run, as the person who asked for it. None where another worker has it or had it.

    The enrollment is locked first; one somebody is working on just now stays for later. What cannot be moved is
    refused with its code and words, and the run goes on.
    """
    item = AdoptionItem.objects.filter(pk=item_id, status=ItemStatus.PENDING, adoption__status=RunStatus.RUNNING)
    ids = item.values("enrollment")
    row = Enrollment.objects.filter(pk__in=ids).select_for_update(no_key=True, of=("self",), skip_locked=True)
    found = row.select_related(*TOGETHER).defer("program_version__document").first()
    if found is None or not item.exists():
        return None
    if found.program_version_id == run.to_version_id or found.ended_at is not None:
        status, code = ItemStatus.SKIPPED, "version_already" if found.ended_at is None else "ended"
    else:
        adopt_locked(found, run.to_version, run.phase_map, run.note, by, now)
        status, code = ItemStatus.ADOPTED, ""
    AdoptionItem.objects.filter(pk=item_id).update(status=status, code=code)
    return status


@action(None, "adoption.refuse_item")
def refuse_item(*, by: Actor, now: datetime, item_id: int, refused: Refused) -> ItemStatus:
    """Write down why an enrollment was not moved, after its own transaction was undone."""
    reasons = list(refused.fields.values()) or [refused.sentence]
    pending = AdoptionItem.objects.filter(pk=item_id, status=ItemStatus.PENDING)
    said = sentence_as_record(reasons[0])
    pending.update(status=ItemStatus.REFUSED, code=refused.code, said=said)
    return ItemStatus.REFUSED


@action(None, "adoption.finish")
def finish_adoption(*, by: Actor, now: datetime, run_id: int) -> bool:
    """End a run in which nobody is left. Returns whether it ended now."""
    run = Adoption.objects.select_for_update(no_key=True, of=("self",)).get(pk=run_id)
    left = AdoptionItem.objects.filter(adoption=run, status=ItemStatus.PENDING).exists()
    if left or run.status != RunStatus.RUNNING:
        return False
    run.status, run.finished_at, run.finished_by = RunStatus.DONE, now, by
    run.version += 1
    run.save()
    _audit("adoption.finish", run, by, now)
    return True


def adopt_pending(run: Adoption, *, by: Actor, now: datetime, most: int) -> Counter[str]:
    """Move some of those left, each in its own transaction. Returns how many became what; empty when nobody is left."""
    found: Counter[str] = Counter()
    ids = pending(run, most)
    for start in range(0, len(ids), READ_AT_ONCE):
        some = ids[start : start + READ_AT_ONCE]
        quick = _ready(run, some, now)
        for item_id in some:
            status = _quickly(run, quick.get(item_id), now) or _with_locks(run, item_id, now)
            found[status.value if status else "elsewhere"] += 1
    return found


def _ready(run: Adoption, item_ids: Sequence[int], now: datetime) -> Mapping[int, Ready]:
    """What can go the quick way; nobody, where one of them cannot be worked out: then each stands for itself."""
    try:
        return ready(run, item_ids, run.requested_by, now)
    except UNREADABLE:
        tell_passed_over("adoption", run.public_id)
        return {}


def _quickly(run: Adoption, found: Ready | None, now: datetime) -> ItemStatus | None:
    if found is None:
        return None
    try:
        return adopt_ready(by=run.requested_by, now=now, run=run, found=found)
    except (ChangedMeanwhile, Refused):
        return None


def _with_locks(run: Adoption, item_id: int, now: datetime) -> ItemStatus | None:
    try:
        return adopt_item(by=run.requested_by, now=now, item_id=item_id, run=run)
    except Refused as refused:
        return refuse_item(by=run.requested_by, now=now, item_id=item_id, refused=refused)
    except UNREADABLE:
        tell_passed_over("enrollment", enrollment_of(item_id))
        why = Refused("not_readable", sentence("adoption.refused.not_readable"))
        return refuse_item(by=run.requested_by, now=now, item_id=item_id, refused=why)


def _version(public_id: UUID) -> ProgramVersion:
    found = ProgramVersion.objects.filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return published_version(found.program_id, public_id)


def _check_map(rows: Sequence[Enrollment], version: ProgramVersion, phase_map: PhaseMap) -> None:
    for row in rows:
        entered_phase(row, version, phase_map)


def _locked(public_id: UUID) -> Adoption:
    rows = Adoption.objects.select_for_update(no_key=True, of=("self",)).filter(public_id=public_id)
    found = rows.select_related("program", "to_version").first()
    if found is None:
        raise not_found()
    return found


def _audit(verb: str, run: Adoption, by: Actor, now: datetime, **details: object) -> None:
    known = {"program": run.program.key, "to_version": run.to_version.number, **details}
    audit.record(action=verb, by=by, now=now, subject=("adoption", run.public_id), details=known)
