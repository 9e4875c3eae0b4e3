"""The events contacts count from, while an enrollment stands as it does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from pathways.models import Enrollment, PhaseStay, ReturnToUse, Transition
from pathways.rules.follow_ups import Anchor
from pathways.rules.moves import OPENINGS, WAITING, EnrollmentStatus, MoveKind
from pathways.rules.programs import AnchorKind

WAITS = {MoveKind.PROPOSE: AnchorKind.PROPOSAL, MoveKind.WAITLIST: AnchorKind.WAITLIST}
HOLDS = {MoveKind.HOLD: AnchorKind.HOLD}
ANCHORING = (*WAITS, *HOLDS, *OPENINGS)
READ = ("public_id", "enrollment", "kind", "effective_at", "recorded_at")
"""What an anchor takes from a transition: not the facts and the decision it rested on."""


def anchor_of(enrollment: Enrollment, kind: AnchorKind, transition: Transition, phase_key: str | None = None) -> Anchor:
    """A transition as an anchor: its day at the site, and the day it was known."""
    zone = enrollment.site.zone
    return Anchor(
        kind=kind,
        event_id=transition.public_id,
        on=_day(transition.effective_at, zone),
        known_on=_day(transition.recorded_at, zone),
        phase=phase_key,
    )


def phase_anchor(enrollment: Enrollment, transition: Transition, phase_key: str | None) -> Anchor:
    """The entry into a phase as an anchor."""
    return anchor_of(enrollment, AnchorKind.PHASE_ENTRY, transition, phase_key)


def return_anchor(enrollment: Enrollment, row: ReturnToUse) -> Anchor:
    """A return to use as an anchor: its day at the site, and the day it was known."""
    zone = enrollment.site.zone
    return Anchor(
        kind=AnchorKind.RETURN_TO_USE,
        event_id=row.public_id,
        on=_day(row.effective_at, zone),
        known_on=_day(row.recorded_at, zone),
    )


def anchors_of(row: Enrollment) -> list[Anchor]:
    """Its wait, or its hold, or its admission and its phase."""
    return anchors_for([row])[row.pk]


def anchors_for(rows: Collection[Enrollment]) -> dict[int, list[Anchor]]:
    """The anchors of each, by id: two queries for any number of them. `site` must be loaded."""
    moves: dict[int, list[Transition]] = {each.pk: [] for each in rows}
    standing = Transition.objects.filter(enrollment__in=list(moves), kind__in=ANCHORING, reversed_by__isnull=True)
    for move in standing.only(*READ).order_by("effective_at", "pk"):
        moves[move.enrollment_id].append(move)
    stays = {each.enrollment_id: each for each in _open_stays(rows)}
    return {each.pk: list(_anchors(each, moves[each.pk], stays.get(each.pk))) for each in rows}


def _open_stays(rows: Collection[Enrollment]) -> QuerySet[PhaseStay]:
    active = [each.pk for each in rows if each.status == EnrollmentStatus.ACTIVE]
    stays = PhaseStay.objects.filter(enrollment__in=active, ended_at__isnull=True)
    return stays.select_related("phase", "opened_by_transition").only(
        "enrollment", "phase__key", *(f"opened_by_transition__{name}" for name in READ)
    )


def _anchors(row: Enrollment, moves: Sequence[Transition], stay: PhaseStay | None) -> Iterator[Anchor]:
    if row.status in WAITING:
        yield from _newest(row, moves, WAITS)
    elif row.status == EnrollmentStatus.ON_HOLD:
        yield from _newest(row, moves, HOLDS)
    else:
        opened = next((each for each in moves if each.kind in OPENINGS), None)
        if opened is not None:
            yield anchor_of(row, AnchorKind.ADMISSION, opened)
        if stay is not None:
            yield anchor_of(row, AnchorKind.PHASE_ENTRY, stay.opened_by_transition, stay.phase.key)


def _newest(row: Enrollment, moves: Sequence[Transition], kinds: Mapping[MoveKind, AnchorKind]) -> Iterator[Anchor]:
    newest = next((each for each in reversed(moves) if each.kind in kinds), None)
    if newest is not None:
        yield anchor_of(row, kinds[MoveKind(newest.kind)], newest)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
