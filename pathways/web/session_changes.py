"""A session changes: another time, nobody comes, somebody joins or gives their place up, somebody is here."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.opening_hours import to_utc
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import back, go_on
from pathways.actions import sessions as acts
from pathways.actions.sessions import Move
from pathways.models import Attendance, Session
from pathways.queries import sessions as queries
from pathways.rules.sessions import CancelledBy, SessionKind, SessionMode
from pathways.web.lines import Reader
from pathways.web.places import reader_of
from pathways.web.session_forms import seen_again
from pathways.web.session_lines import shown
from pathways.web.session_pages import one_line, see
from pathways.web.session_people import Found
from pathways.web.session_shapes import DayField, WhereForm, number_field, words_of


class MoveForm(WhereForm):
    """Another day, time, leader, room or way of meeting; other words about it."""

    on = DayField(label=_("Day"))
    minutes = number_field(_("Minutes"))
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ["on", "at", "minutes", "leader", "room", "mode", "title", "topic", "capacity", "counts"]

    def __init__(self, *args: Any, row: Session, **kwargs: Any) -> None:
        super().__init__(*args, site=row.site, **kwargs)
        self.fields["counts"].choices = self.fields["counts"].choices[1:]  # type: ignore[attr-defined]
        self._need_leader(SessionKind(row.kind))
        if row.kind == SessionKind.INDIVIDUAL:
            del self.fields["capacity"]

    @property
    def wanted(self) -> Move:
        given = self.cleaned_data
        begins = to_utc(datetime.combine(given["on"], given["at"]), self.site.time_zone)
        capacity = {"capacity": given["capacity"]} if given.get("capacity") else {}
        return Move(
            starts_at=begins,
            minutes=given["minutes"],
            leader_id=self.id_of("leader"),
            room_id=self.id_of("room"),
            mode=SessionMode(given["mode"]),
            title=given["title"],
            topic=given["topic"],
            counts_toward_hours=bool(self.counted),
            **capacity,
        )


class WishForm(Form):
    """Whose wish it was, and a word about it."""

    wish = forms.ChoiceField(label=_("Whose wish"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, wishes: tuple[CancelledBy, ...] = tuple(CancelledBy), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wish"].choices = [(each.value, words_of(each)) for each in wishes]  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"wish": CancelledBy(data["wish"]), "note": data["note"], "expected_version": data["version"]}


class AddForm(Form):
    """Somebody to be booked in."""

    who = forms.CharField(
        label=_("Who"), max_length=80, required=False, help_text=_("Name, record number or birth date."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    patient = forms.CharField(required=False, widget=forms.HiddenInput)

    def refuse(self, refused: Refused) -> None:
        fields = {"who" if name == "people" else name: said for name, said in refused.fields.items()}
        super().refuse(Refused(refused.code, refused.sentence, status=refused.status, fields=fields))


def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Another time, leader or room."""
    reader = reader_of(request)
    row = queries.session(reader.actor, public_id)
    form = MoveForm(request.POST or None, row=row, initial=_as_it_is(row))

    def carry_out() -> None:
        acts.move(
            by=reader.actor, now=reader.now, session_id=public_id, to=form.wanted,
            expected_version=form.cleaned_data["version"],
        )  # fmt: skip

    return _change(request, row, reader, form, carry_out, "move", "session.moved")


def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It does not take place."""
    reader = reader_of(request)
    row = queries.session(reader.actor, public_id)
    of_one = row.kind in (SessionKind.INDIVIDUAL, SessionKind.FAMILY)
    wishes = tuple(CancelledBy) if of_one else (CancelledBy.CLINIC,)
    initial = {"version": row.version, "wish": "" if of_one else CancelledBy.CLINIC}
    form = WishForm(request.POST or None, wishes=wishes, initial=initial)

    def carry_out() -> None:
        acts.cancel(by=reader.actor, now=reader.now, session_id=public_id, **form.given)

    return _change(request, row, reader, form, carry_out, "cancel", "session.cancelled")


def take_off(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person's place is given up."""
    reader = reader_of(request)
    place = queries.place(reader.actor, public_id)
    row = queries.session(reader.actor, place.session.public_id)
    request.seen.add(place.patient.public_id)  # type: ignore[attr-defined]
    form = WishForm(request.POST or None, initial={"version": row.version})

    def carry_out() -> None:
        acts.take_off(by=reader.actor, now=reader.now, attendance_id=public_id, **form.given)

    return _change(request, row, reader, form, carry_out, "take_off", "session.taken_off", place=place)


