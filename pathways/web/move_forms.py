"""What one fills in for each move: its reason, its day, and what else it asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.opening_hours import to_utc
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from clinic.web.widgets import DatePartsField
from clinic.wording import label
from pathways.rules.gates import OverrideReason
from pathways.rules.moves import REASONS, Destination, MoveKind

Choices = list[tuple[str, str]]
NOTE = 400
TODAY, LATER = "today", "later"


class WhenForm(Form):
    """The moment something takes effect: now, unless a day (and for another day a time) is typed, at the site."""

    effective_on = DatePartsField(label=_("Takes effect"), required=False, help_text=_("Empty: now."))
    effective_time = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        day, at = given.get("effective_on"), given.get("effective_time")
        today = self.now.astimezone(self.zone).date()
        if day is None and at is not None and "effective_on" not in self.errors:
            day = today
        if day is not None and at is None and day != today and "effective_time" not in self.errors:
            raise ValidationError({"effective_time": words(sentence("move.when.time"))})
        given["effective_at"] = self._moment(day, at)
        return given

    def _moment(self, day: Any, at: time | None) -> datetime | None:
        if day is None or at is None:
            return None
        return to_utc(datetime.combine(day, at), self.zone.key)

    def refuse(self, refused: Refused) -> None:
        if "effective_at" in refused.fields:
            refused.fields["effective_on"] = refused.fields.pop("effective_at")
        super().refuse(refused)


class MoveForm(WhenForm):
    """A move; `kind` decides which of its fields are asked for."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.ChoiceField(label=_("Reason"))
    destination = forms.ChoiceField(label=_("Where they go"), initial=Destination.UNKNOWN.value)
    review_on = DatePartsField(label=_("Day of review"))
    note = forms.CharField(label=_("Note"), required=False, max_length=NOTE, widget=forms.Textarea({"rows": 3}))
    field_order = ["version", "reason", "destination", "review_on", "note", "effective_on", "effective_time"]

    def __init__(self, *args: Any, kind: MoveKind, reasons: Iterable[str], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind in REASONS:
            chosen = [REASONS[kind](each) for each in reasons] or list(REASONS[kind])
            self.fields["reason"].choices = _choices(chosen, language)  # type: ignore[attr-defined]
        else:
            del self.fields["reason"]
        if kind is MoveKind.DISCHARGE:
            self.fields["destination"].choices = [(each.value, label(each, language)) for each in Destination]  # type: ignore[attr-defined]
        else:
            del self.fields["destination"]
        if kind is not MoveKind.HOLD:
            del self.fields["review_on"]


class OverrideForm(Form):
    """Which requirements are set aside, and why. What was typed for the move comes along unseen."""

    set_aside = forms.MultipleChoiceField(label=_("Set aside"), widget=forms.CheckboxSelectMultiple)
    override_reason = forms.ChoiceField(label=_("Reason"))
    override_note = forms.CharField(label=_("In your words"), max_length=NOTE)

    def __init__(
        self, *args: Any, criteria: Sequence[tuple[str, str]], carried: Mapping[str, str], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["set_aside"].choices = criteria  # type: ignore[attr-defined]
        self.fields["override_reason"].choices = _choices(OverrideReason, language)  # type: ignore[attr-defined]
        for name, value in carried.items():
            self.fields[name] = forms.CharField(widget=forms.HiddenInput, required=False, initial=value)


def carried(request: HttpRequest) -> dict[str, str]:
    """What was typed for the move, to come along unseen."""
    own = ("csrfmiddlewaretoken", *OverrideForm.base_fields)
    return {name: str(value) for name, value in request.POST.items() if name not in own}


class EnrollForm(WhenForm):
    """Into which program, where, with whom, from when; or proposed, to begin later."""

    begin = forms.ChoiceField(
        label=_("Begins"),
        choices=[(TODAY, _("Now, through the entry gate")), (LATER, _("Later: propose it and look again"))],
        widget=forms.RadioSelect,
        initial=TODAY,
        required=False,
    )

    program = forms.ChoiceField(label=_("Program"))
    site = forms.ChoiceField(label=_("Site"))
    counselor = forms.ChoiceField(label=_("Counselor"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=NOTE, widget=forms.Textarea({"rows": 3}))
    field_order = ["program", "site", "begin", "counselor", "note", "effective_on", "effective_time"]

    def __init__(self, *args: Any, programs: Choices, sites: Choices, staff: Iterable[Actor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = programs  # type: ignore[attr-defined]
        self.fields["site"].choices = sites  # type: ignore[attr-defined]
        self.fields["counselor"].choices = people(staff)  # type: ignore[attr-defined]
        if len(sites) == 1:
            self.fields["site"].widget = forms.HiddenInput()
            self.fields["site"].initial = sites[0][0]


class ReadmitForm(WhenForm):
    """Where somebody who comes back begins, with whom, from when."""

    to_phase = forms.ChoiceField(label=_("Begins in"))
    counselor = forms.ChoiceField(label=_("Counselor"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=NOTE, widget=forms.Textarea({"rows": 3}))
    field_order = ["to_phase", "counselor", "note", "effective_on", "effective_time"]

    def __init__(self, *args: Any, phases: Choices, staff: Iterable[Actor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_phase"].choices = phases  # type: ignore[attr-defined]
        self.fields["counselor"].choices = people(staff)  # type: ignore[attr-defined]


class CounselorForm(Form):
    """Who has somebody in their caseload."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    counselor = forms.ChoiceField(label=_("Counselor"), required=False)

    def __init__(self, *args: Any, staff: Iterable[Actor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counselor"].choices = people(staff)  # type: ignore[attr-defined]


class UndoForm(Form):
    """Why a move is undone."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("Why it is undone"), max_length=NOTE, widget=forms.Textarea({"rows": 3}))


def people(staff: Iterable[Actor]) -> Choices:
    """Staff to choose from, nobody first."""
    return [("", str(_("Nobody yet"))), *((str(each.public_id), each.name) for each in staff)]


def _choices(members: Iterable[StrEnum], language: str) -> Choices:
    return [("", str(_("Choose a reason"))), *((each.value, label(each, language)) for each in members)]
