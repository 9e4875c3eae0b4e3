"""What happened, as lines of a timeline (`partials/timeline.html`)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import say
from pathways.models import FollowUp, LevelOfCareAssessment, LevelTransfer, ReturnToUse, Transition
from pathways.queries.courses import move_reason, move_title
from pathways.queries.timeline import Happening
from pathways.rules.capacity import LevelReason
from pathways.rules.follow_ups import Outcome
from pathways.rules.levels import Level
from pathways.rules.moves import MoveKind
from pathways.rules.worklist import days_late
from pathways.web.lines import Reader
from pathways.web.return_notices import what_happened
from patients.models import Assessment, SafetyFlag
from patients.queries.assessments import definition_of
from patients.queries.flags import cause_of
from patients.rules.instruments import band_sentence

Shown = dict[str, Any]
MOVES = {
    MoveKind.PROPOSE: "calendar-plus",
    MoveKind.WAITLIST: "hourglass",
    MoveKind.ADOPT_VERSION: "git-compare",
    MoveKind.ADMIT: "door-enter",
    MoveKind.READMIT: "door-enter",
    MoveKind.ADVANCE: "stairs-up",
    MoveKind.STEP_BACK: "repeat",
    MoveKind.HOLD: "player-pause",
    MoveKind.RESUME: "player-play",
    MoveKind.DISCHARGE: "door-exit",
    MoveKind.REVERSE: "arrow-back-up",
}


def line(happening: Happening, reader: Reader, zone: ZoneInfo) -> Shown:
    """One line; its day is counted at the person's site."""
    at, row = happening.at.astimezone(zone), happening.row
    match row:
        case Transition():
            shown = _move(row, reader, zone)
        case Assessment():
            shown = _form(row, reader)
        case SafetyFlag():
            shown = _flag(row, zone)
        case FollowUp():
            shown = _contact(row, reader)
        case ReturnToUse():
            shown = _return(row, reader)
        case LevelOfCareAssessment():
            shown = _level(row)
        case LevelTransfer():
            shown = _level_changed(row)
    return {"on": at, "key": False, **shown}


def _move(row: Transition, reader: Reader, zone: ZoneInfo) -> Shown:
    reads, by = reader.reads_words(row.recorded_by_id), row.recorded_by.name
    reason = move_reason(row, reader.language, words=reads)
    details = [sentence("timeline.with_reason", reason=reason.rstrip("."), by=by) if reason else by]
    if reads and row.note and row.note[:60] != reason:
        details.append(row.note)
    if reads and row.override:
        details.append(_set_aside(row, reader))
    undone = getattr(row, "reversed_by", None)
    if undone is not None:
        details.append(sentence("timeline.undone", on=undone.recorded_at.astimezone(zone).date()))
    told = [say(each, reader.language) if isinstance(each, Sentence) else each for each in details]
    return {
        "icon": MOVES.get(MoveKind(row.kind), "transfer"),
        "title": move_title(row, reader.language),
        "detail": " ".join(f"{each.rstrip('.')}." for each in told),
        "key": True,
    }


def _set_aside(row: Transition, reader: Reader) -> Sentence:
    keys = row.override["criteria"] if row.override else []
    kept = row.decision_text.get("criteria", []) if isinstance(row.decision_text, dict) else []
    what = [each["sentence"] for each in kept if each["key"] in keys] or keys
    if row.cosigned_by is None:
        return sentence("timeline.set_aside_alone", what=what)
    return sentence("timeline.set_aside", by=row.cosigned_by.name, what=what)


def _form(row: Assessment, reader: Reader) -> Shown:
    definition = definition_of(row.instrument, row.definition_version)
    return {
        "icon": "clipboard-check",
        "title": _found(row, definition.short_name),
        "detail": row.recorded_by.name,
        "href": reverse("assessment", args=[row.public_id]) if reader.may(Permission.ASSESSMENT_READ) else "",
    }


def _found(row: Assessment, name: str) -> Sentence:
    if row.scoring_status != "complete":
        return sentence("timeline.form_incomplete", name=name)
    band = band_sentence(row.band) if isinstance(row.band, str) else None
    found = band
    if row.total is not None and band:
        found = sentence("timeline.total_band", total=row.total, band=band)
    elif row.total is not None:
        found = sentence("timeline.total", total=row.total)
    return sentence("timeline.form", name=name, found=found) if found else sentence("timeline.form_done", name=name)


def _flag(row: SafetyFlag, zone: ZoneInfo) -> Shown:
    detail = sentence("timeline.flag_open")
    if row.closed_at is not None and row.closed_by is not None:
        on = row.closed_at.astimezone(zone).date()
        detail = sentence("timeline.flag_closed", on=on, by=row.closed_by.name, what=row.action_taken)
    href = reverse("flag", args=[row.public_id])
    return {"icon": "flag", "title": cause_of(row).said, "detail": detail, "href": href}


def _contact(row: FollowUp, reader: Reader) -> Shown:
    icon = "phone" if row.mode == "phone" else "message" if row.mode == "message" else "calendar-event"
    title = sentence("timeline.contact", title=row.title, outcome=Outcome(row.outcome))
    noted = row.outcome_note if reader.reads_words(row.closed_by_id) else ""
    detail = noted or (row.closed_by.name if row.closed_by else "")
    return {"icon": icon, "title": title, "detail": detail, "href": reverse("follow_up", args=[row.public_id])}


def _return(row: ReturnToUse, reader: Reader) -> Shown:
    told = what_happened(row, reader.language) if reader.reads_words(row.recorded_by_id) else ""
    return {
        "icon": "refresh",
        "title": sentence("course.return_to_use"),
        "detail": told or row.recorded_by.name,
        "key": True,
    }


def _level(row: LevelOfCareAssessment) -> Shown:
    by = row.decided_by.name if row.decided_by else ""
    detail: object = by
    if row.cosigned_by is not None:
        detail = sentence("timeline.level_signed", by=by, second=row.cosigned_by.name)
    elif row.needs_second_signature:
        detail = sentence("timeline.level_waits", by=by)
    return {
        "icon": "stairs",
        "title": sentence("timeline.level", level=Level(row.decided_level)),
        "detail": detail,
        "href": reverse("level_assessment", args=[row.public_id]),
        "key": True,
    }


def _level_changed(row: LevelTransfer) -> Shown:
    why = sentence("timeline.level_transfer_why", reason=LevelReason(row.reason), by=row.recorded_by.name)
    title = sentence("timeline.level_transfer", level=Level(row.to_level))
    return {"icon": "stairs", "title": title, "detail": why, "key": True}


def moment(written: str) -> datetime | None:
    """The moment a link to older history carries; None for anything else."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def contact(row: FollowUp, now: datetime) -> Shown:
    """A contact in the list of those owed or ended."""
    zone = ZoneInfo(row.time_zone)
    late = days_late(row.due_on, row.window_days, now.astimezone(zone).date()) if not row.outcome else 0
    return {
        "row": row,
        "outcome": Outcome(row.outcome) if row.outcome else None,
        "late": sentence("worklist.late", days=late) if late else None,
        "owner": row.holder.name if row.holder else Role(row.owner_role) if row.owner_role else "",
    }
