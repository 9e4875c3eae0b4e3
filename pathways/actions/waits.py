"""Waiting for a place: put in line, offered a place that is held, accepted, declined, lapsed, withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.capacity import must_be_free
from pathways.actions.enrollments import admit, discharge, waitlist
from pathways.actions.enrollments.gating import SetAside
from pathways.actions.enrollments.locking import locked, locked_patient, locked_with_person
from pathways.actions.enrollments.stays import enter_level
from pathways.models import Enrollment, LevelStay, PlaceOffer, Transition, WaitlistEntry
from pathways.queries.capacity import places_at
from pathways.queries.waits import TOGETHER, lapsed
from pathways.queries.waits import offer as visible_offer
from pathways.queries.waits import wait as visible_wait
from pathways.rules.capacity import (
    NO_LEVEL,
    DeclineReason,
    OfferAnswer,
    PlaceKind,
    WaitPriority,
    WaitReason,
    WaitStatus,
    hold_problem,
)
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason, EnrollmentStatus
from patients.rules.texts import text_problem

NOTE_LIMIT = 300


@action(Permission.WAITLIST_WORK, "wait.put")
def put_on_waitlist(
    *,
    by: Actor,
    now: datetime,
    patient_id: UUID,
    program_key: str,
    site_id: UUID | None = None,
    level: Level | None = None,
    kind: PlaceKind = PlaceKind.PLACE,
    priority: WaitPriority = WaitPriority.ROUTINE,
    reason: WaitReason = WaitReason.NO_PLACE,
    note: str = "",
) -> WaitlistEntry:
    """Put somebody in line for a place: their enrollment is waitlisted, with its day of review, until they begin.

    Raises Refused as `enrollments.waitlist` does, 409 `wait_one_open`, 422 with `note`.
    """
    _check_note(note)
    patient = locked_patient(by, patient_id)
    standing = Enrollment.objects.filter(
        patient=patient, program__key=program_key, status=EnrollmentStatus.WAITLISTED, waits__isnull=True
    ).first()
    row = (
        locked(by, standing.public_id)
        if standing is not None
        else waitlist(by=by, now=now, patient_id=patient_id, program_key=program_key, site_id=site_id, note=note)
    )
    made = WaitlistEntry.objects.create(
        enrollment=row,
        site=row.site,
        program=row.program,
        level=level or NO_LEVEL,
        kind=kind,
        priority=priority,
        reason=reason,
        note=note.strip(),
        waiting_since=row.opened_at if standing is not None else now,
        recorded_at=now,
        recorded_by=by,
    )
    _record(made, "wait.put", by, now, {"priority": priority.value, "reason": reason.value})
    return made


@action(Permission.WAITLIST_WORK, "wait.change")
def change_wait(
    *,
    by: Actor,
    now: datetime,
    wait_id: UUID,
    priority: WaitPriority,
    reason: WaitReason,
    note: str = "",
    expected_version: int | None = None,
) -> WaitlistEntry:
    """How urgent the wait is, and why they wait. The day they began to wait stays.

    Raises Refused: 404, 412, 409 `wait_ended`, 422 with `note`.
    """
    _check_note(note)
    row = _locked(by, wait_id, expected_version)
    row.priority, row.reason, row.note = priority, reason, note.strip()
    _save(row, "priority", "reason", "note")
    _record(row, "wait.change", by, now, {"priority": priority.value, "reason": reason.value})
    return row


@action(Permission.WAITLIST_WORK, "wait.offer")
def offer_place(
    *,
    by: Actor,
    now: datetime,
    wait_id: UUID,
    expires_at: datetime,
    despite_full: str = "",
    expected_version: int | None = None,
) -> PlaceOffer:
    """Offer a place and hold it until it is answered or lapses.

    Raises Refused: 404, 412, 409 `wait_not_waiting` or `place_none_free` (unless `despite_full` says why, and the
    actor may set the places), 422 with `expires_at` or `despite_full`.
    """
    _check_note(despite_full, "despite_full")
    row = _locked(by, wait_id, expected_version)
    if row.status != WaitStatus.WAITING:
        raise Refused("wait_not_waiting", sentence("wait.refused.not_waiting"))
    problem = hold_problem(expires_at, now)
    if problem is not None:
        raise bad_input(expires_at=problem)
    places = places_at(row.site, row.program, row.level, row.kind, now=now, lock=True)
    must_be_free(places, despite_full, by)
    made = PlaceOffer.objects.create(
        wait=row, offered_at=now, offered_by=by, expires_at=expires_at, note=despite_full.strip()
    )
    row.status = WaitStatus.OFFERED
    _save(row, "status")
    full = places is not None and places.free <= 0
    _record(row, "wait.offer", by, now, {"offer": str(made.public_id), "despite_full": full})
    return made


@action(Permission.WAITLIST_WORK, "wait.accept")
def accept_offer(
    *,
    by: Actor,
    now: datetime,
    offer_id: UUID,
    counselor_id: UUID | None = None,
    effective_at: datetime | None = None,
    note: str = "",
    set_aside: SetAside | None = None,
    language: str = "en",
) -> Transition:
    """The place is taken: the person is admitted through the program's entry gate, at the level of the place where no
    other is decided. Where the gate is not met nothing changes, and the place stays held.

    Raises Refused: 404, 409 `offer_answered` or `offer_lapsed`, and as `enrollments.admit` does.
    """
    offer = _open_offer(by, offer_id, now)
    enrollment = offer.wait.enrollment
    began = admit(
        by=by,
        now=now,
        enrollment_id=enrollment.public_id,
        counselor_id=counselor_id,
        effective_at=effective_at,
        note=note,
        set_aside=set_aside,
        language=language,
    )
    if offer.wait.level and not LevelStay.objects.filter(enrollment=enrollment, ended_at__isnull=True).exists():
        enter_level(began.enrollment, offer.wait.level, began.effective_at)
    _record(offer.wait, "wait.accept", by, now, {"offer": str(offer_id)})
    return began


@action(Permission.WAITLIST_WORK, "wait.decline")
def decline_offer(*, by: Actor, now: datetime, offer_id: UUID, reason: DeclineReason, note: str = "") -> PlaceOffer:
    """Not this time: the place is free for others, and the person keeps theirs in line.

    Raises Refused: 404, 409 `offer_answered` or `offer_lapsed`, 422 with `note`.
    """
    _check_note(note)
    offer = _open_offer(by, offer_id, now)
    offer.decline_reason = reason
    offer.note = note.strip() or offer.note
    return _answered(offer, OfferAnswer.DECLINED, "wait.decline", by, now)


@action(Permission.WAITLIST_WORK, "wait.take_back")
def take_back_offer(*, by: Actor, now: datetime, offer_id: UUID, note: str = "") -> PlaceOffer:
    """The clinic takes an offer back: the person waits on, where they stood.

    Raises Refused: 404, 409 `offer_answered`, 422 with `note`.
    """
    _check_note(note)
    offer = _open_offer(by, offer_id, None)
    offer.note = note.strip() or offer.note
    return _answered(offer, OfferAnswer.TAKEN_BACK, "wait.take_back", by, now)


@action(None, "wait.lapse")
def lapse_offer(*, by: Actor, now: datetime, offer_id: UUID) -> PlaceOffer | None:
    """An offer nobody answered in time ends; the person waits on. None where it was answered meanwhile."""
    try:
        offer = _open_offer(by, offer_id, None)
    except Refused:
        return None
    return _answered(offer, OfferAnswer.LAPSED, "wait.lapse", by, now) if offer.expires_at <= now else None


def lapse_offers(*, by: Actor, now: datetime) -> int:
    """Each offer whose time has passed, in a transaction of its own. Returns how many lapsed."""
    return sum(lapse_offer(by=by, now=now, offer_id=each) is not None for each in lapsed(now))


@action(Permission.WAITLIST_WORK, "wait.withdraw")
def withdraw(
    *,
    by: Actor,
    now: datetime,
    wait_id: UUID,
    reason: DischargeReason,
    note: str = "",
    expected_version: int | None = None,
) -> WaitlistEntry:
    """Somebody no longer waits: the enrollment ends as left, with its reason, and an open offer is taken back.

    Raises Refused: 404, 412, 409 `wait_ended`, and as `enrollments.discharge` does.
    """
    row = _locked(by, wait_id, expected_version)
    discharge(by=by, now=now, enrollment_id=row.enrollment.public_id, reason=reason, note=note)
    row.refresh_from_db()
    _record(row, "wait.withdraw", by, now, {"reason": reason.value})
    return row


def _check_note(note: str, field: str = "note") -> None:
    problem = text_problem(note, limit=NOTE_LIMIT, lines=True)
    if problem is not None:
        raise bad_input(**{field: problem})


def _locked(by: Actor, wait_id: UUID, expected_version: int | None = None) -> WaitlistEntry:
    """The person, the enrollment, then the wait, as all are now. Raises Refused: foreign, changed (412), over."""
    seen = visible_wait(by, wait_id)
    row = _held(by, seen.pk, seen.enrollment.public_id)
    if expected_version is not None and row.version != expected_version:
        raise stale()
    if row.ended_at is not None:
        raise Refused("wait_ended", sentence("wait.refused.ended"))
    return row


def _held(by: Actor, pk: int, enrollment_id: UUID) -> WaitlistEntry:
    enrollment = locked_with_person(by, enrollment_id)
    WaitlistEntry.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    row = WaitlistEntry.objects.select_related(*TOGETHER).get(pk=pk)
    row.enrollment = enrollment
    return row


def _open_offer(by: Actor, offer_id: UUID, now: datetime | None) -> PlaceOffer:
    """An offer without an answer under its locks; with `now`, one that has not lapsed either."""
    seen = visible_offer(by, offer_id)
    wait = _held(by, seen.wait_id, seen.wait.enrollment.public_id)
    offer = PlaceOffer.objects.select_for_update(no_key=True, of=("self",)).get(pk=seen.pk)
    offer.wait = wait
    if offer.answer:
        raise Refused("offer_answered", sentence("wait.refused.answered", answer=OfferAnswer(offer.answer)))
    if now is not None and offer.expires_at <= now:
        at = offer.expires_at.astimezone(wait.site.zone)
        raise Refused("offer_lapsed", sentence("wait.refused.lapsed", at=at))
    return offer


def _answered(offer: PlaceOffer, answer: OfferAnswer, verb: str, by: Actor, now: datetime) -> PlaceOffer:
    offer.answer, offer.answered_at, offer.answered_by = answer, now, by
    offer.save(update_fields=["answer", "answered_at", "answered_by", "decline_reason", "note"])
    offer.wait.status = WaitStatus.WAITING
    _save(offer.wait, "status")
    _record(offer.wait, verb, by, now, {"offer": str(offer.public_id), "answer": answer.value})
    return offer


def _save(row: WaitlistEntry, *names: str) -> None:
    row.version += 1
    row.save(update_fields=[*names, "version"])


def _record(row: WaitlistEntry, verb: str, by: Actor, now: datetime, details: Mapping[str, object]) -> None:
    audit.record(
        action=verb,
        by=by,
        now=now,
        subject=("wait", row.public_id),
        patients=[row.enrollment.patient.public_id],
        details={"enrollment": str(row.enrollment.public_id), **details},
    )
