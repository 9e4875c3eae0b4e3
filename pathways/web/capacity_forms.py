"""What one fills in about places: a number, a wait, an offer, an answer to it, another level of care."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.rules.opening_hours import to_utc
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from clinic.web.widgets import DatePartsField
from clinic.wording import label
from pathways.actions.waits import NOTE_LIMIT
from pathways.rules.capacity import (
    MOST_PLACES,
    DeclineReason,
    LevelReason,
    PlaceKind,
    WaitPriority,
    WaitReason,
)
from pathways.rules.levels import LEVELS, Level
from pathways.rules.moves import DischargeReason
from pathways.web.move_forms import WhenForm

Choices = list[tuple[str, str]]
LEAVING = (DischargeReason.DID_NOT_START, DischargeReason.CHOSE_TO_LEAVE, DischargeReason.MOVED_TO_OTHER_CARE,
           DischargeReason.LOST_CONTACT, DischargeReason.MOVED_AWAY, DischargeReason.CUSTODY)  # fmt: skip


def members(kind: Iterable[StrEnum], language: str) -> Choices:
    """Members of an enumeration to choose from."""
    return [(each.value, label(each, language)) for each in kind]


def levels(language: str, none: object) -> Choices:
    """Levels of care to choose from; `none` says what choosing none means."""
    named = [(each.level.value, f"{label(each.level, language)} ({each.level.value})") for each in LEVELS]
    return [("", str(none)), *named]


def note_field(title: Any) -> forms.CharField:
    """A few words."""
    return forms.CharField(label=title, required=False, max_length=NOTE_LIMIT, widget=forms.Textarea({"rows": 2}))


class CapacityForm(Form):
    """How many places or beds, where, from which day on."""

    program = forms.ChoiceField(label=_("Program"))
    level = forms.ChoiceField(label=_("Level of care"), required=False)
    kind = forms.ChoiceField(label=_("What is counted"), widget=forms.RadioSelect)
    number = forms.IntegerField(label=_("How many"), min_value=0, max_value=MOST_PLACES)
    starts_on = DatePartsField(label=_("From"), required=False)

    def __init__(self, *args: Any, programs: Choices, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = programs  # type: ignore[attr-defined]
        self.fields["level"].choices = levels(language, _("At any level"))  # type: ignore[attr-defined]
        self.fields["kind"].choices = members(PlaceKind, language)  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        """What was filled in, as the verb takes it."""
        found = self.cleaned_data
        return {
            "program_key": found["program"],
            "level": Level(found["level"]) if found["level"] else None,
            "kind": PlaceKind(found["kind"]),
            "number": found["number"],
            "starts_on": found["starts_on"],
        }


class UrgencyForm(Form):
    """How urgent a wait is, and why somebody waits."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    priority = forms.ChoiceField(label=_("Priority"))
    reason = forms.ChoiceField(label=_("Why they wait"))
    note = note_field(_("Note"))

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].choices = members(WaitPriority, language)  # type: ignore[attr-defined]
        self.fields["reason"].choices = members(WaitReason, language)  # type: ignore[attr-defined]

    @property
    def urgency(self) -> dict[str, Any]:
        found = self.cleaned_data
        return {
            "priority": WaitPriority(found["priority"]),
            "reason": WaitReason(found["reason"]),
            "note": found["note"],
        }


class WaitForm(UrgencyForm):
    """Who waits for what."""

    program = forms.ChoiceField(label=_("Program"))
    site = forms.ChoiceField(label=_("Site"))
    level = forms.ChoiceField(label=_("Level of care"), required=False)
    kind = forms.ChoiceField(label=_("Waits for"), widget=forms.RadioSelect)
    field_order = ["program", "site", "level", "kind", "priority", "reason", "note", "version"]

    def __init__(self, *args: Any, programs: Choices, sites: Choices, language: str, **kwargs: Any) -> None:
        super().__init__(*args, language=language, **kwargs)
        self.fields["program"].choices = programs  # type: ignore[attr-defined]
        self.fields["site"].choices = sites  # type: ignore[attr-defined]
        self.fields["level"].choices = levels(language, _("Any level"))  # type: ignore[attr-defined]
        self.fields["kind"].choices = members(PlaceKind, language)  # type: ignore[attr-defined]
        if len(sites) == 1:
            self.fields["site"].widget = forms.HiddenInput()
            self.fields["site"].initial = sites[0][0]


class OfferForm(Form):
    """Until when the place is held; where nothing is free, why it is offered."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    until_on = DatePartsField(label=_("Held until"))
    until_time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    despite_full = note_field(_("Nothing is free: why it is offered all the same"))

    def __init__(self, *args: Any, zone: ZoneInfo, full: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        if not full:
            del self.fields["despite_full"]

    @property
    def given(self) -> dict[str, Any]:
        """What was filled in, as the verb takes it."""
        found = self.cleaned_data
        at = to_utc(datetime.combine(found["until_on"], found["until_time"]), self.zone.key)
        despite = found.get("despite_full", "")
        return {"expires_at": at, "despite_full": despite, "expected_version": found["version"]}

    def refuse(self, refused: Any) -> None:
        if "expires_at" in refused.fields:
            refused.fields["until_on"] = refused.fields.pop("expires_at")
        super().refuse(refused)


class DeclineForm(Form):
    """Why a place was not taken."""

    reason = forms.ChoiceField(label=_("Why not this time"))
    note = note_field(_("Note"))

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = members(DeclineReason, language)  # type: ignore[attr-defined]


class WithdrawForm(Form):
    """Why somebody no longer waits."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.ChoiceField(label=_("Why they no longer wait"))
    note = note_field(_("Note"))

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = members(LEAVING, language)  # type: ignore[attr-defined]


class LevelTransferForm(WhenForm):
    """To which level, why, from when."""

    to_level = forms.ChoiceField(label=_("Level of care"))
    reason = forms.ChoiceField(label=_("Reason"))
    note = note_field(_("In a few words"))
    despite_full = note_field(_("Nothing is free: why it changes all the same"))
    field_order = ["to_level", "reason", "note", "despite_full", "effective_on", "effective_time"]

    def __init__(self, *args: Any, language: str, may_exceed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_level"].choices = levels(language, _("Choose a level"))  # type: ignore[attr-defined]
        reasons = [("", str(_("Choose a reason"))), *members(LevelReason, language)]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
        if not may_exceed:
            del self.fields["despite_full"]


class CensusForm(Form):
    """Which program, which month."""

    program = forms.ChoiceField(label=_("Program"), widget=forms.Select({"class": "form-select"}))
    month = forms.CharField(label=_("Month"), max_length=7, widget=forms.TextInput({"class": "form-control"}))

    def __init__(self, *args: Any, programs: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = programs  # type: ignore[attr-defined]

    def clean_month(self) -> Any:
        try:
            return datetime.strptime(self.cleaned_data["month"], "%Y-%m").date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            raise ValidationError(words(sentence("census.refused.month"))) from None


def held_until(now: datetime, zone: ZoneInfo, days: int) -> Mapping[str, Any]:
    """The moment an offer is held until, unless another is typed."""
    return {"until_on": now.astimezone(zone).date() + timedelta(days=days), "until_time": time(12)}
