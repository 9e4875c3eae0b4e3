"""One follow-up: what happened on a call, another day, another owner, its end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, add_refusal, words
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from clinic.wording import label
from pathways.actions import follow_ups as acts
from pathways.actions.follow_ups.results import UNDO_FOR
from pathways.models import FollowUp
from pathways.queries import messages as message_queries
from pathways.queries.calls import call_results
from pathways.queries.follow_ups import follow_up as find
from pathways.queries.follow_ups import next_of_rule
from pathways.queries.links import fills_in_alone
from pathways.queries.owners import owners_at
from pathways.rules.follow_ups import OUTCOMES, CallResult, Outcome
from pathways.web.calls import CallForm, call_fields, saved
from pathways.web.lines import Reader, form_address
from pathways.web.message_rows import row_shown
from pathways.web.places import done_line, form_page, line_response, one_line, reader_of, version_shown


def follow_up(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All about it: where it stands, the calls made, the messages sent."""
    reader, row = reader_of(request), _row(request, public_id)
    calls = list(call_results(row))
    newest = next((each for each in calls if each.undone_at is None), None)
    undoable = newest if newest and newest.made_by_id == reader.actor.pk else None
    may_undo = undoable is not None and reader.now - undoable.made_at <= UNDO_FOR
    context = {
        "calls": [
            {
                "row": each,
                "result": CallResult(each.result),
                "note": each.note if reader.reads_words(each.made_by_id) else "",
            }
            for each in calls
        ],
        "undo": reverse("call_undo", args=[undoable.public_id]) if undoable and may_undo else "",
        "reminders": [row_shown(each) for each in message_queries.of_follow_up(row)],
        "noted": row.outcome_note if reader.reads_words(row.closed_by_id) else "",
        "form_href": form_address(row),
        "fills_in_alone": fills_in_alone(row.instrument),
        **_shared(row, reader),
    }
    return render(request, "pathways/follow_ups/follow_up.html", context)


def call(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The result of a call: unfolded in its line, or as a page of its own."""
    reader, row = reader_of(request), _row(request, public_id)
    if request.method != "POST":
        return _unfolded(request, row, reader)
    form, status = CallForm(request.POST, zone=row.time_zone), 422
    if form.is_valid():
        try:
            made = acts.record_call(
                by=reader.actor, now=reader.now, follow_up_id=public_id,
                expected_version=version_shown(request, row), **form.given,
            )  # fmt: skip
            undo, otherwise = reverse("call_undo", args=[made.public_id]), reverse("follow_up", args=[public_id])
            return done_line(request, row, undo, otherwise, saved(made.follow_up, made.try_again_at, reader))
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    return _unfolded(request, _row(request, public_id), reader, form, status)


def _unfolded(
    request: HttpRequest, row: FollowUp, reader: Reader, form: CallForm | None = None, status: int = 200
) -> HttpResponse:
    fields = call_fields(row, reader, form.data if form else None, form.wrong if form else None)
    line = one_line(row, reader) if getattr(request, "htmx", None) else None
    if line is not None:
        unfolded = {"state": "open", "form": "pathways/partials/call_result.html"}
        return line_response(request, {**line, **fields, **unfolded}, status)
    context = {"line": fields, **_shared(row, reader)}
    return form_page(request, "pathways/follow_ups/call.html", context, form, status)


def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The result is taken back: the line stands again as it stood."""
    reader = reader_of(request)
    row = acts.undo_call(by=reader.actor, now=reader.now, call_id=public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    line = one_line(row, reader) if getattr(request, "htmx", None) else None
    if line is not None:
        return line_response(request, line)
    return go_on(request, reverse("follow_up", args=[row.public_id]), sentence("follow_up.undone"))


# -- a review done, in its line ---------------------------------------------------------------------------------------


class DoneForm(Form):
    """What came of a review."""

    note = forms.CharField(label=_("What came of it"), max_length=300, required=False)


def done(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A review is done. Unfolds in its line, or as its own page."""
    reader, row = reader_of(request), _row(request, public_id)
    form, status = DoneForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        try:
            acts.close(
                by=reader.actor, now=reader.now, follow_up_id=public_id, outcome=Outcome.KEPT,
                note=form.cleaned_data["note"], expected_version=version_shown(request, row),
            )  # fmt: skip
            return done_line(request, row, "", reverse("follow_up", args=[public_id]))
        except Refused as refused:
            add_refusal(form, refused, reader.language)
            status = refused.status
    status = 422 if form.errors and status == 200 else status
    post_to = f"{reverse('follow_up_done', args=[public_id])}?version={row.version}"
    line = one_line(row, reader) if getattr(request, "htmx", None) else None
    if line is not None:
        unfolded = {"state": "open", "form": "pathways/follow_ups/done_inplace.html", "post_to": post_to, "done": form}
        return line_response(request, {**line, **unfolded}, status)
    return _page(request, row, reader, "done", form, status, post_to=post_to)


# -- another owner, another day, the end ------------------------------------------------------------------------------


class AssignForm(Form):
    """To whom."""

    owner = forms.ChoiceField(label=_("To whom"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: FollowUp, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody = words(sentence("follow_up.nobody"))
        people = [(str(each.public_id), each.name) for each in owners_at(row.site)]
        self.fields["owner"].choices = [("", nobody), *people]  # type: ignore[attr-defined]

    def carry_out(self, row: FollowUp, reader: Reader) -> FollowUp:
        owner = self.cleaned_data["owner"]
        return acts.assign(
            by=reader.actor, now=reader.now, follow_up_id=row.public_id, owner_id=UUID(owner) if owner else None,
            expected_version=self.cleaned_data["version"],
        )  # fmt: skip


class RescheduleForm(Form):
    """Which day, and when on it, in the person's own time."""

    on = DatePartsField(label=_("Day"))
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: FollowUp, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def carry_out(self, row: FollowUp, reader: Reader) -> FollowUp:
        on, at = self.cleaned_data["on"], self.cleaned_data["at"]
        return acts.reschedule(
            by=reader.actor, now=reader.now, follow_up_id=row.public_id, on=on, at=at,
            expected_version=self.cleaned_data["version"],
        )  # fmt: skip


def _outcomes(row: FollowUp, now: datetime) -> list[Outcome]:
    """Those a person may choose from; leaving it for the next one only where there is one."""
    has_next = next_of_rule(row, now).exists()
    return [each for each, rule in OUTCOMES.items() if rule.by_person and (has_next or not rule.needs_next)]


class CloseForm(Form):
    """How it ends."""

    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: FollowUp, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.value, words(sentence("follow_up.outcome", outcome=each))) for each in _outcomes(row, now)]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]

    def carry_out(self, row: FollowUp, reader: Reader) -> FollowUp:
        return acts.close(
            by=reader.actor, now=reader.now, follow_up_id=row.public_id, note=self.cleaned_data["note"],
            outcome=Outcome(self.cleaned_data["outcome"]), expected_version=self.cleaned_data["version"],
        )  # fmt: skip


