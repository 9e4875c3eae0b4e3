"""Lines of Today as their template wants them: who, what is owed and why, the way, when, whose, and what to do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from clinic.rules.zones import are_apart, zone_word
from clinic.web.addresses import address
from clinic.wording import label, say
from pathways.modalities import modality
from pathways.models import FollowUp, Session
from pathways.queries.worklist import Dressed, Owed, Staff, dressed
from pathways.rules.worklist import RAISED, Line, LineGroup, LineKind, due_said, why_said
from pathways.web.lines.doing import action, more
from pathways.web.lines.drawing import draw
from pathways.web.lines.naming import id_of
from pathways.web.lines.reader import Reader, Shown
from patients.models import Patient, SafetyFlag
from patients.queries.flags import cause_of
from patients.rules.age import age_on

P = Permission
LATELY = timedelta(hours=1)
"""So long the age of what was raised is told in minutes."""
# The column is narrow: the same words, shorter.
SHORT = {"worklist.last_day": "today.last_day", "worklist.in_window": "today.in_window"}


def shown(lines: Sequence[Line], owed: Owed, reader: Reader) -> list[Shown]:
    """Lines for `partials/today_line.html`, with whom they show."""
    told, drawn = dressed(owed, lines), draw(lines, owed, reader)
    return [_line(line, told[line.key], owed, reader) | drawn.of(line, owed) for line in lines if line.key in told]


def _line(line: Line, told: Dressed, owed: Owed, reader: Reader) -> Shown:
    return {
        "id": id_of(line),
        "form": "",
        "fold": address("today_line", line.item.type, line.item.public_id),
        "patient": told.patient.public_id if told.patient else None,
        **_badge(line),
        **_who(told, reader),
        **_task(line, told, reader),
        **_due(line, reader),
        "owner": owner_words(line, owed, reader),
        "pick": _pick(told, reader),
        "action": action(line, told, reader),
        "more": more(line, told, reader),
    }


def _pick(told: Dressed, reader: Reader) -> str | None:
    """What stands for the line when several are given away: the contact, and the version that was seen."""
    row = told.row
    if not isinstance(row, FollowUp) or not reader.may(P.FOLLOW_UP_ASSIGN):
        return None
    return f"{row.public_id}:{row.version}"


def _badge(line: Line) -> Shown:
    if line.item.severity is not None:
        severity = line.item.severity.value
        return {"state": severity, "severity": severity, "kind": sentence(f"today.{severity}")}
    if line.item.kind is LineKind.LAPSING:
        return {"state": "", "severity": "warning", "kind": LineKind.LAPSING}
    if line.group is LineGroup.HIGHER_RISK:
        return {"state": "", "severity": "warning", "kind": sentence("today.at_risk")}
    return {"state": "", "severity": "none", "kind": sentence("today.kind", kind=line.item.kind)}


def _who(told: Dressed, reader: Reader) -> Shown:
    if told.patient is not None:
        return _person(told.patient, reader)
    if isinstance(told.row, Session):
        return _group(told.row, reader)
    return {"name": _("Nobody we know"), "href": "", "record": ""}


def _person(patient: Patient, reader: Reader) -> Shown:
    age = age_on(patient.birth_date, reader.now.astimezone(patient.zone).date())
    return {
        "name": patient.display_name,
        "href": address("chart", patient.public_id),
        "record": say(sentence("today.record", number=patient.record_number, age=age), reader.language),
    }


def _group(row: Session, reader: Reader) -> Shown:
    people = sentence("today.people", n=row.taken)  # type: ignore[attr-defined]  # annotated by its query
    where = [row.room.name] if row.room else []
    return {
        "name": row.title or say(modality(row.modality).title, reader.language),
        "href": address("session", row.public_id),
        "record": " · ".join([*where, say(people, reader.language)]),
    }


def _task(line: Line, told: Dressed, reader: Reader) -> Shown:
    if isinstance(told.row, SafetyFlag) and reader.may(P.ASSESSMENT_READ):
        return _flag_task(told.row, reader)
    return {"title": told.title, "why": why_said(line, told.why)}


def _flag_task(flag: SafetyFlag, reader: Reader) -> Shown:
    """What was found, then what to do, and where it was found."""
    cause = cause_of(flag)
    found, _dot, wanted = say(cause.said, reader.language).partition(". ")
    source = sentence("today.flag_source", form=cause.name, at=flag.raised_at.astimezone(reader.zone))
    return {"title": found.rstrip("."), "why": f"{wanted} {say(source, reader.language)}".strip()}


def _due(line: Line, reader: Reader) -> Shown:
    severity = line.item.severity
    if line.item.kind in RAISED:
        return {"due": _raised(line.item.due_at, reader), "due_tone": severity.value if severity else ""}
    due = due_said(line, reader.now)
    there = ZoneInfo(line.item.zone)
    if due.code == "worklist.due_at" and are_apart(there, reader.zone, line.item.due_at):
        zone = zone_word(there, line.item.due_at)
        return {"due": sentence("today.due_there", at=due.params["at"], zone=zone), "due_tone": ""}
    short = SHORT.get(due.code)
    return {"due": sentence(short, **due.params) if short else due, "due_tone": ""}


def _raised(at: datetime, reader: Reader) -> Sentence:
    age, local = reader.now - at, at.astimezone(reader.zone)
    if age < LATELY:
        return sentence("today.minutes_ago", minutes=max(int(age.total_seconds() // 60), 0))
    if local.date() == reader.now.astimezone(reader.zone).date():
        return sentence("today.at_today", at=local.time())
    return sentence("today.on_day", on=local.date())


def owner_words(line: Line, owed: Owed, reader: Reader) -> str:
    """Whose it is: "you", a name, or the role it waits for; and for whom, where somebody is away."""
    held, holder, away = owed.held(line), owed.holder(line), owed.instead_of(line)
    if holder is not None:
        who = _name(holder, reader)
    elif line.item.severity is not None:
        who = _("not yet taken")
    elif line.item.kind is LineKind.COSIGN:
        who = _("you")
    else:
        who = label(Role(held.role), reader.language) if held.role in set(Role) else _("nobody yet")
    return say(sentence("today.instead_of", who=who, away=away.name), reader.language) if away else who


def _name(who: Staff, reader: Reader) -> str:
    return _("you") if who.id == reader.actor.pk else who.name
