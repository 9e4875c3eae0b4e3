"""Replies: what people wrote back, the thread it stands in, and what a person does about it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.queries.pages import page
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, add_refusal, words
from clinic.web.pages import go_on
from pathways.actions import replies as acts
from pathways.actions.replies import NOTE_LIMIT
from pathways.models import Reply
from pathways.queries import replies as queries
from pathways.queries import threads
from pathways.rules.replies import BY_A_PERSON, Handling
from pathways.web.lines import Reader
from pathways.web.places import here, reader_of
from pathways.web.reply_rows import reply_shown, said_shown

ROWS = 50
WAITING, ALL = "waiting", "all"


class HandleForm(Form):
    """What was done about it."""

    handling = forms.ChoiceField(label=_("What was done"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), max_length=NOTE_LIMIT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.value, words(sentence("reply.handling", handling=each))) for each in BY_A_PERSON]
        self.fields["handling"].choices = choices  # type: ignore[attr-defined]


class AskToCallForm(Form):
    """Nothing to fill in: what is sent stands beside the button."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class AssignForm(Form):
    """Whose it is: one of those who have the address, or whoever has this record number."""

    patient = forms.ChoiceField(label=_("One of those who have this address"), widget=forms.RadioSelect, required=False)
    record_number = forms.CharField(label=_("Somebody else, by record number"), max_length=20, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["patient"].choices = people  # type: ignore[attr-defined]
        if not people:
            del self.fields["patient"]
            self.fields["record_number"].label = _("Record number")


def replies(request: HttpRequest) -> HttpResponse:
    """What waits for a person, the longest waiting first; or everything, the newest first."""
    reader, site = reader_of(request), here(request)
    state = ALL if request.GET.get("state") == ALL else WAITING
    rows = queries.listed(reader.actor, site, waiting=state == WAITING)
    order = queries.OLDEST_FIRST if state == WAITING else queries.ORDER
    binding = f"replies {site.public_id if site else ''} {state}"
    found = page(rows, order, request.GET.get("cursor") or None, ROWS, binding)
    request.seen.update(each.patient.public_id for each in found.rows if each.patient is not None)  # type: ignore[attr-defined]
    waiting = queries.number_waiting(reader.actor, site)
    context = {
        "rows": [reply_shown(each, reader.zone) for each in found.rows],
        "empty": sentence(f"reply.empty.{state}"),
        "tabs": [
            {"href": _address(each), "label": sentence(f"reply.list.{each}"), "current": each == state,
             "count": waiting if each == WAITING else None}
            for each in (WAITING, ALL)
        ],
        "previous": _address(state, found.previous_cursor) if found.previous_cursor else None,
        "following": _address(state, found.next_cursor) if found.next_cursor else None,
    }  # fmt: skip
    return render(request, "pathways/replies/replies.html", context)


def _address(state: str, cursor: str = "") -> str:
    query = {"state": state} | ({"cursor": cursor} if cursor else {})
    return f"{reverse('replies')}?{urlencode(query)}"


def reply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One reply in its thread, and what can be done about it."""
    return _page(request, _row(request, public_id))


def handle(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody has seen to it."""
    row, reader = _row(request, public_id), reader_of(request)
    form = HandleForm(request.POST)
    if not form.is_valid():
        return _page(request, row, handling=form, status=422)
    given = form.cleaned_data
    try:
        acts.handle(
            by=reader.actor, now=reader.now, reply_id=public_id, handling=Handling(given["handling"]),
            note=given["note"], expected_version=given["version"],
        )  # fmt: skip
    except Refused as refused:
        add_refusal(form, refused, reader.language)
        return _page(request, _row(request, public_id), handling=form, status=refused.status)
    return go_on(request, reverse("replies"), sentence("reply.saved.handled"))


def ask_to_call(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """They are asked to call: that is what was done about it."""
    row, reader = _row(request, public_id), reader_of(request)
    form = AskToCallForm(request.POST)
    if not form.is_valid():
        return _page(request, row, asking=form, status=422)
    try:
        acts.ask_to_call(
            by=reader.actor, now=reader.now, reply_id=public_id, expected_version=form.cleaned_data["version"]
        )
    except Refused as refused:
        add_refusal(form, refused, reader.language)
        return _page(request, _row(request, public_id), asking=form, status=refused.status)
    return go_on(request, reverse("replies"), sentence("reply.saved.asked_to_call"))


def assign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It is known who wrote."""
    row, reader = _row(request, public_id), reader_of(request)
    form = AssignForm(request.POST, people=_people(reader, row))
    if not form.is_valid():
        return _page(request, row, assigning=form, status=422)
    given = form.cleaned_data
    try:
        chosen = queries.person_meant(reader.actor, given.get("patient") or "", given["record_number"])
        acts.assign(
            by=reader.actor, now=reader.now, reply_id=public_id, patient_id=chosen, expected_version=given["version"]
        )
    except Refused as refused:
        add_refusal(form, refused, reader.language)
        return _page(request, _row(request, public_id), assigning=form, status=refused.status)
    return go_on(request, reverse("reply", args=[public_id]), sentence("reply.saved.assigned"))


def _row(request: HttpRequest, public_id: UUID) -> Reply:
    row = queries.reply(request.actor, public_id)  # type: ignore[attr-defined]
    if row.patient is not None:
        request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return row


def _people(reader: Reader, row: Reply) -> list[tuple[str, str]]:
    return [
        (str(each.patient.public_id), f"{each.patient.display_name}, {each.patient.record_number}")
        for each in threads.who_it_may_be(reader.actor, row)
    ]


def _folded(said: list[dict[str, Any]], row: Reply) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What was said before, and what is new: what it answers, what they wrote, what was said since."""
    place = next((at for at, each in enumerate(said) if each.get("public_id") == row.public_id), 0)
    answers = place > 0 and not said[place - 1]["came"]
    return said[: place - answers], said[place - answers :]


def _page(
    request: HttpRequest,
    row: Reply,
    *,
    handling: HandleForm | None = None,
    assigning: AssignForm | None = None,
    asking: AskToCallForm | None = None,
    status: int = 200,
) -> HttpResponse:
    reader = reader_of(request)
    shown, said = reply_shown(row, reader.zone), threads.of(reader.actor, row)
    before, new = _folded([said_shown(each) for each in said], row)
    context = {**shown, "before": before, "new": new, "version": row.version}
    if shown["waits"]:
        context["handling_form"] = handling or HandleForm(initial={"version": row.version})
        if (words := queries.words_that_ask_to_call(row)) is not None:
            context["asking_form"] = asking or AskToCallForm(initial={"version": row.version})
            context["asking_words"] = words
        if row.patient is None:
            people = _people(reader, row)
            request.seen.update(UUID(public_id) for public_id, _name in people)  # type: ignore[attr-defined]
            context["assign_form"] = assigning or AssignForm(people=people, initial={"version": row.version})
    request.seen.update(each.went.reminder.patient.public_id for each in said if each.went is not None)  # type: ignore[attr-defined]
    return render(request, "pathways/replies/reply.html", context, status=status)
