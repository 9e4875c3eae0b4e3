"""What is owed today, and in which order: the one definition of overdue, used by every screen, the API and reports.

*Overdue*: open, and the last day of its window has passed in the zone where the day is counted. A contact due at 10:00
is not overdue at 16:00 of the same day.

*Order*: safety first (by severity, then oldest), then risk (the greater first), then lateness (oldest first), then the
clock. The same facts give the same order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence
from patients.rules.instruments import Severity

RETURN_TO_USE_DAYS = 14  # local default
DISCHARGE_DAYS = 7  # the 7-day window after discharge, days 1 to 7 (follow-up.md, FUI-like)
MISSED_CONTACTS = 2  # follow-up.md: two missed contacts step up the frequency


class LineKind(StrEnum):
    """The kind of work a line asks for."""

    SAFETY = "safety"
    CALL = "call"
    VISIT = "visit"
    FORM = "form"
    MESSAGE = "message"
    REPLY = "reply"
    GROUP = "group"
    REVIEW = "review"
    SIGN = "sign"
    COSIGN = "cosign"
    WARNING = "warning"
    LAPSING = "lapsing"


class LineType(StrEnum):
    """What stands behind a line: the record its public id names."""

    FOLLOW_UP = "follow_up"
    SAFETY_FLAG = "safety_flag"
    EVIDENCE_REVIEW = "evidence_review"
    OVERRIDE_REQUEST = "override_request"
    LEVEL_OF_CARE_ASSESSMENT = "level_of_care_assessment"
    REMINDER = "reminder"
    RETURN_TO_USE = "return_to_use"
    REPLY = "reply"
    SESSION = "session"
    PLAN_REVIEW = "plan_review"
    PLAN_SIGNATURE = "plan_signature"
    FIRST_VISIT = "first_visit"
    GATE_EVIDENCE = "gate_evidence"
    EARLY_WARNING = "early_warning"


class LineGroup(StrEnum):
    """The groups of Today, in their order."""

    SAFETY = "safety"
    HIGHER_RISK = "higher_risk"
    LATE = "late"
    DUE_TODAY = "due_today"


class Risk(StrEnum):
    """Why somebody is at higher risk, the gravest first. The last two are said by the line itself."""

    URGENT_FLAG = "urgent_flag"
    RETURN_TO_USE = "return_to_use"
    JUST_DISCHARGED = "just_discharged"
    MISSED_CONTACTS = "missed_contacts"
    EARLY_WARNING = "early_warning"
    LAPSING = "lapsing"


OF_THE_KIND = {LineKind.WARNING: Risk.EARLY_WARNING, LineKind.LAPSING: Risk.LAPSING}
"""Lines that are about a risk stand among those at higher risk, whoever they are about."""
PAPERS = frozenset(
    {LineType.PLAN_REVIEW, LineType.PLAN_SIGNATURE, LineType.OVERRIDE_REQUEST, LineType.LEVEL_OF_CARE_ASSESSMENT}
)
"""Reviews and signatures: somebody's risk does not put them before the contacts of others (local choice)."""
RAISED = frozenset({LineKind.SAFETY, LineKind.WARNING})
"""These are raised at a moment and stand until a person has seen to them: they are not due on a day, nor late."""


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What is known of a patient's present risk. `missed_in_a_row`: contacts unanswered since the last one reached."""

    return_to_use_on: date | None = None
    discharged_on: date | None = None
    open_urgent_flags: int = 0
    missed_in_a_row: int = 0


NO_RISK = RiskFacts()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing owed, as facts.

    public_id: of the record named by `type` · patient: None for work that is about no one person · due_at: the moment
    it is due (for safety: when it was raised) · zone: where its day is counted · window_days: days after the due day on
    which it is still in time · early_days: days before it on which it stands on the list already · closed: it has its
    outcome · severity: only for safety.
    """

    type: LineType
    kind: LineKind
    public_id: UUID
    patient: UUID | None
    due_at: datetime
    zone: str
    window_days: int = 0
    early_days: int = 0
    closed: bool = False
    severity: Severity | None = None
    risk: RiskFacts = field(default=NO_RISK)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list, in its group, with why the person is at higher risk, the gravest first."""

    item: Item
    group: LineGroup
    risks: tuple[Risk, ...]
    days_late: int

    @property
    def key(self) -> tuple[LineType, UUID]:
        """What names the line: two lines may be about one record."""
        return self.item.type, self.item.public_id


def last_day(due_on: date, window_days: int) -> date:
    """The last day on which something is in time."""
    return due_on + timedelta(days=window_days)


