"""Somebody has died: the day, with what ends told before; and taken back where it was a mistake."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from pathways.actions import deaths as verbs
from pathways.queries.deaths import ended_with_move, what_ends
from patients.models import Patient
from patients.queries import patients as people
from patients.queries.records import visible_records


class DeathForm(Form):
    """The day, and that it is certain."""

    on = DatePartsField(label=_("Day of death"))
    certain = forms.BooleanField(label=_("I am certain that this person has died"))
    despite_later_contacts = forms.BooleanField(
        label=_("The day is right, although a later contact is on record"), required=False
    )

    def ask(self) -> None:
        """The last question is put only once it has come up."""
        name = "despite_later_contacts"
        if name not in self.errors and not self.data.get(name):
            del self.fields[name]


def death(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record it; or see what was recorded."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    patient = people.get(actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    form, status = DeathForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("on", "despite_later_contacts")}
        try:
            verbs.record_death(by=actor, now=clock.now(), patient_id=public_id, **given)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            return go_on(request, reverse("chart", args=[public_id]), sentence("move.done.died"))
    form.ask()
    context = {
        "patient": patient,
        "form": form,
        "ends": _ends(actor, patient),
        "of_a_move": patient.died_on is not None and ended_with_move(visible_records(actor, patient.pk)),
    }
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/deaths/death.html", context, status=status)


def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It was somebody else, or never happened."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    request.seen.add(people.get(actor, public_id).public_id)  # type: ignore[attr-defined]
    verbs.withdraw_death(by=actor, now=clock.now(), patient_id=public_id)
    return go_on(request, reverse("chart", args=[public_id]), sentence("death.withdrawn"))


def _ends(actor: Actor, patient: Patient) -> list[Sentence]:
    ends = what_ends(actor, patient, clock.now())
    counted = {
        "death.ends.enrollments": ends.enrollments,
        "death.ends.contacts": ends.contacts,
        "death.ends.places": ends.places,
    }
    told = [sentence(code, n=n) for code, n in counted.items() if n] or [sentence("death.ends.nothing")]
    return [*told, sentence("death.ends.always")]
