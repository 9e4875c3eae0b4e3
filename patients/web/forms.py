"""What is typed about people."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.web.forms import Form
from clinic.web.widgets import DatePartsField
from patients.actions.contacts import NewContactPoint
from patients.actions.details import Details
from patients.models import ContactPoint, ContactPreference, Patient
from patients.rules.contact import LONGEST_GRACE_HOURS, SUPPRESSION_REASONS, Channel

SEXES = [("female", _("Female")), ("male", _("Male")), ("unknown", _("Not known or other"))]
LANGUAGES = [("en", "English"), ("es", "Español")]
CHANNELS = [
    (Channel.SMS.value, _("Text message")),
    (Channel.VOICE.value, _("Telephone call")),
    (Channel.EMAIL.value, _("E-mail")),
    (Channel.LETTER.value, _("Letter")),
]
METHODS = [("in_person", _("In person")), ("phone", _("On the telephone")), ("written", _("In writing"))]
REASONS = {
    "person_asked": _("The person asked"),
    "wrong_person": _("It reaches somebody else"),
    "not_deliverable": _("It cannot be delivered"),
    "safety": _("Somebody's safety"),
    "stop_reply": _("A STOP reply"),
}


class PersonForm(Form):
    """Who somebody is."""

    given_name = forms.CharField(label=_("Given name"), max_length=80)
    family_name = forms.CharField(label=_("Family name"), max_length=80)
    preferred_name = forms.CharField(
        label=_("Name they go by"), max_length=80, required=False, help_text=_("If it is not the given name.")
    )
    birth_date = DatePartsField(label=_("Birth date"), help_text=_("For example 7 June 1984."))
    sex_for_clinical_use = forms.ChoiceField(
        label=_("Sex for clinical use"), choices=SEXES, help_text=_("Decides which limits a few instruments use.")
    )
    gender = forms.CharField(label=_("Gender"), max_length=60, required=False)
    pronouns = forms.CharField(label=_("Pronouns"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language of messages"), choices=LANGUAGES)

    def details(self, time_zone: str = "") -> Details:
        names = Details.__dataclass_fields__.keys() & self.cleaned_data.keys()
        return Details(**{"time_zone": time_zone, **{name: self.cleaned_data[name] for name in names}})


class RegistrationForm(PersonForm):
    """A new person, with the first ways to reach them."""

    phone = forms.CharField(label=_("Mobile telephone"), max_length=40, required=False)
    phone_confirmed = forms.BooleanField(label=_("Read back and confirmed"), required=False)
    phone_consent = forms.BooleanField(label=_("They agree to text messages"), required=False)
    phone_leave_message = forms.BooleanField(label=_("A message may be left"), required=False)
    email = forms.CharField(label=_("E-mail address"), max_length=254, required=False)
    email_confirmed = forms.BooleanField(label=_("Read back and confirmed"), required=False)
    email_consent = forms.BooleanField(label=_("They agree to e-mail"), required=False)

    def contact_points(self) -> list[NewContactPoint]:
        return [self._point(name) for name in self.points_given()]

    def points_given(self) -> list[str]:
        """The fields that hold an address, in the order the points are made in."""
        return [name for name in ("phone", "email") if self.cleaned_data.get(name)]

    def _point(self, name: str) -> NewContactPoint:
        given = self.cleaned_data
        return NewContactPoint(
            channel=Channel.SMS.value if name == "phone" else Channel.EMAIL.value,
            address=given[name],
            ok_to_leave_message=given.get(f"{name}_leave_message", False),
            confirmed=given[f"{name}_confirmed"],
            consent=given[f"{name}_consent"],
        )


class CorrectionForm(PersonForm):
    """Who somebody is, put right; and the zone they live in."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Messages keep to the hours of the day there."))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, patient: Patient) -> "CorrectionForm":
        names = [*Details.__dataclass_fields__, "version"]
        return cls(initial={name: getattr(patient, name) for name in names})


class ContactPointForm(Form):
    """A way to reach somebody."""

    channel = forms.ChoiceField(label=_("Way"), choices=CHANNELS)
    address = forms.CharField(label=_("Number or address"), max_length=254)
    ok_to_leave_message = forms.BooleanField(label=_("A message may be left"), required=False)
    shared = forms.BooleanField(label=_("Others use it too"), required=False)
    confirmed = forms.BooleanField(label=_("Read back and confirmed"), required=False)
    consent = forms.BooleanField(label=_("They agree to be written to here"), required=False)
    opens = forms.TimeField(
        label=_("Not before"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    closes = forms.TimeField(
        label=_("Not after"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def point(self) -> NewContactPoint:
        return NewContactPoint(**self.cleaned_data)


class ContactChangeForm(ContactPointForm):
    """How a known address may be used; another address is another contact point."""

    confirmed = None  # type: ignore[assignment]
    consent = None  # type: ignore[assignment]
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def point(self) -> NewContactPoint:
        return NewContactPoint(**{name: value for name, value in self.cleaned_data.items() if name != "version"})

    @classmethod
    def of(cls, point: ContactPoint) -> "ContactChangeForm":
        names = ["channel", "address", "ok_to_leave_message", "shared", "opens", "closes", "version"]
        return cls(initial={name: getattr(point, name) for name in names})


class VersionForm(Form):
    """The version of the row that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class ConsentForm(Form):
    """A decision on being written to at one address."""

    given = forms.ChoiceField(label=_("Decision"), choices=[("yes", _("Agrees")), ("no", _("Does not agree"))])
    method = forms.ChoiceField(label=_("How it was said"), choices=METHODS)
    evidence = forms.CharField(
        label=_("Evidence"), max_length=300, required=False, help_text=_("For example: form of 3 June, page 2.")
    )


class PreferenceForm(Form):
    """What the person likes."""

    preferred_channel = forms.ChoiceField(label=_("Likes to be reached by"), required=False)
    reminders_wanted = forms.BooleanField(label=_("Wants reminders"), required=False)
    grace_hours = forms.IntegerField(
        label=_("More time to answer, in hours"),
        help_text=_("On every step, before the next person or message tries. 0 is as usual, 336 the most."),
        required=False, min_value=0, max_value=LONGEST_GRACE_HOURS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "maxlength": 3}),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["preferred_channel"].choices = [("", _("No preference")), *CHANNELS]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, preference: ContactPreference | None) -> "PreferenceForm":
        if preference is None:
            return cls(initial={"reminders_wanted": True, "grace_hours": 0})
        names = ["preferred_channel", "reminders_wanted", "grace_hours", "note", "version"]
        return cls(initial={name: getattr(preference, name) for name in names})


class SuppressionForm(Form):
    """Stop automatic messages."""

    target = forms.ChoiceField(label=_("Stop automatic messages"))
    reason = forms.ChoiceField(label=_("Reason"), choices=[(key, REASONS[key]) for key in SUPPRESSION_REASONS])

    def __init__(self, *args: Any, points: list[ContactPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        addresses = [(str(point.public_id), _("to %(address)s") % {"address": point.address}) for point in points]
        self.fields["target"].choices = [("", _("of every kind")), *addresses]  # type: ignore[attr-defined]
        self.fields["target"].required = False


class FlagForm(VersionForm):
    """What was done about a flag."""

    action_taken = forms.CharField(
        label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stays on the record with your name. Closing needs it."),
    )  # fmt: skip


class SiteForm(Form):
    """Another site that is to see this person."""

    site = forms.UUIDField(label=_("Site"))
