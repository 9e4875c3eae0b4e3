"""Links given to a person: what they can be for, what became of those there are, and the address of a new one, once."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import BAD_INPUT, CONFLICT, Refused
from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.actions import links as verbs
from pathways.modalities import modality
from pathways.models import Attendance, PatientLink
from pathways.queries import links as queries
from pathways.queries.sender_names import links_work
from pathways.rules.links import LinkPurpose, LinkState
from pathways.web.lines import Reader
from pathways.web.places import reader_of
from patients import instruments
from patients.models import Patient
from patients.queries import patients as people
from patients.rules.age import age_on

Shown = dict[str, Any]
TONES = {LinkState.OPEN: ("info", "clock"), LinkState.USED: ("met", "check"), LinkState.EXPIRED: ("none", "clock"),
         LinkState.REVOKED: ("none", "circle-minus")}  # fmt: skip


class GiveForm(Form):
    """What the link is for."""

    purpose = forms.ChoiceField(choices=[(each.value, each.value) for each in LinkPurpose])
    attendance = forms.UUIDField(required=False)
    follow_up = forms.UUIDField(required=False)
    instrument = forms.ChoiceField(label=_("Form"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [("", ""), *_forms()]  # type: ignore[attr-defined]


def links(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A person's links; a POST makes one and shows its address, which is shown nowhere else."""
    reader = reader_of(request)
    patient = people.get(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, patient, reader)
    form = GiveForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, reader, wrong=sentence("refused.not_offered"), status=BAD_INPUT)
    given = form.cleaned_data
    try:
        made = verbs.give_link(
            by=reader.actor, now=reader.now, purpose=LinkPurpose(given["purpose"]), patient_id=public_id,
            attendance_id=given["attendance"], follow_up_id=given["follow_up"], instrument=given["instrument"],
        )  # fmt: skip
    except Refused as refused:
        if refused.status not in (BAD_INPUT, CONFLICT):
            raise
        said = next(iter(refused.fields.values()), refused.sentence)
        return _page(request, patient, reader, wrong=said, status=refused.status)
    return _page(request, patient, reader, made=made)


def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A link works no more."""
    row = verbs.revoke_link(by=request.actor, now=clock.now(), link_id=public_id)  # type: ignore[attr-defined]
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return go_on(request, reverse("patient_links", args=[row.patient.public_id]), sentence("link.revoked"))


def _page(
    request: HttpRequest,
    patient: Patient,
    reader: Reader,
    *,
    made: PatientLink | None = None,
    wrong: Sentence | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = list(queries.links_of(reader.actor, patient)[: queries.MOST_SHOWN])
    context = {
        "patient": patient,
        "age": age_on(patient.birth_date, reader.now.astimezone(patient.zone).date()),
        "rows": [_shown(row, reader) for row in rows],
        "places": [_place(each) for each in queries.places_to_link(reader.actor, patient, reader.now)],
        "due": [(each, _name(each.instrument)) for each in queries.forms_due(reader.actor, patient)],
        "forms": _forms(),
        "works": links_work(),
        "made": made,
        "address": queries.address(made) if made else "",
        "wrong": wrong,
    }
    return render(request, "pathways/links/given.html", context, status=status)


def _shown(row: PatientLink, reader: Reader) -> Shown:
    state = queries.state_of(row, reader.now)
    tone, symbol = TONES[state]
    return {"row": row, "state": state, "tone": tone, "symbol": symbol, "about": _about(row),
            "purpose": LinkPurpose(row.purpose), "open": state is LinkState.OPEN}  # fmt: skip


def _about(row: PatientLink) -> str | Sentence:
    if row.instrument:
        return _name(row.instrument)
    return _title(row.attendance) if row.attendance is not None else ""


def _place(place: Attendance) -> Shown:
    return {"row": place, "title": _title(place), "zone": place.session.site.zone}


def _title(place: Attendance) -> str | Sentence:
    return place.session.title or modality(place.session.modality).title


def _forms() -> list[tuple[str, str]]:
    """What somebody may fill in themselves."""
    return [(each.key, each.short_name) for each in instruments.definitions() if each.by_patient]


def _name(instrument: str) -> str:
    return instruments.definition(instrument).short_name
