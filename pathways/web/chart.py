"""The chart: who somebody is, where on their way they stand, what comes next, and everything that happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.queries import audit
from clinic.rules.roles import Permission
from pathways.queries import chart as queries
from pathways.queries.chart import Care
from pathways.queries.replies import of_patient as replies_of
from pathways.queries.timeline import timeline
from pathways.rules.levels import Level
from pathways.web import (
    chart_heads,
    observation_rows,
    part2_consents,
    plan_cards,
    return_notices,
    session_charts,
    timelines,
    trend_cards,
)
from pathways.web.lines import Reader
from pathways.web.message_rows import row_shown
from pathways.web.places import reader_of
from pathways.web.reply_rows import reply_shown
from patients.models import Patient
from patients.queries import contacts, flags
from patients.queries import patients as people
from patients.rules.contact import may_contact

Shown = dict[str, Any]
MOST_REPLIES = 50
P = Permission
RECENT = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """The chart that is open: whose, on which way, for whom."""

    request: HttpRequest
    patient: Patient
    care: Care
    reader: Reader

    @property
    def zone(self) -> Any:
        row = self.care.current
        return row.site.zone if row else self.reader.zone


@dataclass(frozen=True, slots=True)
class Tab:
    """A section of the chart: what it takes to read it, what it is called, and what it shows."""

    needs: Permission
    label: Any
    show: Callable[[Opened], Shown]


def chart(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person's chart, with the tab asked for, or the first one may read."""
    reader = reader_of(request)
    patient = people.detail(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    care = _care(patient, reader)
    opened = Opened(request, patient, care, reader)
    tabs = {key: tab for key, tab in TABS.items() if reader.may(tab.needs)}
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in tabs else next(iter(tabs), "")
    context = {
        "patient": patient,
        "care": care,
        "head": chart_heads.head(patient, care, reader),
        "flags": _flags(patient, reader),
        "notices": _notices(care, reader),
        "tabs": _tabs(tabs, chosen, patient),
        "tab": chosen,
        "tab_template": f"pathways/chart/{chosen}.html" if chosen else "",
        "undo": _undo(care, reader),
        **chart_heads.panel(care, reader),
        **(tabs[chosen].show(opened) if chosen else {}),
    }
    return render(request, "pathways/chart/chart.html", context)


def _care(patient: Patient, reader: Reader) -> Care:
    if not reader.may(P.ENROLLMENT_READ):
        return Care((), {}, {})
    return queries.care(reader.actor, patient, now=reader.now, language=reader.language)


def _flags(patient: Patient, reader: Reader) -> list[Shown]:
    if not reader.may(P.ASSESSMENT_READ):
        return []
    return chart_heads.flags(flags.open_of([patient.pk]).get(patient.pk, []), patient)


def _notices(care: Care, reader: Reader) -> list[Shown]:
    if care.current is None:
        return []
    asked = return_notices.notices(care.current, reader)
    return asked + chart_heads.notices(care, queries.overrides(care.current, now=reader.now))


def _undo(care: Care, reader: Reader) -> str:
    """Where the last move is undone; an admission is not."""
    moved = care.course is not None and len(care.course.marks) > 1
    if care.current is None or not moved or not reader.may(P.ENROLLMENT_MOVE):
        return ""
    return reverse("move_undo", args=[care.current.public_id])


def _tabs(tabs: Mapping[str, Tab], chosen: str, patient: Patient) -> list[Shown]:
    here = reverse("chart", args=[patient.public_id])
    return [
        {"href": f"{here}?tab={key}#tab", "label": tab.label, "current": key == chosen} for key, tab in tabs.items()
    ]


def _timeline(opened: Opened) -> Shown:
    before = timelines.moment(opened.request.GET.get("before", ""))
    found = timeline(opened.reader.actor, opened.patient, before=before)
    here = reverse("chart", args=[opened.patient.public_id])
    older = f"{here}?tab=timeline&before={found.before.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}#tab" if found.before else None
    lines = [timelines.line(each, opened.reader, opened.zone) for each in found.happenings]
    return {"timeline": lines, "newest": f"{here}?tab=timeline#tab" if before else None, "older": older}


def _recent(opened: Opened) -> list[Shown]:
    found = timeline(opened.reader.actor, opened.patient, most=RECENT)
    return [timelines.line(each, opened.reader, opened.zone) for each in found.happenings[:RECENT]]


def _assessments(opened: Opened) -> Shown:
    rows, row = queries.readings_of(opened.patient), opened.care.current
    running = row if opened.care.is_open else None
    plots = trend_cards.Plots(
        sex=opened.patient.sex_for_clinical_use,
        zone=opened.zone,
        today=opened.reader.now.astimezone(opened.zone).date(),
        language=opened.reader.language,
        course=opened.care.course,
        due=trend_cards.due_dates(rows, running, opened.zone),
        cuts=trend_cards.gate_limits(running),
    )
    cards = trend_cards.cards(rows, plots)
    plotted = [card for card in cards if card["trend"]]
    return {"cards": plotted + [card for card in cards if not card["trend"]], "recent": _recent(opened)}


def _contacts(opened: Opened) -> Shown:
    found = queries.contacts(opened.reader.actor, opened.patient)
    return {
        "owed": [timelines.contact(each, opened.reader.now) for each in found.owed],
        "ended": [timelines.contact(each, opened.reader.now) for each in found.ended],
        "sent": [row_shown(each) for each in found.messages] if opened.reader.may(P.REMINDER_READ) else [],
        "replies": _replies(opened) if opened.reader.may(P.REPLY_READ) else None,
    }


def _replies(opened: Opened) -> list[Shown]:
    rows = replies_of(opened.reader.actor, opened.patient)[:MOST_REPLIES]
    return [reply_shown(each, opened.zone) for each in rows]


def _level(opened: Opened) -> Shown:
    found = queries.level_history(opened.reader.actor, opened.patient)
    return {
        "stays": [{"row": each, "level": Level(each.level)} for each in found.stays],
        "level_assessments": [
            {
                "row": each,
                "suggested": Level(each.suggested_level) if each.suggested_level else None,
                "decided": Level(each.decided_level) if each.decided_level else None,
            }
            for each in found.assessments
        ],
        "recent": _recent(opened),
    }


def _plans(opened: Opened) -> Shown:
    return plan_cards.cards(opened.care, opened.reader)


def _labs(opened: Opened) -> Shown:
    language = opened.reader.language
    found = flags.open_of([opened.patient.pk]).get(opened.patient.pk, [])
    return {
        "groups": observation_rows.groups(opened.patient, opened.zone, language, observation_rows.flags_by_test(found)),
        "conclusions": observation_rows.conclusions(opened.patient, opened.zone),
    }


def _consents(opened: Opened) -> Shown:
    reaches = contacts.reaches([opened.patient.pk], opened.reader.now)[opened.patient.pk]
    return {
        "reaches": [{"point": each.point, "decision": may_contact(each.facts)} for each in reaches],
        "consents": part2_consents.shown_of(opened.patient, opened.reader),
    }


def _lookers(opened: Opened) -> Shown:
    found = audit.entries(audit.Wanted(patient=opened.patient.public_id, action="read."))
    return {"entries": found.entries, "more": found.before is not None}


TABS: dict[str, Tab] = {
    "timeline": Tab(P.ENROLLMENT_READ, _("Timeline"), _timeline),
    "assessments": Tab(P.ASSESSMENT_READ, _("Assessments"), _assessments),
    "labs": Tab(P.ASSESSMENT_READ, _("Labs and screens"), _labs),
    "contacts": Tab(P.FOLLOW_UP_READ, _("Follow-ups and messages"), _contacts),
    "sessions": Tab(P.SESSION_READ, _("Sessions and attendance"), session_charts.tab),
    "level": Tab(P.ASSESSMENT_READ, _("Level of care"), _level),
    "plans": Tab(P.PLAN_READ, _("Plans"), _plans),
    "consents": Tab(P.PATIENT_READ, _("Contact and consents"), _consents),
    "lookers": Tab(P.AUDIT_READ, _("Who looked"), _lookers),
}
