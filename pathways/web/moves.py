"""Moving somebody along their way: the page of a move, "not ready yet", and what may be set aside."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from clinic.web.pages import go_on
from pathways.actions import enrollments as acts
from pathways.actions.enrollments.gating import SetAside
from pathways.models import Enrollment
from pathways.queries.chart import answered
from pathways.queries.courses import courses, place_now
from pathways.queries.decisions import decision_shown
from pathways.queries.enrollments import document_ahead, enrollment
from pathways.queries.programs import document_of, version_ahead
from pathways.queries.signers import signers_at
from pathways.rules.gates import Gate, OverrideReason
from pathways.rules.moves import ENDS_CONTACT, DischargeReason, EnrollmentStatus, HoldReason, MoveKind, StepBackReason
from pathways.rules.phases import Move, allowed_moves
from pathways.rules.programs import GateSide
from pathways.web import blocked, gate_lists
from pathways.web.lines import Reader
from pathways.web.move_forms import MoveForm, OverrideForm, carried
from pathways.web.places import reader_of

Shown = dict[str, Any]
KINDS = (MoveKind.ADMIT, MoveKind.ADVANCE, MoveKind.RESUME, MoveKind.STEP_BACK, MoveKind.HOLD, MoveKind.DISCHARGE)
REVIEW = timedelta(days=14)
"""The day of review that is offered for a hold (local default)."""
ICONS = {
    MoveKind.ADMIT: "door-enter",
    MoveKind.ADVANCE: "stairs-up",
    MoveKind.STEP_BACK: "repeat",
    MoveKind.HOLD: "player-pause",
    MoveKind.RESUME: "player-play",
    MoveKind.DISCHARGE: "door-exit",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way on from here: its kind, where it leads, the reasons it takes, and the sides of the gate before it."""

    kind: MoveKind
    to_phase: str | None
    reasons: tuple[str, ...]
    asks: tuple[GateSide, ...]

    @property
    def code(self) -> str:
        """How an address names it."""
        return f"{self.kind.value}:{self.to_phase}" if self.to_phase else self.kind.value


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way that was chosen, for one enrollment, by somebody."""

    request: HttpRequest
    row: Enrollment
    way: Way
    reader: Reader

    @property
    def address(self) -> str:
        return f"{reverse('move', args=[self.row.public_id])}?way={self.way.code}"

    @property
    def chart(self) -> str:
        return reverse("chart", args=[self.row.patient.public_id])

    @property
    def phase_title(self) -> str:
        document = document_of(version_ahead(self.row))
        return document.phase(self.way.to_phase).short_title if self.way.to_phase else ""

    def form(self, data: QueryDict | None = None) -> MoveForm:
        today = self.reader.now.astimezone(self.row.site.zone).date()
        return MoveForm(
            data,
            kind=self.way.kind,
            reasons=self.way.reasons,
            language=self.reader.language,
            zone=self.row.site.zone,
            now=self.reader.now,
            initial={
                "version": self.row.version,
                "review_on": today + REVIEW,
                "reason": self.request.GET.get("reason"),
            },
        )


def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose the way, fill in what it asks, and go; a gate that is not met answers 409 with every criterion."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    ways = ways_from(row, reader)
    way = _chosen(ways, request.GET.get("way", ""))
    if way is None:
        return _page(request, row, ways, None, None, reader)
    chosen = Chosen(request, row, way, reader)
    if request.method != "POST":
        return _page(request, row, ways, way, chosen.form(), reader)
    form = chosen.form(request.POST)
    if not form.is_valid():
        return _page(request, row, ways, way, form, reader, status=422)
    if "override_note" in request.POST:
        return _overriding(chosen, form, ways)
    return _made(chosen, form, None, ways)


def ways_from(row: Enrollment, reader: Reader) -> list[Way]:
    """What this person may do from here, reasons of the same way together."""
    phase = row.current_phase.key if row.current_phase else None
    roles = [Role(role) for role in reader.actor.roles]
    found: dict[tuple[MoveKind, str | None], list[Move]] = {}
    for each in allowed_moves(document_of(version_ahead(row)), EnrollmentStatus(row.status), phase, roles):
        if each.kind in KINDS:
            found.setdefault((each.kind, each.to_phase), []).append(each)
    ways = [_way(kind, to, moves) for (kind, to), moves in found.items()]
    return sorted(ways, key=lambda way: KINDS.index(way.kind))


def _way(kind: MoveKind, to_phase: str | None, moves: list[Move]) -> Way:
    reasons = tuple(dict.fromkeys(reason for each in moves for reason in each.reasons))
    return Way(kind, to_phase, reasons, next((each.gate for each in moves if each.gate), ()))


def _chosen(ways: list[Way], code: str) -> Way | None:
    if not code:
        return ways[0] if ways else None
    found = next((way for way in ways if code in (way.code, way.kind.value)), None)
    if found is None:
        raise Refused("unknown_way", sentence("move.unknown"), status=404)
    return found


def _page(
    request: HttpRequest,
    row: Enrollment,
    ways: list[Way],
    way: Way | None,
    form: MoveForm | None,
    reader: Reader,
    status: int = 200,
) -> HttpResponse:
    document = document_of(version_ahead(row))
    shown = [
        {
            "href": f"{reverse('move', args=[row.public_id])}?way={each.code}",
            "icon": ICONS[each.kind],
            "label": _label(each, document.phase(each.to_phase).short_title if each.to_phase else ""),
            "why": sentence(f"move.why.{each.kind.value}"),
            "current": each == way,
        }
        for each in ways
    ]
    context = {
        "enrollment": row,
        "patient": row.patient,
        "place": place_now(row, now=reader.now, language=reader.language),
        "ways": shown,
        "transfer": reverse("transfer", args=[row.public_id]) if _may_transfer(row, reader) else "",
        "form": form,
        "label": next((each["label"] for each in shown if each["current"]), None),
        "gate": _gate(row, way, reader),
    }
    return render(request, "pathways/enrollments/move.html", context, status=status)


def _may_transfer(row: Enrollment, reader: Reader) -> bool:
    roles = [Role(role) for role in reader.actor.roles]
    phase = row.current_phase.key if row.current_phase else None
    ways = allowed_moves(document_of(row.program_version), EnrollmentStatus(row.status), phase, roles)
    return any(each.kind is MoveKind.TRANSFER for each in ways)


def _label(way: Way, phase: str) -> Sentence:
    return sentence(f"move.way.{way.kind.value}", phase=phase)


def _gate(row: Enrollment, way: Way | None, reader: Reader) -> Shown | None:
    """The checklist beside the form of a way that leads through a gate."""
    gate = _gate_of(row, way, reader.now) if way is not None else None
    if gate is None:
        return None
    decision = answered(row, gate, at=reader.now)
    return gate_lists.checklist(decision, gate_lists.of_enrollment(gate, row, reader))


def _gate_of(row: Enrollment, way: Way, at: datetime) -> Gate | None:
    """The gate a way leads through, as it reads for this person; None where nothing is asked."""
    here = row.current_phase.key if row.current_phase else None
    return document_ahead(row, at=at).gate_for(here, way.to_phase, way.asks)


def _made(
    chosen: Chosen, form: MoveForm, aside: SetAside | None, ways: list[Way], bound: QueryDict | None = None
) -> HttpResponse:
    try:
        _verb(chosen, form.cleaned_data, aside)
    except Refused as refused:
        if refused.code == "gate_not_met" and isinstance(refused.details, dict):
            return _blocked(chosen, dict(refused.details), status=refused.status, bound=bound)
        form.refuse(refused)
        row = enrollment(chosen.reader.actor, chosen.row.public_id)
        return _page(chosen.request, row, ways, chosen.way, form, chosen.reader, status=refused.status)
    name = chosen.row.patient.display_name
    on = form.cleaned_data.get("review_on")
    died = form.cleaned_data.get("reason") in ENDS_CONTACT
    said = sentence(f"move.done.{'died' if died else chosen.way.kind}", name=name, phase=chosen.phase_title, on=on)
    return go_on(chosen.request, chosen.chart, said)


def _verb(chosen: Chosen, given: dict[str, Any], aside: SetAside | None) -> None:
    shared: dict[str, Any] = {
        "by": chosen.reader.actor,
        "now": chosen.reader.now,
        "enrollment_id": chosen.row.public_id,
        "note": given["note"],
        "effective_at": given["effective_at"],
        "expected_version": given["version"],
    }
    language = chosen.reader.language
    match chosen.way.kind:
        case MoveKind.ADMIT:
            acts.admit(to_phase=chosen.way.to_phase, set_aside=aside, language=language, **shared)
        case MoveKind.ADVANCE:
            acts.advance(to_phase=chosen.way.to_phase, set_aside=aside, language=language, **shared)
        case MoveKind.STEP_BACK:
            reason = StepBackReason(given["reason"])
            acts.step_back(to_phase=chosen.way.to_phase, reason=reason, language=language, **shared)
        case MoveKind.HOLD:
            acts.hold(reason=HoldReason(given["reason"]), review_on=given["review_on"], **shared)
        case MoveKind.RESUME:
            acts.resume(**shared)
        case MoveKind.DISCHARGE:
            acts.discharge(
                reason=DischargeReason(given["reason"]),
                destination=given["destination"],
                set_aside=aside,
                language=language,
                **shared,
            )


def _blocked(
    chosen: Chosen, shown: dict[str, Any], *, status: int = 409, bound: QueryDict | None = None
) -> HttpResponse:
    """ "Not ready yet", with the override beneath where something may be set aside."""
    row, reader = chosen.row, chosen.reader
    gate = document_ahead(row, at=reader.now).gate_named(shown["gate"])
    if gate is None:
        raise Refused("no_gate", sentence("override.refused.no_gate"))
    decision = answered(row, gate, at=reader.now)
    heading = sentence("move.blocked.title", phase=chosen.phase_title) if chosen.phase_title else None
    page = blocked.page(
        shown,
        gate_lists.of_enrollment(gate, row, reader),
        heading=heading or sentence("move.blocked.completion"),
        unchanged=sentence(
            "move.blocked.unchanged",
            met=shown["met_count"],
            of=shown["of_count"],
            name=row.patient.preferred_name or row.patient.given_name,
            phase=row.current_phase.short_title if row.current_phase else "",
        ),
        back=chosen.chart,
    )
    open_to = blocked.may_be_set_aside(shown, reader)
    if open_to:
        form = _override_form(chosen, open_to, bound)
        page["override"] = blocked.override(open_to, shown, row, form, chosen.address, reader)
    words = reader.may(Permission.ASSESSMENT_READ)
    drawn = courses([row], {row.pk: decision}, now=reader.now, language=reader.language, words=words)
    place = place_now(row, now=reader.now, language=reader.language)
    return blocked.answer(chosen.request, page, row, row.patient, place, drawn.get(row.pk), status=status)


def _override_form(chosen: Chosen, open_to: list[Any], bound: QueryDict | None) -> OverrideForm:
    criteria = [(each["key"], each["sentence"]) for each in open_to]
    return OverrideForm(bound, criteria=criteria, carried=carried(chosen.request), language=chosen.reader.language)


def _overriding(chosen: Chosen, form: MoveForm, ways: list[Way]) -> HttpResponse:
    """Set aside and move; where a second signature is needed, ask for it instead."""
    at: datetime = form.cleaned_data["effective_at"] or chosen.reader.now
    gate = _gate_of(chosen.row, chosen.way, at)
    if gate is None:
        raise Refused("no_gate", sentence("override.refused.no_gate"))
    shown = decision_shown(answered(chosen.row, gate, at=at), chosen.reader.language)
    open_to = blocked.may_be_set_aside(shown, chosen.reader)
    asked = _override_form(chosen, open_to, chosen.request.POST)
    if not asked.is_valid():
        return _blocked(chosen, shown, status=422, bound=chosen.request.POST)
    given = asked.cleaned_data
    aside = SetAside(tuple(given["set_aside"]), OverrideReason(given["override_reason"]), given["override_note"])
    signed = [each for each in open_to if each["key"] in aside.criteria and each["cosigned_by"]]
    if not signed:
        return _made(chosen, form, aside, ways, bound=chosen.request.POST)
    return _requested(chosen, aside, [Role(role) for each in signed for role in each["cosigned_by"]])


def _requested(chosen: Chosen, aside: SetAside, roles: list[Role]) -> HttpResponse:
    acts.request_override(
        by=chosen.reader.actor,
        now=chosen.reader.now,
        enrollment_id=chosen.row.public_id,
        criteria=aside.criteria,
        reason=aside.reason,
        note=aside.note,
    )
    names = [each.name for each in signers_at(chosen.row.site, roles, but=chosen.reader.actor)]
    code = "move.done.request" if names else "move.done.request_nobody"
    said = sentence(code, names=names, roles=list(dict.fromkeys(roles)))
    return go_on(chosen.request, chosen.chart, said, level=messages.INFO)
