"""Confirming by name what a gate asks people to confirm, and taking it back."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import Refused, not_found
from clinic.models import Actor
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.web.answers import language_of
from clinic.web.forms import Form
from clinic.web.pages import go_on
from clinic.wording import label
from pathways.actions import attestations as verbs
from pathways.queries import attestations as queries
from pathways.queries.enrollments import enrollment


class AttestationForm(Form):
    """In which role, and a word about it."""

    role = forms.ChoiceField(label=_("In my role as"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=verbs.NOTE_LIMIT, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, roles: list[Role], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, label(role, language)) for role in roles]  # type: ignore[attr-defined]
        if len(roles) == 1:
            self.fields["role"].initial = roles[0].value


def attest(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """The statement, and one's name to it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = enrollment(actor, public_id)
    asked = queries.asked_for(row, key)
    if asked is None:
        raise not_found()
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    roles = queries.fitting_roles(actor, asked.roles)
    form = AttestationForm(request.POST or None, roles=roles, language=language_of(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            verbs.attest(
                by=actor,
                now=clock.now(),
                enrollment_id=public_id,
                key=key,
                role=Role(given["role"]),
                note=given["note"],
            )
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            said = sentence("attestation.saved", statement=asked.statement)
            return go_on(request, reverse("chart", args=[row.patient.public_id]), said)
    status = 422 if form.errors and status == 200 else status
    context = {"enrollment": row, "patient": row.patient, "asked": asked, "roles": roles, "form": form}
    return render(request, "pathways/attestations/attest.html", context, status=status)


def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take one's word back."""
    row = verbs.withdraw(by=request.actor, now=clock.now(), attestation_id=public_id)  # type: ignore[attr-defined]
    patient = row.enrollment.patient
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    return go_on(request, reverse("chart", args=[patient.public_id]), sentence("attestation.taken_back"))
