"""Recording a return to use: what happened, without blame, and what follows."""

from typing import Any
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
from clinic.web.answers import language_of
from clinic.web.forms import Form
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from clinic.wording import label
from pathways.actions import returns as verbs
from pathways.queries.enrollments import enrollment
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import rules_for
from pathways.rules.programs import AnchorKind
from pathways.rules.programs.wording import schedule
from pathways.rules.returns import Circumstance, Substance, UsePattern
from pathways.web.moments import moment_of, zone_of


class ReturnForm(Form):
    """When, and what happened as far as the person tells it."""

    effective_at = DatePartsField(label=_("When"))
    substance = forms.ChoiceField(label=_("What was used"), required=False)
    pattern = forms.ChoiceField(label=_("How much of a return it was"), widget=forms.RadioSelect, required=False)
    circumstances = forms.MultipleChoiceField(
        label=_("What went before"), widget=forms.CheckboxSelectMultiple, required=False
    )
    what_helped = forms.CharField(
        label=_("What helped, or might have"), required=False, max_length=verbs.NOTE_LIMIT,
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip
    note = forms.CharField(
        label=_("In the person's words"),
        required=False,
        max_length=verbs.NOTE_LIMIT,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        substances = [(each.value, label(each, language)) for each in Substance]
        self.fields["substance"].choices = [("", str(_("Not said"))), *substances]  # type: ignore[attr-defined]
        self.fields["pattern"].choices = [(each.value, label(each, language)) for each in UsePattern]  # type: ignore[attr-defined]
        self.fields["circumstances"].choices = [(each.value, label(each, language)) for each in Circumstance]  # type: ignore[attr-defined]

    @property
    def told(self) -> dict[str, Any]:
        """What happened, as the verb takes it."""
        given = self.cleaned_data
        return {
            "substance": Substance(given["substance"]) if given["substance"] else None,
            "pattern": UsePattern(given["pattern"] or UsePattern.NOT_SAID),
            "circumstances": [Circumstance(each) for each in given["circumstances"]],
            "what_helped": given["what_helped"],
            "note": given["note"],
        }


def return_to_use(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The day and what happened; closer contact is planned, needs are rated again, a step back is offered."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now, zone = clock.now(), zone_of(request)
    row = enrollment(actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    initial = {"effective_at": now.astimezone(zone).date(), "pattern": UsePattern.NOT_SAID.value}
    form = ReturnForm(request.POST or None, initial=initial, language=language_of(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        at = moment_of(form.cleaned_data["effective_at"], zone, now)
        try:
            verbs.record_return_to_use(by=actor, now=now, enrollment_id=public_id, effective_at=at, **form.told)
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
