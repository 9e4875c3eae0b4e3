"""Who is away: for oneself, and for colleagues by whoever may give work away."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, add_refusal, words
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from pathways.actions.absences import cancel_absence, record_absence
from pathways.models import Absence
from pathways.queries import absences as queries
from pathways.web.lines import Reader, Shown
from pathways.web.places import reader_of


class AbsenceForm(Form):
    """From when to when, and who has the work meanwhile."""

    actor = forms.ChoiceField(label=_("Who is away"))
    starts_on = DatePartsField(label=_("First day away"))
    ends_on = DatePartsField(label=_("Last day away"))
    cover = forms.ChoiceField(label=_("Who has the work meanwhile"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(each.public_id), each.name) for each in queries.colleagues(reader.actor)]
        me = str(reader.actor.public_id)
        self.fields["cover"].choices = [("", words(sentence("absence.choose"))), *people]  # type: ignore[attr-defined]
        if reader.may(Permission.FOLLOW_UP_ASSIGN):
            self.fields["actor"].choices = sorted(people, key=lambda each: (each[0] != me, each[1]))  # type: ignore[attr-defined]
        else:
            del self.fields["actor"]

    @property
    def given(self) -> dict[str, Any]:
        """The keywords of `record_absence`."""
        kept = dict(self.cleaned_data)
        actor = kept.pop("actor", "")
        return {
            "actor_id": UUID(actor) if actor else None,
            "cover_id": UUID(kept.pop("cover")),
            **kept,
        }


def absences(request: HttpRequest) -> HttpResponse:
    """Those that are not over, and recording one."""
    reader = reader_of(request)
    form, status = AbsenceForm(request.POST if request.method == "POST" else None, reader=reader), 200
    if form.is_bound and form.is_valid():
        try:
            row = record_absence(by=reader.actor, now=reader.now, **form.given)
            said = sentence("absence.recorded", who=row.actor.name, cover=row.cover.name)
            return go_on(request, reverse("absences"), said)
        except Refused as refused:
            add_refusal(form, refused, reader.language)
            status = refused.status
    context = {"form": form, "rows": [_shown(each, reader) for each in queries.to_come(reader.actor, reader.now)]}
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/absences/absences.html", context, status=status)


def _shown(row: Absence, reader: Reader) -> Shown:
    own = row.actor_id == reader.actor.pk
    return {"row": row, "own": own, "may_cancel": own or reader.may(Permission.FOLLOW_UP_ASSIGN)}


def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It does not take place, or ends now."""
    reader = reader_of(request)
    version = request.POST.get("version", "")
    try:
        cancel_absence(
            by=reader.actor, now=reader.now, absence_id=public_id,
            expected_version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        )  # fmt: skip
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return go_on(request, reverse("absences"), refused.sentence, level=messages.ERROR)
    return go_on(request, reverse("absences"), sentence("absence.cancelled"))
