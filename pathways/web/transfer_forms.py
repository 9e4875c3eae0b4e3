"""What one fills in for a transfer."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.models import Actor
from clinic.rules.sentences import sentence
from clinic.web.forms import words
from clinic.wording import label
from pathways.rules.moves import TransferReason
from pathways.web.move_forms import NOTE, Choices, WhenForm, people

PROGRAM, SITE = "program", "site"


class TransferForm(WhenForm):
    """Another program, or another site; why; with whom; from when."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    where = forms.ChoiceField(
        label=_("Where they go on"),
        choices=[(PROGRAM, _("In another program, here")), (SITE, _("In this program, at another site"))],
        widget=forms.RadioSelect,
    )
    program = forms.ChoiceField(label=_("Program"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    reason = forms.ChoiceField(label=_("Reason"))
    counselor = forms.ChoiceField(label=_("Counselor there"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=NOTE, widget=forms.Textarea({"rows": 3}))
    field_order = [
        "version", "where", "program", "site", "reason", "counselor", "note", "effective_on", "effective_time",
    ]  # fmt: skip

    def __init__(
        self, *args: Any, programs: Choices, sites: Choices, staff: Iterable[Actor], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._choose("program", [("", str(_("Choose a program"))), *programs])
        self._choose("site", [("", str(_("Choose a site"))), *sites])
        self._choose("counselor", people(staff))
        reasons = [(each.value, label(each, language)) for each in TransferReason]
        self._choose("reason", [("", str(_("Choose a reason"))), *reasons])

    def _choose(self, name: str, choices: Choices) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        wanted = given.get("where")
        if wanted in (PROGRAM, SITE) and not given.get(wanted):
            raise ValidationError({wanted: words(sentence(f"transfer.refused.{wanted}"))})
        return given
