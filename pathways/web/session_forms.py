"""The form of a session's account: everybody on one page, whether they came, for how long, and a line for each."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from pathways.actions.sessions import Came
from pathways.actions.sessions.documenting import LINE_LIMIT, NOTE_LIMIT, REASON_LIMIT
from pathways.models import Attendance, Session
from pathways.queries.sessions import Roster
from pathways.rules.sessions import CANCELLATIONS, AttendanceStatus

HERE, AWAY = "here", "away"
STALE = 412


class DocumentForm(Form):
    """Who came, for how long, a line for each, a note all share."""

    note = forms.CharField(
        label=_("Note"), max_length=NOTE_LIMIT, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Session, places: list[Attendance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        planned = int((row.ends_at - row.starts_at) / timedelta(minutes=1))
        if row.kind != "individual":
            self.fields["note"].label = _("Note all share")
            self.fields["note"].help_text = _("It names nobody. What is about one person belongs on their line.")
        for place in places:
            self._add(place, planned)

    def _add(self, place: Attendance, planned: int) -> None:
        choices = [(HERE, _("Came")), (AWAY, _("Did not come"))]
        came = forms.ChoiceField(label=place.patient.display_name, choices=choices, widget=forms.RadioSelect)
        came.error_messages["required"] = words(sentence("session.refused.came_or_not"))
        came.initial = _initially(place)
        self.fields[f"came_{place.public_id.hex}"] = came
        self.fields[f"minutes_{place.public_id.hex}"] = forms.IntegerField(
            label=_("Minutes"), required=False, initial=place.minutes or planned, min_value=0, max_value=9999,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "maxlength": 4, "autocomplete": "off"}),
        )  # fmt: skip
        self.fields[f"line_{place.public_id.hex}"] = forms.CharField(
            label=_("Line"), required=False, max_length=LINE_LIMIT, initial=place.note,
            widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": LINE_LIMIT}),
        )  # fmt: skip

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the template: each place with its three fields."""
        return [
            {
                "place": place,
                "patient": place.patient,
                **{part: self[f"{part}_{place.public_id.hex}"] for part in ("came", "minutes", "line")},
            }
            for place in self.places
        ]

    def clean(self) -> dict[str, Any]:
        """Minutes are typed for whoever came."""
        found = super().clean() or {}
        for place in self.places:
            minutes = f"minutes_{place.public_id.hex}"
            wanted = found.get(f"came_{place.public_id.hex}") == HERE and minutes not in self.errors
            if wanted and found.get(minutes) is None:
                self.add_error(minutes, words(sentence("refused.required")))
        return found

    @property
    def came(self) -> list[Came]:
        """Those who came, in the order of the page."""
        return [
            Came(each.public_id, self._given("minutes", each), self._given("line", each))
            for each in self.places
            if self._given("came", each) == HERE
        ]

    @property
    def lines(self) -> dict[UUID, str]:
        """What is said of those who did not come."""
        return {each.public_id: self._given("line", each) for each in self.places if self._given("came", each) == AWAY}

    def _given(self, part: str, place: Attendance) -> Any:
        return self.cleaned_data[f"{part}_{place.public_id.hex}"]

    def refuse(self, refused: Refused) -> None:
        """A refusal of one line (`came.<n>.minutes`) stands at that line."""
        there = [each for each in self.places if self.cleaned_data.get(f"came_{each.public_id.hex}") == HERE]
        fields = {}
        for name, said in refused.fields.items():
            parts = name.split(".")
            if parts[0] == "came" and len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(there):
                part = {"minutes": "minutes", "note": "line"}.get(parts[2], "came")
                name = f"{part}_{there[int(parts[1])].public_id.hex}"
            fields[name] = said
        super().refuse(Refused(refused.code, refused.sentence, status=refused.status, fields=fields))


class AmendForm(DocumentForm):
    """The account corrected, and why."""

    reason = forms.CharField(label=_("Why it is corrected"), max_length=REASON_LIMIT)


def _initially(place: Attendance) -> str:
    """Whoever is checked in came; whoever was missed did not; of the others it is asked."""
    if place.status in (AttendanceStatus.CHECKED_IN, AttendanceStatus.ATTENDED):
        return HERE
    return AWAY if place.status == AttendanceStatus.NO_SHOW else ""


def form_for(row: Session, roster: Roster, typed: QueryDict | None = None, *, amends: bool = False) -> DocumentForm:
    """The form with everybody whose place was not given up, as typed or as things stand."""
    places = [each for each in roster.places if each.status not in CANCELLATIONS]
    initial = {"note": row.note, "version": row.version}
    shape = AmendForm if amends else DocumentForm
    return shape(typed, row=row, places=places, initial=initial)


def seen_again(form: Any, row: Session, status: int) -> Any:
    """After somebody else's change: what was typed stays, and is meant of the session as it is now."""
    if status == STALE:
        form.data = form.data.copy()
        form.data["version"] = str(row.version)
    return form
