"""The forms of a consent to tell others: every element of 42 CFR 2.31, and how one is taken back or ended."""

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from clinic.web.forms import Form
from clinic.web.widgets import DatePartsField
from clinic.wording import label
from patients.actions.part2_consents import NOTE_LIMIT
from patients.models import Consent, Patient
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    FormVersion,
    RecipientClass,
    RevocationMethod,
    SignatureMethod,
)
from patients.rules.consents.recording import NAME_LIMIT, TEXT_LIMIT

Choices = list[tuple[str, str]]
PARTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("What it is"), ("kind", "patient_name", "form_version")),
    (_("Who may tell what"), ("discloser", "categories", "details")),
    (_("Recipient"), ("recipient_class", "recipient")),
    (_("Purpose"), ("purposes", "purpose_text")),
    (_("When it ends"), ("expiry", "expires_on", "expiry_event")),
    (_("Signature"), ("signer", "signer_name", "authority", "method", "signed_on")),
)
"""The form in its parts, as the paper has them."""
CHOSEN = ("kind", "recipient_class", "expiry")
"""What the page chooses for nobody."""


def offered(members: Iterable[StrEnum], language: str) -> Choices:
    """An enumeration as choices in words."""
    return [(each.value, label(each, language)) for each in members]


class TermsForm(Form):
    """What is signed. Which parts go together is the rules' to say; their sentences stand beside the fields."""

    kind = forms.ChoiceField(label=_("Kind of consent"))
    patient_name = forms.CharField(label=_("Name of the person, as signed"), max_length=NAME_LIMIT)
    form_version = forms.ChoiceField(label=_("Text that was signed"))
    discloser = forms.CharField(
        label=_("Who may tell"), max_length=NAME_LIMIT, help_text=_("The clinic, or a person by name.")
    )
    categories = forms.MultipleChoiceField(label=_("What may be told"), widget=forms.CheckboxSelectMultiple)
    details = forms.CharField(
        label=_("More exactly"), max_length=TEXT_LIMIT, required=False,
        help_text=_("How much, and from when to when. For an intermediary: which of its members."),
    )  # fmt: skip
    recipient_class = forms.ChoiceField(label=_("Who may receive it"))
    recipient = forms.CharField(
        label=_("By name"), max_length=NAME_LIMIT, required=False, help_text=_("Where it is not everybody of a kind.")
    )
    purposes = forms.MultipleChoiceField(label=_("What it is for"), widget=forms.CheckboxSelectMultiple)
    purpose_text = forms.CharField(label=_("The other purpose"), max_length=TEXT_LIMIT, required=False)
    expiry = forms.ChoiceField(label=_("It ends"))
    expires_on = DatePartsField(label=_("Last day"), required=False)
    expiry_event = forms.CharField(label=_("What has to happen"), max_length=NAME_LIMIT, required=False)
    signer = forms.ChoiceField(label=_("Who signed"))
    signer_name = forms.CharField(label=_("Name of who signed"), max_length=NAME_LIMIT)
    authority = forms.CharField(
        label=_("By which document"), max_length=NAME_LIMIT, required=False,
        help_text=_("Where somebody else signed for the person."),
    )  # fmt: skip
    method = forms.ChoiceField(label=_("How it was signed"))
    signed_on = DatePartsField(label=_("Day of the signature"))

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, members in _OFFERED.items():
            field = self.fields[name]
            blank = [("", "–")] if name in CHOSEN else []
            field.choices = [*blank, *offered(members, language)]  # type: ignore[attr-defined]

    @property
    def parts(self) -> list[tuple[Any, list[BoundField]]]:
        """The fields under the headings of the paper form."""
        return [(title, [self[name] for name in names]) for title, names in PARTS]

    def terms(self) -> ConsentTerms:
        given = self.cleaned_data
        return ConsentTerms(
            kind=ConsentKind(given["kind"]),
            patient_name=given["patient_name"],
            discloser=given["discloser"],
            categories=tuple(DisclosureCategory(each) for each in given["categories"]),
            recipient_class=RecipientClass(given["recipient_class"]),
            purposes=tuple(ConsentPurpose(each) for each in given["purposes"]),
            expiry=ConsentExpiry(given["expiry"]),
            signer=ConsentSigner(given["signer"]),
            signer_name=given["signer_name"],
            method=SignatureMethod(given["method"]),
            signed_on=given["signed_on"],
            form_version=FormVersion(given["form_version"]),
            **{name: given[name] for name in ("details", "recipient", "purpose_text", "expiry_event", "authority")},
            expires_on=given["expires_on"],
        )

    @staticmethod
    def of_patient(patient: Patient, clinic: str, today: date) -> dict[str, Any]:
        """A new form: the names that are known, today, and nothing chosen that limits what a person may decide."""
        name = f"{patient.given_name} {patient.family_name}"
        return {"patient_name": name, "signer_name": name, "discloser": clinic, "signed_on": today}

    @staticmethod
    def of_consent(row: Consent, today: date) -> dict[str, Any]:
        """What an earlier consent said, to be signed anew."""
        names = [name for _title, part in PARTS for name in part]
        return {name: getattr(row, name) for name in names} | {"signed_on": today}


class RevocationForm(Form):
    """How and when a consent was taken back."""

    method = forms.ChoiceField(label=_("How it was taken back"))
    on = DatePartsField(label=_("Day the clinic received it"))
    note = forms.CharField(label=_("Note"), max_length=NOTE_LIMIT, required=False)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = offered(RevocationMethod, language)  # type: ignore[attr-defined]

    def revoked_at(self, row: Consent, zone: ZoneInfo, now: datetime) -> datetime:
        """Now for today; another day from its beginning, but not before the consent held."""
        day = self.cleaned_data["on"]
        if day == now.astimezone(zone).date():
            return now
        began = datetime.combine(day, time.min, tzinfo=zone)
        same_day = row.effective_at.astimezone(zone).date() == day
        return max(began, row.effective_at) if same_day else began


class EndForm(Form):
    """When what a consent was to end with came."""

    on = DatePartsField(label=_("Day it came"))


_OFFERED: dict[str, type[StrEnum]] = {
    "kind": ConsentKind,
    "form_version": FormVersion,
    "categories": DisclosureCategory,
    "recipient_class": RecipientClass,
    "purposes": ConsentPurpose,
    "expiry": ConsentExpiry,
    "signer": ConsentSigner,
    "method": SignatureMethod,
}
