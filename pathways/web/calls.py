"""The form in which the result of a call is recorded: choices, when to try again, what silence will do."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.opening_hours import ContactHours, contact_window, to_local, to_utc
from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import Form, words
from clinic.wording import label
from pathways.models import FollowUp
from pathways.queries.follow_ups import ladder_facts, usual_retry
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import CallResult, next_step
from pathways.rules.programs import RungKind
from pathways.web.lines import Reader, Shown, line_id
from patients.models import Patient
from patients.queries.contacts import Reach, reaches
from patients.queries.part2_consents import support_people
from patients.rules.contact import PHONE_CHANNELS, Channel

KEYS = {CallResult.REACHED: "r", CallResult.NO_ANSWER: "n"}
HOURS = (time(9), time(12), time(16), time(18))
"""Hours of the day offered for the next try (local choice): another hour than the last one is what helps."""
DAYS_OFFERED = 3
NOTE_LIMIT = 300


class CallForm(Form):
    """What happened on a call."""

    outcome = forms.ChoiceField(label=_("What happened?"))
    note = forms.CharField(label=_("Note"), max_length=NOTE_LIMIT, required=False)
    again = forms.CharField(label=_("Try again"), max_length=16, required=False)
    need = forms.ChoiceField(
        label=_("Does the person need more care?"),
        choices=[("", _("Not asked")), ("yes", _("Yes")), ("no", _("No"))],
        required=False,
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone
        self.fields["outcome"].choices = [(each.value, label(each)) for each in CallResult]  # type: ignore[attr-defined]
        for name in ("required", "invalid_choice"):
            self.fields["outcome"].error_messages[name] = words(sentence("call.refused.outcome"))

    def clean_again(self) -> datetime | None:
        """The instant of the wall time that was chosen; None for the usual."""
        given = self.cleaned_data["again"]
        if not given:
            return None
        try:
            return to_utc(datetime.strptime(given, "%Y-%m-%dT%H:%M"), self._zone)  # noqa: DTZ007  # a wall time
        except ValueError:
            raise forms.ValidationError(words(sentence("call.refused.again"))) from None

    @property
    def given(self) -> dict[str, Any]:
        """The keywords of `record_call`."""
        asked = {"yes": True, "no": False}
        return {
            "result": CallResult(self.cleaned_data["outcome"]),
            "note": self.cleaned_data["note"],
            "try_again_at": self.cleaned_data["again"],
            "need": asked.get(self.cleaned_data["need"]),
        }

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong, by the field it stands beside; the rest as `form`."""
        return {
            name if name in self.fields else "form": " ".join(str(each) for each in said)
            for name, said in self.errors.items()
        }

    def refuse(self, refused: Refused) -> None:
        fields = {{"try_again_at": "again"}.get(name, name): said for name, said in refused.fields.items()}
        super().refuse(Refused(refused.code, refused.sentence, status=refused.status, fields=fields))


def call_fields(
    row: FollowUp, reader: Reader, typed: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None
) -> Shown:
    """What `partials/call_result.html` shows; `typed`: what somebody had entered already, `wrong`: what is wrong with
    it, by field."""
    kept = typed or {}
    reached = reaches([row.patient_id], reader.now)[row.patient_id]
    window = calling_hours(row, reached)
    return {
        "id": line_id(row),
        "post_to": f"{reverse('call', args=[row.public_id])}?version={row.version}",
        "outcomes": _outcomes(kept.get("outcome", ""), reader.language),
        "retries": _retries(row, window, reader, kept.get("again", "")),
        "note": kept.get("note", ""),
        "rungs": _rungs(row),
        "silence": [_silence(row, reader), *_supporters(row, reader), *_how_to_call(row, reached, window)],
        "note_limit": NOTE_LIMIT,
        "wrong": wrong or {},
    }


def saved(row: FollowUp, again: datetime | None, reader: Reader) -> Sentence:
    """What was recorded leads to: the next try in the person's own time, and what silence will do then."""
    if row.outcome or again is None:
        return sentence("today.saved")
    return sentence("today.saved_step", at=again.astimezone(ZoneInfo(row.time_zone)), step=_silence(row, reader))


def _outcomes(chosen: str, language: str) -> list[Shown]:
    return [
        {"value": each.value, "label": label(each, language), "key": KEYS.get(each, ""), "checked": each == chosen}
        for each in CallResult
    ]


