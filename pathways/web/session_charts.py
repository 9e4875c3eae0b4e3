"""Sessions and attendance on the chart: minutes a week against the level, a person's places, meetings elsewhere."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.queries.pages import page
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from pathways.actions import sessions as acts
from pathways.modalities import modality
from pathways.models import Attendance, MutualHelpAttendance
from pathways.queries import attendance as queries
from pathways.queries.narrative import reads_words
from pathways.rules.attendance import Week, WeekState
from pathways.rules.sessions import AttendanceStatus, HelpKind, HelpSource
from pathways.web.lines import Reader
from pathways.web.places import reader_of
from pathways.web.session_lines import TONES
from pathways.web.session_shapes import number_field, words_of
from patients.queries import patients as people

if TYPE_CHECKING:
    from pathways.web.chart import Opened

Shown = dict[str, Any]
ROWS, MEETINGS = 25, 25
STATES = {
    WeekState.MET: ("met", "check"),
    WeekState.SHORT: ("warning", "hourglass"),
    WeekState.UNDER_WAY: ("none", "clock"),
    WeekState.PARTIAL: ("none", "circle-dashed"),
    WeekState.NOT_ASKED: ("none", "circle-dashed"),
}


def tab(opened: "Opened") -> Shown:
    """What the tab shows."""
    reader, patient, zone = opened.reader, opened.patient, opened.zone
    found = queries.weeks_of(patient, zone=zone, now=reader.now)
    here = reverse("chart", args=[patient.public_id])
    rows = page(
        queries.of_patient(reader.actor, patient), ("-starts_at", "-id"), opened.request.GET.get("cursor") or None,
        ROWS, f"attendance {patient.public_id}",
    )  # fmt: skip
    meetings = list(queries.mutual_help_of(patient)[:MEETINGS])
    most = max([60, *(max(each.minutes + each.booked, each.least or 0) for each in found.weeks)])
    return {
        "weeks": [_week(each, most) for each in reversed(found.weeks)],
        "review": found.review,
        "places": [_place(each, reader) for each in rows.rows],
        "previous": _link(here, rows.previous_cursor),
        "following": _link(here, rows.next_cursor),
        "meetings": [_meeting(each, reader) for each in meetings],
        "zone": zone,
    }


def _link(here: str, cursor: str | None) -> str | None:
    return f"{here}?{urlencode({'tab': 'sessions', 'cursor': cursor})}#tab" if cursor else None


def _week(week: Week, most: int) -> Shown:
    """A week as a bar: attended, still booked behind it, and where the level begins, in hundredths of the widest."""
    tone, symbol = STATES[week.state]
    of_level = sentence("attendance.of", minutes=week.minutes, least=week.least) if week.least else None
    return {
        "week": week,
        "words": of_level or sentence("attendance.minutes", minutes=week.minutes),
        "tone": tone,
        "symbol": symbol,
        "state": week.state,
        "bar": week.minutes * 100 // most,
        "coming": (week.minutes + week.booked) * 100 // most,
        "mark": week.least * 100 // most if week.least else None,
        "more": sentence("attendance.booked_more", n=week.booked) if week.booked else None,
    }


def _place(place: Attendance, reader: Reader) -> Shown:
    row, status = place.session, AttendanceStatus(place.status)
    tone, symbol = TONES[status]
    notes = reads_words(reader.actor, row.leader_id, row.documented_by_id)
    return {
        "row": place,
        "session": row,
        "zone": row.site.zone,
        "title": row.title or modality(row.modality).title,
        "status": status,
        "tone": tone,
        "symbol": symbol,
        "minutes": place.minutes,
        "note": place.note if notes else "",
        "counts": row.counts_toward_hours,
    }


def _meeting(row: MutualHelpAttendance, reader: Reader) -> Shown:
    note = row.note if reader.reads_words(row.recorded_by_id) else ""
    return {"row": row, "kind": HelpKind(row.kind), "source": HelpSource(row.source), "note": note}


class MeetingForm(Form):
    """A meeting somebody went to by themselves."""

    kind = forms.ChoiceField(label=_("What"), widget=forms.RadioSelect)
    attended_on = DatePartsField(label=_("When"))
    minutes = number_field(_("Minutes"), required=False, min_value=1)
    source = forms.ChoiceField(label=_("How we know"), widget=forms.RadioSelect, initial=HelpSource.SELF_REPORT)
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Nobody else who was there is named."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, members in (("kind", HelpKind), ("source", HelpSource)):
            self.fields[name].choices = [(each.value, words_of(each)) for each in members]  # type: ignore[attr-defined]


def mutual_help(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A meeting is put down as the person tells it."""
    reader = reader_of(request)
    patient = people.get(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    today = reader.now.astimezone(patient.zone).date()
    form = MeetingForm(request.POST or None, initial={"attended_on": today, "source": HelpSource.SELF_REPORT})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data | {
                "kind": HelpKind(form.cleaned_data["kind"]),
                "source": HelpSource(form.cleaned_data["source"]),
            }
            try:
                acts.record_mutual_help(by=reader.actor, now=reader.now, patient_id=public_id, **given)
                return go_on(request, _tab_of(public_id), sentence("mutual_help.recorded"))
            except Refused as refused:
                form.refuse(refused)
                status = refused.status
    context = {"form": form, "patient": patient, "back": _tab_of(public_id)}
    return render(request, "pathways/sessions/mutual_help.html", context, status=status)


def retract(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """An entry made in error is taken back."""
    reader = reader_of(request)
    row = acts.retract_mutual_help(by=reader.actor, now=reader.now, mutual_help_id=public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return go_on(request, _tab_of(row.patient.public_id), sentence("mutual_help.retracted"))


def _tab_of(patient_id: UUID) -> str:
    return f"{reverse('chart', args=[patient_id])}?tab=sessions#tab"
