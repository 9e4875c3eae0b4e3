"""What may become of a place, and what a session is by what became of its places.

A place is booked, then checked in, then attended; or somebody did not come; or it was cancelled, by whom is kept. A
check-in can be taken back, and somebody thought absent can still come. What was documented is amended, never redone.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.sessions.words import AttendanceStatus, SessionKind, SessionStatus

A = AttendanceStatus

OPEN_PLACES = (A.BOOKED, A.CHECKED_IN)
CANCELLATIONS = (A.CANCELLED_BY_PATIENT, A.CANCELLED_BY_CLINIC)

# From -> to, before the session is documented.
CHANGES: Mapping[AttendanceStatus, frozenset[AttendanceStatus]] = MappingProxyType(
    {
        A.BOOKED: frozenset({A.CHECKED_IN, A.ATTENDED, A.NO_SHOW, *CANCELLATIONS}),
        A.CHECKED_IN: frozenset({A.BOOKED, A.ATTENDED, A.NO_SHOW, *CANCELLATIONS}),
        A.NO_SHOW: frozenset({A.CHECKED_IN, A.ATTENDED}),
        A.ATTENDED: frozenset(),
        A.CANCELLED_BY_PATIENT: frozenset(),
        A.CANCELLED_BY_CLINIC: frozenset(),
    }
)
# Once documented, only the account of who came is corrected.
AMENDMENTS: Mapping[AttendanceStatus, frozenset[AttendanceStatus]] = MappingProxyType(
    {
        A.ATTENDED: frozenset({A.ATTENDED, A.NO_SHOW}),
        A.NO_SHOW: frozenset({A.NO_SHOW, A.ATTENDED}),
    }
)


def change_problem(now_is: AttendanceStatus, wanted: AttendanceStatus, *, documented: bool = False) -> Sentence | None:
    """Why a place cannot become this, or None."""
    table = AMENDMENTS if documented else CHANGES
    if wanted in table.get(now_is, frozenset()):
        return None
    return sentence("session.refused.change", status=now_is, wanted=wanted)


def check_in_problem(starts_at: datetime, now: datetime, zone: ZoneInfo) -> Sentence | None:
    """People are checked in on the day itself, in the site's zone, or afterwards for one that is not documented."""
    if now.astimezone(zone).date() < starts_at.astimezone(zone).date():
        return sentence("session.refused.check_in_early", on=starts_at.astimezone(zone).date())
    return None


def no_show_problem(starts_at: datetime, now: datetime) -> Sentence | None:
    """Nobody is said not to have come before it began."""
    return sentence("session.refused.not_begun") if now < starts_at else None


def document_problem(status: SessionStatus, starts_at: datetime, now: datetime, *, documented: bool) -> Sentence | None:
    """Why a session cannot be documented now: cancelled, documented already (it is amended), or not begun."""
    if status == SessionStatus.CANCELLED:
        return sentence("session.refused.cancelled")
    if documented:
        return sentence("session.refused.documented")
    return sentence("session.refused.not_begun") if now < starts_at else None


def status_of(kind: SessionKind, places: Collection[AttendanceStatus], *, documented: bool = False) -> SessionStatus:
    """What the session is, by its places: held or nobody came once documented, else checked in, booked, or nobody came.

    A group without a soul in it is still booked until it is documented; a cancelled session stays so (not asked here).
    """
    if documented:
        return SessionStatus.HELD if A.ATTENDED in places else SessionStatus.NO_SHOW
    if A.CHECKED_IN in places:
        return SessionStatus.CHECKED_IN
    if kind == SessionKind.INDIVIDUAL and A.BOOKED not in places and A.NO_SHOW in places:
        return SessionStatus.NO_SHOW
    return SessionStatus.BOOKED