def is_overdue(due_on: date, window_days: int, today: date, *, closed: bool) -> bool:
    """THE definition: open, and its last day has passed."""
    return not closed and today > last_day(due_on, window_days)


def days_late(due_on: date, window_days: int, today: date) -> int:
    """Days since the last day on which it was in time; 0 while it is."""
    return max(0, (today - last_day(due_on, window_days)).days)


def risks(facts: RiskFacts, today: date) -> tuple[Risk, ...]:
    """Why a patient is at higher risk today, the gravest first; empty where nothing says so.

    An open urgent flag; a return to use in the last 14 days; the seven days after a discharge (the day itself counts
    too, for care should be on its way by then); two contacts in a row missed.
    """
    if facts is NO_RISK:
        return ()
    found = []
    if facts.open_urgent_flags > 0:
        found.append(Risk.URGENT_FLAG)
    if _within(facts.return_to_use_on, RETURN_TO_USE_DAYS, today):
        found.append(Risk.RETURN_TO_USE)
    if _within(facts.discharged_on, DISCHARGE_DAYS, today):
        found.append(Risk.JUST_DISCHARGED)
    if facts.missed_in_a_row >= MISSED_CONTACTS:
        found.append(Risk.MISSED_CONTACTS)
    return tuple(found)


def line(item: Item, now: datetime) -> Line | None:
    """The item as a line of today's list; None when it is closed or not yet due."""
    if item.closed:
        return None
    zone = ZoneInfo(item.zone)
    today, due_on = now.astimezone(zone).date(), item.due_at.astimezone(zone).date()
    if item.kind not in RAISED and (due_on - today).days > item.early_days:
        return None
    late = 0 if item.kind in RAISED else days_late(due_on, item.window_days, today)
    present = risks(item.risk, today) if item.type not in PAPERS else ()
    if item.kind in OF_THE_KIND:
        present = (*present, OF_THE_KIND[item.kind])
    return Line(item, _group(item, present, late), present, late)


def worklist(items: Iterable[Item], now: datetime) -> tuple[Line, ...]:
    """Today's list, in order."""
    lines = [found for item in items if (found := line(item, now)) is not None]
    return tuple(sorted(lines, key=place))


def tally(lines: Iterable[Line]) -> dict[LineGroup, int]:
    """How many lines each group holds; every group is named."""
    counts = dict.fromkeys(LineGroup, 0)
    for each in lines:
        counts[each.group] += 1
    return counts


def why_said(line: Line, why: Sentence) -> Sentence:
    """Why the line stands where it stands: the gravest risk first, where it is not what the line itself is about."""
    if line.group is not LineGroup.HIGHER_RISK or line.risks[0] in OF_THE_KIND.values():
        return why
    return sentence("worklist.why_at_risk", risk=line.risks[0], why=why)


def due_said(line: Line, now: datetime) -> Sentence:
    """When it is or was due, as seen from now, in the zone where its day is counted."""
    item = line.item
    zone = ZoneInfo(item.zone)
    if line.days_late:
        return sentence("worklist.late", days=line.days_late)
    due = item.due_at.astimezone(zone)
    if item.kind in RAISED:
        return sentence("worklist.raised", at=due)
    today = now.astimezone(zone).date()
    ends = last_day(due.date(), item.window_days)
    left = (ends - today).days
    if due.date() == today and not item.early_days:
        return sentence("worklist.due_at", at=due.time())
    if not left:
        return sentence("worklist.last_day")
    if item.window_days:
        return sentence("worklist.in_window", left=left, until=ends)
    return sentence("worklist.tomorrow") if left == 1 else sentence("worklist.on", on=ends)


def _within(day: date | None, days: int, today: date) -> bool:
    return day is not None and 0 <= (today - day).days <= days


def _group(item: Item, present: tuple[Risk, ...], late: int) -> LineGroup:
    if item.kind is LineKind.SAFETY:
        return LineGroup.SAFETY
    if present:
        return LineGroup.HIGHER_RISK
    return LineGroup.LATE if late else LineGroup.DUE_TODAY


_PLACES = {each: place for place, each in enumerate((*LineGroup, *Risk))}


def place(each: Line) -> tuple[int, int, int, int, datetime, str, str]:
    """Where a line stands in the order of the list; no other stands there."""
    severity = each.item.severity.rank if each.item.severity else 0
    gravest = _PLACES[each.risks[0]] if each.risks else len(_PLACES)
    in_safety = each.group is LineGroup.SAFETY
    return (
        _PLACES[each.group],
        -severity if in_safety else gravest,
        0 if in_safety else -len(each.risks),
        -each.days_late,
        each.item.due_at,
        str(each.item.public_id),
        each.item.type,
    )
