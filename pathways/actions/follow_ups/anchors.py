"""The events contacts count from, while an enrollment stands as it does."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pathways.models import Enrollment, FollowUp, PhaseStay, ReturnToUse, Transition
from pathways.rules.follow_ups import Anchor
from pathways.rules.moves import OPENINGS, WAITING, EnrollmentStatus, MoveKind
from pathways.rules.programs import AnchorKind

WAITS = {MoveKind.PROPOSE: AnchorKind.PROPOSAL, MoveKind.WAITLIST: AnchorKind.WAITLIST}


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


def anchors_of(row: Enrollment) -> Iterator[Anchor]:
    """Its wait, or its hold, or its admission and its phase."""
    if row.status in WAITING:
        yield from _newest(row, WAITS)
    elif row.status == EnrollmentStatus.ON_HOLD:
        yield from _newest(row, {MoveKind.HOLD: AnchorKind.HOLD})
    else:
        yield from _under_way(row)


def open_returns(row: Enrollment) -> Iterator[Anchor]:
    """The newest return to use, where contacts after it are still owed; it replaced those of earlier ones."""
    newest = ReturnToUse.objects.filter(enrollment=row).order_by("-effective_at", "-pk").first()
    owed = FollowUp.objects.open().filter(enrollment=row, anchor_kind=AnchorKind.RETURN_TO_USE)
    if newest is not None and owed.filter(anchor_id=newest.public_id).exists():
        yield return_anchor(row, newest)


def _newest(row: Enrollment, kinds: dict[MoveKind, AnchorKind]) -> Iterator[Anchor]:
    standing = row.transitions.filter(kind__in=kinds, reversed_by__isnull=True)
    newest = standing.order_by("-effective_at", "-pk").first()
    if newest is not None:
        yield anchor_of(row, kinds[MoveKind(newest.kind)], newest)


def _under_way(row: Enrollment) -> Iterator[Anchor]:
    opened = row.transitions.filter(kind__in=OPENINGS).first()
    if opened is not None:
        yield anchor_of(row, AnchorKind.ADMISSION, opened)
    stays = PhaseStay.objects.filter(enrollment=row, ended_at__isnull=True)
    for stay in stays.select_related("phase", "opened_by_transition"):
        yield anchor_of(row, AnchorKind.PHASE_ENTRY, stay.opened_by_transition, stay.phase.key)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