def _rungs(row: FollowUp) -> list[str]:
    ladder = document_of(row.enrollment.program_version).ladder_or_first(row.ladder)
    here = ladder.place(row.rung)
    return ["on" if place < here else "now" if place == here else "" for place in range(len(ladder.rungs))]


def _silence(row: FollowUp, reader: Reader) -> Sentence:
    """Where on the ladder it stands, and what comes next where nobody answers."""
    ladder = document_of(row.enrollment.program_version).ladder_or_first(row.ladder)
    facts = ladder_facts([row], now=reader.now)[row.pk]
    # As it stands, not as time has passed since: climbing is the ladder task's to do.
    step = next_step(ladder, ladder.place(row.rung), facts, facts.started_at)
    return step.sentence if step else sentence("call.answered")


def _supporters(row: FollowUp, reader: Reader) -> list[Sentence]:
    """Whom to ask on the step of a support person: the people a consent in force names."""
    ladder = document_of(row.enrollment.program_version).ladder_or_first(row.ladder)
    if ladder.rung_at(row.rung).kind is not RungKind.SUPPORT_PERSON:
        return []
    names = support_people([row.patient_id], reader.now).get(row.patient_id, [])
    return [sentence("call.support_person", names=names) if names else sentence("call.no_support_person")]


def calling_hours(row: FollowUp, reached: list[Reach]) -> ContactHours:
    """The hours in which this person may be called: the site's, narrowed by their own for the first number."""
    point = next((each.point for each in reached if each.facts.channel in PHONE_CHANNELS), None)
    own = ContactHours(point.opens, point.closes) if point and point.opens and point.closes else None
    return contact_window(ContactHours(row.site.contact_opens, row.site.contact_closes), own)


def how_to_reach(patient: Patient, now: datetime) -> list[Sentence]:
    """The telephone numbers of somebody, as they stand in a call result; hours are those of the first number."""
    reached = reaches([patient.pk], now)[patient.pk]
    numbers = list(dict.fromkeys(each.point.address for each in reached if each.facts.channel in PHONE_CHANNELS))
    return [sentence("call.numbers", numbers=numbers)] if numbers else [sentence("call.no_number")]


def _how_to_call(row: FollowUp, reached: list[Reach], window: ContactHours) -> list[Sentence]:
    numbers = list(dict.fromkeys(each.point.address for each in reached if each.facts.channel in PHONE_CHANNELS))
    if not numbers:
        return [sentence("call.no_number")]
    voice = [each for each in reached if each.facts.channel is Channel.VOICE]
    leave = any(each.facts.ok_to_leave_message for each in voice)
    said = [_number(numbers, window)]
    return said if leave else [*said, sentence("call.leave_none")]


def _number(numbers: list[str], window: ContactHours) -> Sentence:
    """Their own hours and the site's may have come apart since they were asked for: there is no time to name then."""
    if window.empty:
        return sentence("call.number_at_no_time", numbers=numbers)
    return sentence("call.number", numbers=numbers, opens=window.opens, closes=window.closes)


def _retries(row: FollowUp, window: ContactHours, reader: Reader, chosen: str) -> list[Shown]:
    """Times to try again in the person's own day: the usual one first, then hours in which they may be called."""
    usual = to_local(usual_retry(row, reader.now), row.time_zone)
    now = to_local(reader.now, row.time_zone)
    days = [now.date() + timedelta(days=ahead) for ahead in range(DAYS_OFFERED)]
    times = [datetime.combine(day, hour) for day in days for hour in HOURS]
    offered = [at for at in times if at > now and window.contains(at)]
    offered.append(datetime.combine(now.date() + timedelta(days=7), HOURS[0]))
    first = {**_retry(usual, now.date(), chosen), "value": "", "selected": not chosen}
    return [first, *(_retry(at, now.date(), chosen) for at in offered)]


def _retry(at: datetime, today: date, chosen: str) -> Shown:
    value = f"{at:%Y-%m-%dT%H:%M}"
    near = {today: "call.today", today + timedelta(days=1): "call.tomorrow"}.get(at.date(), "call.on")
    return {"value": value, "label": words(sentence(near, at=at, hour=at.time())), "selected": value == chosen}
