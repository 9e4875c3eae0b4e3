"""Early warnings about somebody: what they rest on, whom to call, and a note that takes them off."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, add_refusal
from pathways.actions.warnings import Named, note_warnings
from pathways.queries.follow_ups import next_open
from pathways.queries.warnings import warnings_of
from pathways.rules.gates import Evidence
from pathways.rules.warnings import EarlyWarning, WarningKind
from pathways.rules.worklist import LineType
from pathways.web.calls import how_to_reach
from pathways.web.lines import Reader, Shown, element_id
from pathways.web.places import done, form_page, here, line_of, line_response, reader_of
from patients.models import Patient
from patients.queries import patients as people

P = Permission
ADDRESSES = ("assessment", "observation", "session")
"""Records with a page of their own, called as their type."""


class NoteForm(Form):
    """What somebody noted about it."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)


def warnings(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Unfolded in the line of Today, or as a page of its own."""
    reader = reader_of(request)
    patient = people.get(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    form, status = NoteForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        try:
            note_warnings(
                by=reader.actor, now=reader.now, patient_id=public_id, note=form.cleaned_data["note"],
                warnings=_named(request.POST.getlist("warning")),
            )  # fmt: skip
            element = element_id(LineType.EARLY_WARNING, public_id)
            return done(request, element, sentence("warning.noted"), reverse("chart", args=[public_id]))
        except Refused as refused:
            add_refusal(form, refused, reader.language)
            status = refused.status
    return _unfolded(request, patient, form, reader, 422 if form.errors and status == 200 else status)


def _unfolded(request: HttpRequest, patient: Patient, form: NoteForm, reader: Reader, status: int) -> HttpResponse:
    fields = _fields(patient, form, reader)
    site = here(request)
    if getattr(request, "htmx", None) and site is not None:
        line = line_of(LineType.EARLY_WARNING, patient.public_id, site, reader)
        if line is not None:
            unfolded = {"state": "open", "form": "pathways/warnings/inplace.html", **fields}
            return line_response(request, {**line, **unfolded}, status)
    context = {"patient": patient, "line": fields}
    return form_page(request, "pathways/warnings/warnings.html", context, form, status)


def _fields(patient: Patient, form: NoteForm, reader: Reader) -> dict[str, Any]:
    contact = next_open(patient) if reader.may(P.FOLLOW_UP_WORK) else None
    return {
        "id": element_id(LineType.EARLY_WARNING, patient.public_id),
        "post_to": reverse("warnings_of", args=[patient.public_id]),
        "warnings": [_shown(each) for each in warnings_of(reader.actor, patient, now=reader.now)],
        "reach": how_to_reach(patient, reader.now),
        "call": reverse("call", args=[contact.public_id]) if contact else "",
        "book": f"{reverse('session_new')}?patient={patient.public_id}" if reader.may(P.SESSION_WRITE) else "",
        "chart": reverse("chart", args=[patient.public_id]),
        "note": form,
        "may_note": reader.may(P.FOLLOW_UP_WORK),
    }


def _shown(warning: EarlyWarning) -> Shown:
    return {
        "kind": warning.kind,
        "reason": warning.reason,
        "evidence": [_evidence(each) for each in warning.evidence],
        "named": f"{warning.kind}|{warning.key}",
    }


def _evidence(each: Evidence) -> Shown:
    href = reverse(each.type, args=[each.public_id]) if each.type in ADDRESSES else ""
    return {"href": href, "said": each.sentence}


def _named(given: list[str]) -> list[Named]:
    """The warnings that were shown, as the form carries them; what is none is left out."""
    parts = [each.partition("|") for each in given]
    return [(WarningKind(kind), key) for kind, _bar, key in parts if kind in set(WarningKind)]
