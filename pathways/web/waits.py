"""The waitlist in place: somebody put in line, a place offered, taken or not, the end of a wait."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.errors import Refused
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.web.pages import go_on
from pathways.actions import waits as verbs
from pathways.models import PlaceOffer, WaitlistEntry
from pathways.queries import waits as queries
from pathways.queries.capacity import places_at
from pathways.rules.capacity import DeclineReason, PlaceKind, WaitPriority, WaitReason
from pathways.rules.levels import Level
from pathways.rules.moves import DischargeReason, MoveKind
from pathways.web.capacity_forms import DeclineForm, OfferForm, UrgencyForm, WaitForm, WithdrawForm, held_until
from pathways.web.capacity_page import Opened, Unfolded, carried_out, opened_at, page, program_choices
from pathways.web.places import reader_of
from patients.queries import patients

HELD_DAYS = 2
"""How long a place is held unless another moment is typed (local default)."""


def put(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put somebody in line: for which program and level, how urgent, and why."""
    reader = reader_of(request)
    patient = patients.get(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    sites = [(str(each.public_id), each.name) for each in request.sites]  # type: ignore[attr-defined]
    initial = {
        "kind": PlaceKind.PLACE.value,
        "priority": WaitPriority.ROUTINE.value,
        "reason": WaitReason.NO_PLACE.value,
        "site": str(request.site.public_id) if request.site else "",  # type: ignore[attr-defined]
    }
    form = WaitForm(
        request.POST or None, programs=program_choices(), sites=sites, language=reader.language, initial=initial
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            verbs.put_on_waitlist(
                by=reader.actor, now=reader.now, patient_id=public_id, program_key=given["program"],
                site_id=UUID(given["site"]), level=Level(given["level"]) if given["level"] else None,
                kind=PlaceKind(given["kind"]), **form.urgency,
            )  # fmt: skip
            return go_on(request, reverse("chart", args=[public_id]), sentence("wait.said.put"))
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/capacity/wait.html", {"patient": patient, "form": form}, status=status)


def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How urgent, and why."""
    opened, row = _wait(request, public_id)
    form = UrgencyForm(request.POST, language=opened.reader.language)

    def verb(given: Mapping[str, Any]) -> Sentence:
        verbs.change_wait(
            by=opened.reader.actor, now=opened.reader.now, wait_id=public_id, expected_version=given["version"],
            **form.urgency,
        )  # fmt: skip
        return sentence("wait.said.changed")

    return carried_out(opened, Unfolded(_place("change", row), form, request.path, _("Save")), verb, _anchor(row))


def offer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A place, held until a moment."""
    opened, row = _wait(request, public_id)
    form = OfferForm(request.POST, zone=opened.site.zone, full=_may_exceed(opened, row))

    def verb(given: Mapping[str, Any]) -> Sentence:
        made = verbs.offer_place(by=opened.reader.actor, now=opened.reader.now, wait_id=public_id, **form.given)
        return sentence("wait.said.offered", until=made.expires_at.astimezone(opened.site.zone))

    return carried_out(
        opened, Unfolded(_place("offer", row), form, request.path, _("Offer the place")), verb, _anchor(row)
    )


def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody no longer waits."""
    opened, row = _wait(request, public_id)
    form = WithdrawForm(request.POST, language=opened.reader.language)

    def verb(given: Mapping[str, Any]) -> Sentence:
        verbs.withdraw(
            by=opened.reader.actor, now=opened.reader.now, wait_id=public_id, reason=DischargeReason(given["reason"]),
            note=given["note"], expected_version=given["version"],
        )  # fmt: skip
        return sentence("wait.said.withdrawn")

    return carried_out(opened, Unfolded(_place("withdraw", row), form, request.path, _("Take off the waitlist")), verb)


def accept(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The place is taken; where the entry gate is not met, the page of the admission says what is missing."""
    opened, row = _offer(request, public_id)
    patient = row.wait.enrollment.patient
    try:
        verbs.accept_offer(
            by=opened.reader.actor, now=opened.reader.now, offer_id=public_id, language=opened.reader.language
        )
    except Refused as refused:
        said = sentence("wait.gate") if refused.code == "gate_not_met" else refused.sentence
        way = f"{reverse('move', args=[row.wait.enrollment.public_id])}?way={MoveKind.ADMIT.value}"
        blocked = {"said": said, "href": way if refused.code == "gate_not_met" else ""}
        return page(opened, None, refused.status, blocked)
    return go_on(request, reverse("chart", args=[patient.public_id]), sentence("wait.said.accepted"))


def decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Not this time."""
    opened, row = _offer(request, public_id)
    form = DeclineForm(request.POST, language=opened.reader.language)

    def verb(given: Mapping[str, Any]) -> Sentence:
        verbs.decline_offer(
            by=opened.reader.actor, now=opened.reader.now, offer_id=public_id, reason=DeclineReason(given["reason"]),
            note=given["note"],
        )  # fmt: skip
        return sentence("wait.said.declined")

    place = _place("decline", row.wait)
    return carried_out(opened, Unfolded(place, form, request.path, _("Save")), verb, _anchor(row.wait))


def take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The clinic takes an offer back."""
    opened, row = _offer(request, public_id)
    verbs.take_back_offer(by=opened.reader.actor, now=opened.reader.now, offer_id=public_id)
    return go_on(request, reverse("places") + _anchor(row.wait), sentence("wait.said.taken_back"))


def _wait(request: HttpRequest, public_id: UUID) -> tuple[Opened, WaitlistEntry]:
    opened = opened_at(request)
    row = queries.wait(opened.reader.actor, public_id)
    request.seen.add(row.enrollment.patient.public_id)  # type: ignore[attr-defined]
    return opened, row


def _offer(request: HttpRequest, public_id: UUID) -> tuple[Opened, PlaceOffer]:
    opened = opened_at(request)
    row = queries.offer(opened.reader.actor, public_id)
    request.seen.add(row.wait.enrollment.patient.public_id)  # type: ignore[attr-defined]
    return opened, row


def _place(verb: str, row: WaitlistEntry) -> str:
    return f"{verb}-{row.public_id}"


def _anchor(row: WaitlistEntry) -> str:
    return f"#wait-{row.public_id}"


def _may_exceed(opened: Opened, row: WaitlistEntry) -> bool:
    """Whether the form asks why a place is offered though none is free."""
    if not opened.may(Permission.CAPACITY_WRITE):
        return False
    found = places_at(row.site, row.program, row.level, row.kind, now=opened.reader.now)
    return found is not None and found.free <= 0


# -- forms in their places --------------------------------------------------------------------------------------------


def _offer_form(opened: Opened, row: WaitlistEntry) -> Unfolded:
    initial = {"version": row.version, **held_until(opened.reader.now, opened.site.zone, HELD_DAYS)}
    form = OfferForm(initial=initial, zone=opened.site.zone, full=_may_exceed(opened, row))
    return Unfolded(_place("offer", row), form, reverse("wait_offer", args=[row.public_id]), _("Offer the place"))


def _change_form(opened: Opened, row: WaitlistEntry) -> Unfolded:
    initial = {name: getattr(row, name) for name in ("version", "priority", "reason", "note")}
    form = UrgencyForm(initial=initial, language=opened.reader.language)
    return Unfolded(_place("change", row), form, reverse("wait_change", args=[row.public_id]), _("Save"))


def _withdraw_form(opened: Opened, row: WaitlistEntry) -> Unfolded:
    form = WithdrawForm(initial={"version": row.version}, language=opened.reader.language)
    action = reverse("wait_withdraw", args=[row.public_id])
    return Unfolded(_place("withdraw", row), form, action, _("Take off the waitlist"))


def _decline_form(opened: Opened, row: PlaceOffer) -> Unfolded:
    form = DeclineForm(language=opened.reader.language)
    return Unfolded(_place("decline", row.wait), form, reverse("offer_decline", args=[row.public_id]), _("Save"))


UNFOLDED: dict[str, Callable[[Opened, Any], Unfolded]] = {
    "offer": _offer_form,
    "change": _change_form,
    "withdraw": _withdraw_form,
    "decline": _decline_form,
}
