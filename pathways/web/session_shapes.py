"""The forms in which a session is booked, repeated and moved: times as people type them, in the site's wall time."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.models import Site
from clinic.rules.opening_hours import to_utc
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from clinic.web.widgets import DatePartsField
from clinic.wording import label
from clinic.wording.render import DAYS
from pathways.actions.sessions import What
from pathways.modalities import modalities
from pathways.queries import sessions as queries
from pathways.queries.owners import owners_at
from pathways.rules.sessions import FURTHEST, Recurrence, SessionKind, SessionMode, needs_leader

# Years one can leaf through; a typed day beyond them is no day of ours.
EARLIEST, LATEST = date(1990, 1, 1), date(2150, 1, 1)
# How people type a time of day.
CLOCK = ["%H:%M", "%H.%M", "%H%M", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"]
# Where the sentence of a refusal stands on the form.
PLACES = {"people": "who", "modality": "what", "kind": "what", "starts_at": "at", "starts_on": "on"}


class DayField(DatePartsField):
    """A typed day within the years one can leaf through."""

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not EARLIEST <= value <= LATEST:
            raise forms.ValidationError(words(sentence("session.refused.too_far", days=FURTHEST.days)))


def clock_field(label: Any, **given: Any) -> forms.TimeField:
    """A typed time of day."""
    shape = forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "maxlength": 8, "size": 6})
    return forms.TimeField(label=label, input_formats=CLOCK, widget=shape, **given)


def number_field(label: Any, **given: Any) -> forms.IntegerField:
    """A typed whole number."""
    attributes = {"inputmode": "numeric", "size": 4, "maxlength": 4, "autocomplete": "off"}
    return forms.IntegerField(label=label, widget=forms.TextInput(attrs=attributes), **given)


class WhereForm(Form):
    """What booking and moving share: leader, room, way of meeting, words, places."""

    at = clock_field(_("Begins"))
    minutes = number_field(_("Minutes"), required=False, help_text=_("Left empty: what is usual."))
    leader = forms.ChoiceField(label=_("Led by"), required=False)
    room = forms.ChoiceField(label=_("Room"), required=False)
    mode = forms.ChoiceField(label=_("How"), initial=SessionMode.IN_PERSON, widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title"), max_length=120, required=False, help_text=_("If it has one of its own."))
    topic = forms.CharField(label=_("Topic"), max_length=120, required=False)
    capacity = number_field(_("Places"), required=False)
    counts = forms.ChoiceField(label=_("Hours of the level"), required=False)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        nobody, no_room = words(sentence("session.nobody")), words(sentence("session.no_room"))
        leaders = [(str(each.public_id), each.name) for each in owners_at(site)]
        rooms = [(str(each.public_id), f"{each.name} ({each.seats})") for each in queries.rooms_at(site)]
        counts = [("", "session.usual"), ("yes", "session.counts"), ("no", "session.counts_not")]
        self._choices("leader", [("", nobody), *leaders])
        self._choices("room", [("", no_room), *rooms])
        self._choices("mode", [(each.value, words_of(each)) for each in SessionMode])
        self._choices("counts", [(value, words(sentence(code))) for value, code in counts])

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def _need_leader(self, kind: SessionKind) -> None:
        """Nobody leads only what takes place elsewhere: then it is left open."""
        self.fields["leader"].required = needs_leader(kind)
        self.fields["leader"].error_messages["required"] = words(sentence("session.refused.no_leader"))

    def id_of(self, name: str) -> UUID | None:
        """What was chosen, as an id."""
        chosen = self.cleaned_data[name]
        return UUID(chosen) if chosen else None

    @property
    def counted(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["counts"])

    def refuse(self, refused: Refused) -> None:
        fields = {PLACES.get(name, name): said for name, said in refused.fields.items()}
        super().refuse(Refused(refused.code, refused.sentence, status=refused.status, fields=fields))


def words_of(member: Any) -> str:
    """The label of a member, in the language of this request."""
    return label(member, _language())


def _language() -> str:
    return (translation.get_language() or "en")[:2]


class BookForm(WhereForm):
    """One session."""

    who = forms.CharField(
        label=_("Who"), max_length=80, required=False, help_text=_("Name, record number or birth date."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    patient = forms.CharField(required=False, widget=forms.HiddenInput)
    what = forms.ChoiceField(label=_("What"))
    on = DayField(label=_("Day"))
    field_order = ["patient", "who", "what", "on", "at", "minutes", "leader", "room", "mode", "title", "topic"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("what", _what_choices())
        kind = _kind_of(self["what"].value() or "")
        self._need_leader(kind)
        # An individual session is of one person; to others people come later.
        self.fields["who"].required = kind == SessionKind.INDIVIDUAL and not self["patient"].value()
        self.fields["who"].error_messages["required"] = words(sentence("session.refused.one_person"))

    @property
    def chosen(self) -> What:
        """What takes place, as typed."""
        key, _dot, kind = self.cleaned_data["what"].rpartition(".")
        given = self.cleaned_data
        return What(
            modality=key,
            kind=SessionKind(kind),
            title=given["title"],
            topic=given["topic"],
            mode=SessionMode(given["mode"]),
            capacity=given["capacity"],
            counts_toward_hours=self.counted,
        )

    @property
    def begins(self) -> datetime:
        """The instant of the typed wall time at the site."""
        return to_utc(datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"]), self.site.time_zone)


class SeriesForm(BookForm):
    """Every date of a series."""

    weekdays = forms.MultipleChoiceField(label=_("On"), widget=forms.CheckboxSelectMultiple)
    every_weeks = number_field(_("Every so many weeks"), initial=1, min_value=1, max_value=12)
    until = DayField(label=_("Last day"))
    minutes = number_field(_("Minutes"))
    field_order = ["patient", "who", "what", "weekdays", "every_weeks", "on", "until", "at", "minutes", "leader",
                   "room", "mode", "title", "topic"]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = _("From")
        self._choices("weekdays", [(str(number), name) for number, name in enumerate(DAYS[_language()])])

    @property
    def recurrence(self) -> Recurrence:
        given = self.cleaned_data
        return Recurrence(
            every_weeks=given["every_weeks"],
            weekdays=tuple(int(each) for each in given["weekdays"]),
            starts_on=given["on"],
            ends_on=given["until"],
            starts_time=given["at"],
            minutes=given["minutes"],
        )

    def refuse(self, refused: Refused) -> None:
        fields = {{"ends_on": "until"}.get(name, name): said for name, said in refused.fields.items()}
        super().refuse(Refused(refused.code, refused.sentence, status=refused.status, fields=fields))


def _kind_of(what: str) -> SessionKind:
    """The way it takes place, as chosen; until then as most do: one person with somebody who leads it."""
    kind = what.rpartition(".")[2]
    return SessionKind(kind) if kind in set(SessionKind) else SessionKind.INDIVIDUAL


def _what_choices() -> list[tuple[str, Any]]:
    """Every modality in every way it takes place, by that way, with its usual length."""
    found: list[tuple[str, Any]] = [("", "")]
    for kind in SessionKind:
        offered = []
        for each in modalities():
            if kind in each.kinds:
                minutes = words(sentence("session.minutes", n=each.setting(kind).minutes))
                offered.append((f"{each.key}.{kind.value}", f"{words(each.title)}, {minutes}"))
        found.append((words_of(kind).capitalize(), offered))
    return found
