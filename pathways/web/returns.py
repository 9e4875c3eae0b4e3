"""Recording a return to use."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from pathways.actions import returns as verbs
from pathways.queries.enrollments import enrollment
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import rules_for
from pathways.rules.programs import AnchorKind
from pathways.rules.programs.wording import schedule
from pathways.web.moments import moment_of, zone_of


class ReturnForm(Form):
    """When, and what the person said about it."""

    effective_at = DatePartsField(label=_("When"))
    note = forms.CharField(
        label=_("In the person's words"),
        required=False,
        max_length=verbs.NOTE_LIMIT,
        widget=forms.Textarea({"rows": 3}),
    )


def return_to_use(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The day and a note; closer contact is planned, a step back is offered."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now, zone = clock.now(), zone_of(request)
    row = enrollment(actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    form = ReturnForm(request.POST or None, initial={"effective_at": now.astimezone(zone).date()})
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        at = moment_of(given["effective_at"], zone, now)
        try:
            verbs.record_return_to_use(by=actor, now=now, enrollment_id=public_id, effective_at=at, note=given["note"])
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            return go_on(request, reverse("chart", args=[row.patient.public_id]), sentence("return_to_use.saved"))
    rules = rules_for(document_of(row.program_version), AnchorKind.RETURN_TO_USE)
    context = {
        "enrollment": row,
        "patient": row.patient,
        "form": form,
        "contacts": [{"rule": rule, "when": schedule(rule)} for rule in rules],
    }
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/returns/record.html", context, status=status)
