"""Planning again what is still to come, by the rules as they read now: worked out for many at once, nothing stored.

What was due stays owed as it is. The changes are written one enrollment at a time (`changes.write`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from clinic.models import Actor
from pathways.actions.follow_ups.anchors import anchors_for, return_anchor
from pathways.actions.follow_ups.changes import Change
from pathways.actions.follow_ups.planning import planned_row
from pathways.actions.follow_ups.steps import begin, go_on
from pathways.actions.reminders.plan import planned as planned_reminders
from pathways.models import Enrollment, FollowUp, ProgramVersion, Reminder, ReturnToUse
from pathways.queries.adaptations import documents_for
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import (
    Anchor,
    ExistingFollowUp,
    Outcome,
    Place,
    PlannedFollowUp,
    place_in,
    plan,
    replan,
    rules_for,
    still_to_come,
)
from pathways.rules.programs import AnchorKind, ProgramDocument
from pathways.rules.reminders import ReminderStatus

COLUMNS = (
    "enrollment_id", "pk", "version", "anchor_kind", "ladder", "rung", "cancelled_by_transition_id",
    "public_id", "rule_key", "anchor_id", "occurrence", "due_on", "due_time", "time_zone", "outcome", "by_hand", "need",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stands:
    """A stored contact, as planning reads it."""

    pk: int
    version: int
    anchor_kind: str
    ladder: str
    rung: int
    cancelled_by_move: bool
    contact: ExistingFollowUp

    @property
    def goes_on(self) -> bool:
        """Open, or ended by a move alone, which may be undone; what ended otherwise stays as it ended."""
        return self.contact.outcome is None or self.cancelled_by_move

    def belongs_to(self, anchor: Anchor) -> bool:
        return self.contact.anchor_event_id == anchor.event_id and self.anchor_kind == anchor.kind


def changes_of(
    rows: Collection[Enrollment],
    by: Actor,
    now: datetime,
    *,
    came_from: Mapping[int, ProgramVersion] | None = None,
    lock: bool = False,
) -> dict[int, Change]:
    """What planning again changes for each, by id: the same queries for any number of them.

    The rows stand on the version they are planned by, with `patient`, `site` and `counselor` loaded. `came_from`: the
    version they stood on before, by id, where it is another. `lock`: take the contacts under lock, so that `write`
    finds them as they are seen here.
    """
    stands = _standing(rows, lock)
    anchors, returns, documents = anchors_for(rows), _newest_returns(rows), _documents(rows, now)
    found: dict[int, Change] = {}
    moves: dict[int, PlannedFollowUp] = {}
    places: dict[int, Place] = {}
    for row in rows:
        own = stands[row.pk]
        open_now = [each.version for each in own if each.contact.outcome is None]
        change = found[row.pk] = Change(row.pk, (len(open_now), sum(open_now)))
        before = (came_from or {}).get(row.pk, row.program_version)
        places |= _places([each for each in own if each.goes_on], document_of(row.program_version), document_of(before))
        for anchor in (*anchors[row.pk], *_still_owed(row, returns.get(row.pk), own)):
            moves |= _plan_anchor(change, row, anchor, own, documents[row.pk], by, now)
    by_id = {row.pk: row for row in rows}
    _move(found, by_id, moves)
    _fit(found, by_id, places, now)
    begin([each for change in found.values() for each in (*change.new, *change.moved)])
    _write_to(found, now, lock)
    return found


def _standing(rows: Collection[Enrollment], lock: bool) -> dict[int, list[Stands]]:
    kept = FollowUp.objects.filter(enrollment__in=[each.pk for each in rows]).order_by("pk")
    if lock:
        kept = kept.select_for_update(no_key=True, of=("self",))
    found: dict[int, list[Stands]] = defaultdict(list)
    for row_id, pk, version, anchor_kind, ladder, rung, cancelled_by, *contact in kept.values_list(*COLUMNS):
        found[row_id].append(Stands(pk, version, anchor_kind, ladder, rung, bool(cancelled_by), _contact(*contact)))
    return found


def _contact(
    public_id: UUID, rule: str, anchor: UUID, number: int, on: date, at: time, zone: str, outcome: str, *told: Any
) -> ExistingFollowUp:
    ended = Outcome(outcome) if outcome else None
    return ExistingFollowUp(public_id, rule, anchor, number, on, at, zone, ended, *told)


def _documents(rows: Collection[Enrollment], now: datetime) -> dict[int, ProgramDocument]:
    """The program as it reads for each today, where they are."""
    days: dict[date, list[Enrollment]] = defaultdict(list)
    for each in rows:
        days[now.astimezone(each.site.zone).date()].append(each)
    return {pk: document for on, together in days.items() for pk, document in documents_for(together, on).items()}


def _newest_returns(rows: Collection[Enrollment]) -> dict[int, ReturnToUse]:
    told = ReturnToUse.objects.filter(enrollment__in=[each.pk for each in rows]).order_by("effective_at", "pk")
    return {each.enrollment_id: each for each in told}


def _still_owed(row: Enrollment, newest: ReturnToUse | None, stands: Iterable[Stands]) -> list[Anchor]:
    """The newest return to use, where contacts after it are still owed; it replaced those of earlier ones."""
    if newest is None:
        return []
    anchor = return_anchor(row, newest)
    owed = any(each.belongs_to(anchor) and each.contact.outcome is None for each in stands)
    return [anchor] if owed else []


def _places(stands: Iterable[Stands], new: ProgramDocument, old: ProgramDocument) -> dict[int, Place]:
    """Where contacts go on that do not stand as they stood."""
    known: dict[tuple[str, str, int], Place | None] = {}
    found = {}
    for each in stands:
        key = (each.contact.rule_key, each.ladder, each.rung)
        if key not in known:
            known[key] = place_in(new, old, rule_key=each.contact.rule_key, ladder=each.ladder, rung=each.rung)
        place = known[key]
        if place is not None:
            found[each.pk] = place
    return found


def _plan_anchor(
    change: Change,
    row: Enrollment,
    anchor: Anchor,
    stands: Iterable[Stands],
    document: ProgramDocument,
    by: Actor,
    now: datetime,
) -> dict[int, PlannedFollowUp]:
    """Put what is new and what ends into the change. Returns where the contacts that move go, by id."""
    today = now.astimezone(row.site.zone).date()
    own = [
        each for each in stands if (each.anchor_kind, each.contact.anchor_event_id) == (anchor.kind, anchor.event_id)
    ]
    existing, ids = [each.contact for each in own], {each.contact.public_id: each.pk for each in own}
    wanted = plan(rules_for(document, anchor.kind, anchor.phase), anchor, existing, row.patient.time_zone)
    difference = still_to_come(replan(existing, wanted), now)
    change.new += [planned_row(each, row, by, now) for each in difference.to_create if each.last_day >= today]
    change.ended += [ids[each.public_id] for each in difference.to_cancel]
    moves = {ids[old.public_id]: to for old, to in difference.to_move}
    return moves | _owed_again(own, wanted, anchor, now)


def _owed_again(
    stands: Iterable[Stands], wanted: Iterable[PlannedFollowUp], anchor: Anchor, now: datetime
) -> dict[int, PlannedFollowUp]:
    """Contacts a change of the plan had ended and that the plan owes again. Reviews of a hold stay replaced."""
    ended = {
        each.contact.key: each.pk
        for each in stands
        if each.contact.outcome is Outcome.SUPERSEDED and not each.cancelled_by_move
    }
    if not ended or anchor.kind is AnchorKind.HOLD:
        return {}
    return {ended[each.key]: each for each in wanted if each.key in ended and each.due_at > now}


def _move(found: Mapping[int, Change], rows: Mapping[int, Enrollment], moves: Mapping[int, PlannedFollowUp]) -> None:
    """Give contacts their new date (not saved), on the ladder their rule has now."""
    for each in _loaded(moves, rows):
        to = moves[each.pk]
        each.due_on, each.due_time, each.time_zone, each.due_at = to.due_on, to.due_time, to.zone, to.due_at
        each.ladder = to.ladder
        each.outcome, each.closed_at, each.closed_by = "", None, None
        each.plan_version += 1
        found[each.enrollment_id].moved.append(each)


def _fit(
    found: Mapping[int, Change], rows: Mapping[int, Enrollment], places: Mapping[int, Place], now: datetime
) -> None:
    """Contacts that keep their date stand where they go on (not saved); what moves or ends is left out."""
    other = {pk for change in found.values() for pk in (*change.ended, *(each.pk for each in change.moved))}
    kept = [(each, places[each.pk]) for each in _loaded(places.keys() - other, rows)]
    if kept:
        go_on(kept, now)
    for each, place in kept:
        found[each.enrollment_id].fitted.append(each)
        if place.begins_anew and not each.outcome:
            found[each.enrollment_id].begun.append(each)


def _loaded(ids: Collection[int], rows: Mapping[int, Enrollment]) -> list[FollowUp]:
    """The contacts of these ids, with what planning reads of them."""
    found = list(FollowUp.objects.filter(pk__in=list(ids)).order_by("pk")) if ids else []
    for each in found:
        row = rows[each.enrollment_id]
        each.enrollment, each.patient = row, row.patient
        if each.site_id == row.site_id:
            each.site = row.site
    return found


def _write_to(found: Mapping[int, Change], now: datetime, lock: bool) -> None:
    """Plan the messages: one that waits already, for the same step and address, is carried along with its contact."""
    waiting = _waiting([each.pk for change in found.values() for each in change.moved], lock)
    rows = [e for change in found.values() for e in (*change.new, *change.moved, *change.begun)]
    for message in planned_reminders(rows, now):
        if message.follow_up is not None:
            change = found[message.follow_up.enrollment_id]
            message.pk = waiting.get((message.follow_up_id, message.rung, message.contact_point_id))
            (change.messages if message.pk is None else change.carried).append(message)


def _waiting(follow_ups: Collection[int], lock: bool) -> dict[tuple[int | None, int, int], int]:
    """Messages that were never tried, by their follow-up, step and address."""
    rows = Reminder.objects.filter(follow_up__in=follow_ups, status=ReminderStatus.PLANNED, tries=0).order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    told = rows.values_list("follow_up_id", "rung", "contact_point_id", "pk")
    return {(follow_up, rung, point): pk for follow_up, rung, point, pk in told}
