"""What can be done about a line: its one next action, and what stands behind the three dots."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.rules.roles import Permission
from clinic.web.addresses import address
from pathways.models import FollowUp, Session
from pathways.queries.links import fills_in_alone
from pathways.queries.worklist import Dressed
from pathways.rules.worklist import Line, LineGroup, LineKind, LineType
from pathways.web.lines.reader import Reader, Shown
from patients.models import SafetyFlag

P = Permission
ICONS = {
    LineKind.CALL: "phone",
    LineKind.VISIT: "calendar-event",
    LineKind.FORM: "list-check",
    LineKind.MESSAGE: "message",
    LineKind.REPLY: "message-2",
    LineKind.GROUP: "users",
    LineKind.REVIEW: "clipboard-check",
    LineKind.SIGN: "writing-sign",
    LineKind.COSIGN: "writing-sign",
    LineKind.WARNING: "eye",
    LineKind.LAPSING: "flask",
}


def action(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    """The one thing to do next; None where this reader may only look."""
    made = _ACTIONS[line.item.type](line, told, reader)
    if made is not None:
        made.setdefault("icon", ICONS.get(line.item.kind, ""))
    return made


def _contact(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    row, kind = told.row, line.item.kind
    assert isinstance(row, FollowUp)  # noqa: S101 - what its source loads
    if kind is LineKind.FORM and reader.may(P.ASSESSMENT_RECORD):
        return {"label": _("Open form"), "href": form_address(row)}
    if not reader.may(P.FOLLOW_UP_WORK):
        return None
    if kind is LineKind.REVIEW:
        return {"label": _("Record review"), "href": address("follow_up_done", row.public_id), "swap": True}
    words = _("Visit result") if kind is LineKind.VISIT else _("Call result")
    icon = ICONS[LineKind.VISIT if kind is LineKind.VISIT else LineKind.CALL]
    return {"label": words, "href": address("call", row.public_id), "icon": icon, "swap": True}


def _flag(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    flag = told.row
    assert isinstance(flag, SafetyFlag)  # noqa: S101
    if flag.taken_by_id != reader.actor.pk and reader.may(P.ASSESSMENT_RECORD):
        href = f"{address('today_flag_take', flag.public_id)}?version={flag.version}"
        taking = _("Take it over") if flag.taken_by_id else _("I am taking this")
        return {"label": taking, "href": href, "icon": "", "primary": not flag.taken_by_id, "post": True, "swap": True}
    if reader.may(P.FLAG_CLOSE):
        href = address("today_flag_review", flag.public_id)
        return {"label": _("Record review"), "href": href, "icon": "", "primary": True, "swap": True}
    return None


def _evidence(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    if not reader.may(P.ENROLLMENT_MOVE):
        return None
    href = address("today_evidence_review", told.row.public_id)
    return {"label": _("Look again"), "href": href, "icon": "", "primary": True, "swap": True}


def _override(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Open"), "href": address("cosign", told.row.public_id)}


def _level(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Open"), "href": address("level_assessment", told.row.public_id)}


def _message(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Decide"), "href": address("message", told.row.public_id)}


def _reply(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    urgent = line.group is LineGroup.SAFETY
    return {"label": _("Answer"), "href": address("reply", told.row.public_id), "primary": urgent}


def _rate(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Rate needs"), "href": address("level_rate", line.item.patient)}


def _session(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    row = told.row
    assert isinstance(row, Session)  # noqa: S101
    if reader.may(P.SESSION_DOCUMENT) and row.starts_at <= reader.now:
        return {"label": _("Attendance"), "href": address("session_document", row.public_id)}
    return {"label": _("Open"), "href": address("session", row.public_id)}


def _plan_review(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Open review"), "href": address("plan", told.row.public_id)}


def _plan_signature(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Have it signed"), "href": address("plan", told.row.public_id)}


def _first_visit(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return _book(line, _("Book visit")) if reader.may(P.SESSION_WRITE) else None


def _book(line: Line, words: str) -> Shown:
    return {"label": words, "href": f"{reverse('session_new')}?patient={line.item.patient}", "icon": "calendar-plus"}


def _warning(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Look into it"), "href": address("warnings_of", told.row.public_id), "swap": True}


def _lapsing(line: Line, told: Dressed, reader: Reader) -> Shown | None:
    return {"label": _("Open chart"), "href": address("chart", line.item.patient)}


_ACTIONS = {
    LineType.FOLLOW_UP: _contact,
    LineType.SAFETY_FLAG: _flag,
    LineType.EVIDENCE_REVIEW: _evidence,
    LineType.OVERRIDE_REQUEST: _override,
    LineType.LEVEL_OF_CARE_ASSESSMENT: _level,
    LineType.REMINDER: _message,
    LineType.REPLY: _reply,
    LineType.RETURN_TO_USE: _rate,
    LineType.SESSION: _session,
    LineType.PLAN_REVIEW: _plan_review,
    LineType.PLAN_SIGNATURE: _plan_signature,
    LineType.FIRST_VISIT: _first_visit,
    LineType.EARLY_WARNING: _warning,
    LineType.GATE_EVIDENCE: _lapsing,
}


def more(line: Line, told: Dressed, reader: Reader) -> list[Shown]:
    """What else can be done, or looked at."""
    links: list[Shown] = []
    if line.item.patient is not None:
        links.append({"label": _("Open chart"), "href": address("chart", line.item.patient)})
    if isinstance(told.row, FollowUp):
        links += _contact_links(told.row, reader)
    elif isinstance(told.row, SafetyFlag) and reader.may(P.ASSESSMENT_READ):
        links.append({"label": _("The flag"), "href": address("flag", told.row.public_id)})
    elif isinstance(told.row, Session):
        links.append({"label": _("The session"), "href": address("session", told.row.public_id)})
    return links


def _contact_links(row: FollowUp, reader: Reader) -> list[Shown]:
    def at(name: str) -> str:
        return address(name, row.public_id)

    links: list[Shown] = [{"label": _("Details"), "href": at("follow_up")}]
    if row.instrument and reader.may(P.ASSESSMENT_RECORD):
        links.append({"label": _("Open form"), "href": form_address(row)})
    if fills_in_alone(row.instrument) and reader.may(P.LINK_GIVE):
        links.append({"label": _("Send link"), "href": address("patient_links", row.patient.public_id)})
    if reader.may(P.FOLLOW_UP_ASSIGN):
        links.append({"label": _("Give to somebody"), "href": at("follow_up_assign"), "swap": True})
    if reader.may(P.FOLLOW_UP_WORK):
        if row.instrument:
            links.append({"label": _("Call result"), "href": at("call"), "swap": True})
        links.append({"label": _("Another day"), "href": at("follow_up_reschedule"), "swap": True})
        links.append({"label": _("End it"), "href": at("follow_up_close"), "swap": True})
    return links


def form_address(row: FollowUp) -> str:
    """Where the form a follow-up asks for is filled in; "" where it asks for none."""
    return address("assessment_new", row.patient.public_id, row.instrument) if row.instrument else ""