def add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody joins: by name, record number or birth date, or chosen on their chart."""
    reader = reader_of(request)
    row = queries.session(reader.actor, public_id)
    post = request.method == "POST"
    chosen = (request.POST if post else request.GET).get("patient", "")
    found = Found(reader, row.site, public_id=chosen, line=request.POST.get("who", ""))
    request.seen.update(each.public_id for each in found.seen)  # type: ignore[attr-defined]
    form, status = AddForm(request.POST if post else None, initial={"patient": chosen[:36]}), 200
    if post:
        status = _added(form, found, row, reader)
        if status == 200:
            return go_on(request, reverse("session", args=[public_id]), sentence("session.added"))
    context = {"patient": found.patient, "several": found.several, "form": form}
    return _page(request, row, reader, "add", status, **context)


def _added(form: AddForm, found: Found, row: Session, reader: Reader) -> int:
    if not form.is_valid() or not found.explain(form):
        return 422
    if found.patient is None:
        form.refuse(Refused("bad_input", fields={"who": sentence("refused.required")}))
        return 422
    try:
        acts.add_person(by=reader.actor, now=reader.now, session_id=row.public_id, patient_id=found.patient.public_id)
    except Refused as refused:
        form.refuse(refused)
        return refused.status
    return 200


# -- somebody is here, or not -----------------------------------------------------------------------------------------


def check_in(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody is here."""
    return _at_the_door(request, public_id, acts.check_in)


def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody said that they will come."""
    return _at_the_door(request, public_id, acts.confirm)


def undo_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Nobody said so after all."""
    return _at_the_door(request, public_id, acts.undo_confirm)


def undo_check_in(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody was not here after all."""
    return _at_the_door(request, public_id, acts.undo_check_in)


def no_show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody did not come."""
    return _at_the_door(request, public_id, acts.no_show)


def _at_the_door(request: HttpRequest, public_id: UUID, verb: Callable[..., Attendance]) -> HttpResponse:
    """Done in the line of the session; without script, back to where one was. A refusal is said above."""
    reader = reader_of(request)
    place = queries.place(reader.actor, public_id)
    row, said = place.session, None
    try:
        verb(by=reader.actor, now=reader.now, attendance_id=public_id)
    except Refused as refused:
        if getattr(request, "htmx", None):
            raise
        said = refused.sentence
    if getattr(request, "htmx", None):
        return one_line(request, queries.session(reader.actor, row.public_id), reader)
    request.seen.add(place.patient.public_id)  # type: ignore[attr-defined]
    there = back(request, reverse("session", args=[row.public_id]))
    return go_on(request, there, said, level=messages.ERROR if said else messages.SUCCESS)


# -- parts ------------------------------------------------------------------------------------------------------------


def _as_it_is(row: Session) -> dict[str, Any]:
    begins = row.starts_at.astimezone(row.site.zone)
    return {
        "version": row.version,
        "on": begins.date(),
        "at": begins.time(),
        "minutes": int((row.ends_at - row.starts_at) / timedelta(minutes=1)),
        "leader": str(row.leader.public_id) if row.leader else "",
        "room": str(row.room.public_id) if row.room else "",
        "mode": row.mode,
        "title": row.title,
        "topic": row.topic,
        "capacity": row.capacity,
        "counts": "yes" if row.counts_toward_hours else "no",
    }


def _change(
    request: HttpRequest,
    row: Session,
    reader: Reader,
    form: Form,
    carry_out: Callable[[], None],
    page: str,
    said: str,
    **context: Any,
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                carry_out()
                return go_on(request, reverse("session", args=[row.public_id]), sentence(said))
            except Refused as refused:
                form.refuse(refused)
                row = queries.session(reader.actor, row.public_id)
                form, status = seen_again(form, row, refused.status), refused.status
    return _page(request, row, reader, page, status, form=form, **context)


def _page(request: HttpRequest, row: Session, reader: Reader, page: str, status: int, **context: Any) -> HttpResponse:
    line = shown(row, queries.roster(reader.actor, row), reader)
    see(request, line)
    shared = {"row": row, "line": line, "zone": row.site.zone, "page": page}
    return render(request, f"pathways/sessions/{page}.html", shared | context, status=status)