AnyForm = AssignForm | RescheduleForm | CloseForm
VERBS = {"assign": _("Give it"), "reschedule": _("Move it"), "close": _("End it")}


def assign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give it to somebody of its site, or to nobody in particular."""
    return _change(request, public_id, AssignForm, "assign")


def reschedule(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Another day for the same contact."""
    return _change(request, public_id, RescheduleForm, "reschedule")


def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End it in its one outcome."""
    return _change(request, public_id, CloseForm, "close")


def _change(request: HttpRequest, public_id: UUID, shape: type[AnyForm], kind: str) -> HttpResponse:
    reader, row = reader_of(request), _row(request, public_id)
    if request.method != "POST":
        return _page(request, row, reader, kind, shape(initial=_initial(row), row=row, now=reader.now))
    form, status = shape(request.POST, row=row, now=reader.now), 422
    if form.is_valid():
        try:
            form.carry_out(row, reader)
            said = sentence(f"follow_up.saved.{kind}")
            return done_line(request, row, "", reverse("follow_up", args=[public_id]), said)
        except Refused as refused:
            add_refusal(form, refused, reader.language)
            status = refused.status
    return _page(request, row, reader, kind, form, status)


def _initial(row: FollowUp) -> dict[str, object]:
    return {
        "version": row.version,
        "owner": str(row.owner.public_id) if row.owner else "",
        "on": row.due_on,
        "at": row.due_time,
    }


def _page(
    request: HttpRequest, row: FollowUp, reader: Reader, kind: str, form: Form, status: int = 200, post_to: str = ""
) -> HttpResponse:
    """The form in the place of its line, or as a page of its own."""
    line = one_line(row, reader) if getattr(request, "htmx", None) and not post_to else None
    if line is not None:
        post_to = reverse(f"follow_up_{kind}", args=[row.public_id])
        unfolded = {"state": "open", "form": "pathways/follow_ups/change_inplace.html", "post_to": post_to,
                    "change": form, "verb": VERBS[kind]}  # fmt: skip
        return line_response(request, {**line, **unfolded}, status)
    context = {"form": form, "post_to": post_to, **_shared(row, reader)}
    return form_page(request, f"pathways/follow_ups/{kind}.html", context, form, status)


def _row(request: HttpRequest, public_id: UUID) -> FollowUp:
    row = find(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return row


def _shared(row: FollowUp, reader: Reader) -> dict[str, Any]:
    """What every page of a follow-up shows at its head."""
    role = label(Role(row.owner_role), reader.language) if row.owner_role else ""
    due = datetime.combine(row.due_on, row.due_time)
    return {
        "row": row,
        "patient": row.patient,
        "back": reverse("chart", args=[row.patient.public_id]),
        "due": sentence("follow_up.due", at=due),
        "outcome": Outcome(row.outcome) if row.outcome else None,
        "role": role,
    }
