"""Lines of Today as their template wants them: who, what is owed and why, the way, when, whose, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.models import Actor
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import label, say
from pathways.models import EvidenceReview, FollowUp, LevelOfCareAssessment, OverrideRequest, Reminder, ReturnToUse
from pathways.queries.courses import courses, place_words
from pathways.queries.enrollments import next_decisions
from pathways.queries.worklist import Owed, Subject
from pathways.rules import ribbon
from pathways.rules.gates import Decision
from pathways.rules.worklist import Line, LineGroup, LineKind
from patients.models import Patient, SafetyFlag
from patients.queries.flags import cause_of
from patients.rules.age import age_on

P = Permission
LATELY = timedelta(hours=1)
"""So long a flag's age is told in minutes."""
ICONS = {
    LineKind.CALL: "phone",
    LineKind.VISIT: "calendar-event",
    LineKind.FORM: "list-check",
    LineKind.MESSAGE: "message",
    LineKind.REVIEW: "clipboard-check",
    LineKind.COSIGN: "writing-sign",
}
# The column is narrow: the same words, shorter.
SHORT = {"worklist.last_day": "today.last_day", "worklist.in_window": "today.in_window"}
Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom lines are shown: what they may do, their language, the moment, and the zone of the site."""

    actor: Actor
    language: str
    now: datetime
    zone: ZoneInfo

    def may(self, permission: Permission) -> bool:
        return permission in self.actor.permissions


@dataclass(frozen=True, slots=True)
class Drawn:
    """Courses of care beside the lines, by enrollment id."""

    decisions: Mapping[int, Decision]
    courses: Mapping[int, ribbon.Course]


def draw(lines: list[Line], owed: Owed, reader: Reader) -> Drawn:
    """The courses of everybody on these lines: eight queries for any number of them."""
    rows = {row.pk: row for line in lines if (row := owed.enrollment_of(line)) is not None}
    decisions = next_decisions(list(rows.values()), now=reader.now)
    drawn = courses(list(rows.values()), decisions, now=reader.now, language=reader.language)
    return Drawn(decisions, drawn)


def person_of(subject: Subject) -> Patient:
    """Whom a line is about."""
    match subject:
        case OverrideRequest() | ReturnToUse():
            return subject.enrollment.patient
    return subject.patient


def line_id(subject: Subject) -> str:
    """The element of a line: letters and digits."""
    return f"l{subject.public_id.hex}"


def shown(line: Line, owed: Owed, drawn: Drawn, reader: Reader) -> Shown:
    """One line for `partials/today_line.html`."""
    subject = owed.subject(line)
    return {
        "id": line_id(subject),
        "form": "",
        **_badge(line, subject),
        **_person(person_of(subject), reader),
        **_task(line, subject, reader),
        **_path(line, owed, drawn, reader),
        **_due(line, reader),
        "owner": owner_words(subject, reader),
        "action": _action(line, subject, reader),
        "more": _more(subject, reader),
    }


def _badge(line: Line, subject: Subject) -> Shown:
    if isinstance(subject, SafetyFlag):
        return _urgent(subject.severity)
    if isinstance(subject, EvidenceReview):
        return _urgent("urgent")
    if line.group is LineGroup.HIGHER_RISK:
        return {"state": "", "severity": "warning", "kind": sentence("today.at_risk")}
    return {"state": "", "severity": "none", "kind": sentence("today.kind", kind=line.item.kind)}


def _urgent(severity: str) -> Shown:
    return {"state": severity, "severity": severity, "kind": sentence(f"today.{severity}")}


def _person(patient: Patient, reader: Reader) -> Shown:
    age = age_on(patient.birth_date, reader.now.astimezone(patient.zone).date())
    return {
        "name": patient.display_name,
        "href": reverse("chart", args=[patient.public_id]),
        "record": say(sentence("today.record", number=patient.record_number, age=age), reader.language),
    }


def _task(line: Line, subject: Subject, reader: Reader) -> Shown:
    match subject:
        case FollowUp():
            return {"title": subject.title, "why": line.why}
        case SafetyFlag():
            return _flag_task(subject, reader)
        case Reminder():
            return {"title": sentence("today.unclear"), "why": line.why}
        case EvidenceReview():
            return {"title": sentence("today.evidence"), "why": line.item.why}
        case OverrideRequest():
            return {"title": sentence("today.cosign_override"), "why": line.item.why}
        case ReturnToUse():
            return {"title": sentence("today.rerate"), "why": line.why}
    return {"title": sentence("today.cosign_level"), "why": line.item.why}


def _flag_task(flag: SafetyFlag, reader: Reader) -> Shown:
    """What was found, then what to do. Who may not read assessments learns that there is a flag, not what it says."""
    if not reader.may(P.ASSESSMENT_READ):
        return {"title": sentence("today.flag"), "why": sentence("today.flag_for_clinicians")}
    cause = cause_of(flag)
    found, _dot, wanted = say(cause.said, reader.language).partition(". ")
    source = sentence("today.flag_source", form=cause.name, at=flag.raised_at.astimezone(reader.zone))
    return {"title": found.rstrip("."), "why": f"{wanted} {say(source, reader.language)}".strip()}


def _path(line: Line, owed: Owed, drawn: Drawn, reader: Reader) -> Shown:
    row = owed.enrollment_of(line)
    if row is None:
        return {"course": None, "path": ""}
    course = drawn.courses.get(row.pk)
    return {"course": course, "path": place_words(row, course, drawn.decisions.get(row.pk), reader.language)}


def _due(line: Line, reader: Reader) -> Shown:
    if line.item.kind is not LineKind.SAFETY:
        short = SHORT.get(line.due.code)
        return {"due": sentence(short, **line.due.params) if short else line.due, "due_tone": ""}
    severity = line.item.severity
    return {"due": _raised(line.item.due_at, reader), "due_tone": severity.value if severity else ""}


def _raised(at: datetime, reader: Reader) -> Sentence:
    age, local = reader.now - at, at.astimezone(reader.zone)
    if age < LATELY:
        return sentence("today.minutes_ago", minutes=max(int(age.total_seconds() // 60), 0))
    if local.date() == reader.now.astimezone(reader.zone).date():
        return sentence("today.at_today", at=local.time())
    return sentence("today.on_day", on=local.date())


def owner_words(subject: Subject, reader: Reader) -> str:
    """Whose it is: "you", a name, or the role it waits for."""
    match subject:
        case SafetyFlag():
            return _name(subject.taken_by, reader) if subject.taken_by else _("not yet taken")
        case Reminder():
            return _name(subject.holder, reader) if subject.holder else _("nobody yet")
        case EvidenceReview():
            return _("nobody yet")
        case ReturnToUse():
            counselor = subject.enrollment.counselor
            return _name(counselor, reader) if counselor else _("nobody yet")
        case FollowUp():
            if subject.holder is None and subject.owner_role in Role.__members__.values():
                return label(Role(subject.owner_role), reader.language)
            return _name(subject.holder, reader) if subject.holder else _("nobody yet")
    return _("you")


def _name(actor: Actor, reader: Reader) -> str:
    return _("you") if actor.pk == reader.actor.pk else actor.name


def _action(line: Line, subject: Subject, reader: Reader) -> Shown | None:
    match subject:
        case SafetyFlag():
            return _flag_action(subject, reader)
        case FollowUp():
            return _contact_action(line.item.kind, subject, reader)
        case Reminder():
            href = reverse("message", args=[subject.public_id])
            return {"label": _("Decide"), "href": href, "icon": ICONS[LineKind.MESSAGE]}
        case EvidenceReview():
            return _evidence_action(subject, reader)
        case ReturnToUse():
            href = reverse("level_rate", args=[subject.enrollment.patient.public_id])
            return {"label": _("Rate needs"), "href": href, "icon": ICONS[LineKind.REVIEW]}
    return {"label": _("Open"), "href": signature_address(subject), "icon": ICONS[LineKind.COSIGN]}


def _flag_action(flag: SafetyFlag, reader: Reader) -> Shown | None:
    if flag.taken_by_id != reader.actor.pk and reader.may(P.ASSESSMENT_RECORD):
        href = f"{reverse('today_flag_take', args=[flag.public_id])}?version={flag.version}"
        taking = _("Take it over") if flag.taken_by_id else _("I am taking this")
        return {"label": taking, "href": href, "icon": "", "primary": not flag.taken_by_id, "post": True, "swap": True}
    if reader.may(P.FLAG_CLOSE):
        href = reverse("today_flag_review", args=[flag.public_id])
        return {"label": _("Record review"), "href": href, "icon": "", "primary": True, "swap": True}
    return None


def _evidence_action(review: EvidenceReview, reader: Reader) -> Shown | None:
    if not reader.may(P.ENROLLMENT_MOVE):
        return None
    href = reverse("today_evidence_review", args=[review.public_id])
    return {"label": _("Look again"), "href": href, "icon": "", "primary": True, "swap": True}


def _contact_action(kind: LineKind, row: FollowUp, reader: Reader) -> Shown | None:
    if kind is LineKind.FORM and reader.may(P.ASSESSMENT_RECORD):
        return {"label": _("Open form"), "href": form_address(row), "icon": ICONS[kind]}
    if not reader.may(P.FOLLOW_UP_WORK):
        return None
    if kind is LineKind.REVIEW:
        href = reverse("follow_up_done", args=[row.public_id])
        return {"label": _("Record review"), "href": href, "icon": ICONS[kind], "swap": True}
    words = _("Visit result") if kind is LineKind.VISIT else _("Call result")
    icon = ICONS[LineKind.VISIT if kind is LineKind.VISIT else LineKind.CALL]
    return {"label": words, "href": reverse("call", args=[row.public_id]), "icon": icon, "swap": True}


def _more(subject: Subject, reader: Reader) -> list[Shown]:
    patient = person_of(subject)
    links = [(_("Open chart"), reverse("chart", args=[patient.public_id]))]
    if isinstance(subject, FollowUp):
        links += _contact_links(subject, reader)
    elif isinstance(subject, SafetyFlag) and reader.may(P.ASSESSMENT_READ):
        links.append((_("The flag"), reverse("flag", args=[subject.public_id])))
    return [{"label": words, "href": href} for words, href in links]


def _contact_links(row: FollowUp, reader: Reader) -> list[tuple[str, str]]:
    at = partial(reverse, args=[row.public_id])
    links = [(_("Details"), at("follow_up"))]
    if row.instrument and reader.may(P.ASSESSMENT_RECORD):
        links.append((_("Open form"), form_address(row)))
    if reader.may(P.FOLLOW_UP_ASSIGN):
        links.append((_("Give to somebody"), at("follow_up_assign")))
    if reader.may(P.FOLLOW_UP_WORK):
        links += [(_("Call result"), at("call"))] if row.instrument else []
        links += [(_("Another day"), at("follow_up_reschedule")), (_("End it"), at("follow_up_close"))]
    return links


def form_address(row: FollowUp) -> str:
    """Where the form a follow-up asks for is filled in; "" where it asks for none."""
    return reverse("assessment_new", args=[row.patient.public_id, row.instrument]) if row.instrument else ""


def signature_address(subject: OverrideRequest | LevelOfCareAssessment) -> str:
    """Where a second signature is given."""
    name = "cosign" if isinstance(subject, OverrideRequest) else "level_assessment"
    return reverse(name, args=[subject.public_id])
