"""Which phase of the new version follows each phase people are in, and why they are moved."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.web.forms import Form
from pathways.rules.programs import ProgramDocument
from pathways.web.move_forms import NOTE

PREFIX = "phase-"


class AdoptionForm(Form):
    """One choice for each phase left: the phase of the same key is offered first."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(label=_("Why they go on with it"), max_length=NOTE, widget=forms.Textarea({"rows": 2}))

    def __init__(
        self, *args: Any, phases: Sequence[tuple[str, str, int]], document: ProgramDocument, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [(each.key, each.title) for each in document.phases]
        self.left = [key for key, _title, _people in phases]
        for key, title, _people in phases:
            self.fields[f"{PREFIX}{key}"] = forms.ChoiceField(
                label=_("From “%(phase)s” on to") % {"phase": title},
                choices=[("", str(_("Choose a phase"))), *self.offered],
                initial=key if document.find_phase(key) else "",
            )
        self.order_fields(["version", *[f"{PREFIX}{key}" for key in self.left], "note"])

    @property
    def phase_map(self) -> dict[str, str]:
        """What was chosen, and before that what is offered; only phases there are."""
        known = {key for key, _title in self.offered}
        chosen = {key: str(self[f"{PREFIX}{key}"].value() or "") for key in self.left}
        return {key: value for key, value in chosen.items() if value in known}

    @property
    def maps(self) -> list[forms.BoundField]:
        """The fields of the phase map."""
        return [self[f"{PREFIX}{key}"] for key in self.left]
