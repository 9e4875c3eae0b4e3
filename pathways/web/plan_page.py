"""The page of a plan: a care plan as a tree, a recovery plan by its sections, one form unfolded in its place."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from clinic.errors import Refused, not_found
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.modalities import keys as modality_keys
from pathways.modalities import modality
from pathways.models import Plan, PlanElement
from pathways.queries import plans as queries
from pathways.queries.owners import owners_at
from pathways.queries.plans import Node, PlanShown
from pathways.rules.plans import (
    ELEMENTS,
    ENDED,
    STANDS_UNDER,
    ElementStatus,
    PlanElementKind,
    PlanKind,
    PlanSigner,
    SigningMethod,
    holding,
)
from pathways.web.lines import Reader
from pathways.web.places import reader_of
from pathways.web.plan_forms import EndForm, LineForm, ReviewForm, SignForm, WordsForm, initial_of

Shown = dict[str, Any]
BENEATH = {under: kind for kind, under in STANDS_UNDER.items()}
PLACES = ("words", "review", "sign")


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The one form that is open on the page: what it is for, where it stands, where it is sent."""

    place: str
    form: Form
    action: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The plan that is open, for whom, and whether it may be written."""

    request: HttpRequest
    row: Plan
    reader: Reader

    @property
    def kind(self) -> PlanKind:
        return PlanKind(self.row.kind)

    @property
    def writable(self) -> bool:
        return self.row.closed_at is None and self.reader.may(Permission.PLAN_WRITE)

    @property
    def here(self) -> str:
        return reverse("plan", args=[self.row.public_id])


def opened_at(request: HttpRequest, public_id: UUID) -> Opened:
    """The plan of this address, seen. Raises Refused: a foreign one looks like none."""
    reader = reader_of(request)
    row = queries.plan(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return Opened(request, row, reader)


def carried_out(
    opened: Opened, form: Form, carry_out: Callable[[Mapping[str, Any]], None], place: str, said: str
) -> HttpResponse:
    """What was filled in, done; or the page with the form where it stands, and what was wrong with it."""
    status = 422
    if form.is_valid():
        try:
            carry_out(form.cleaned_data)
            anchor = place.partition("-")[2] if place.startswith(("edit-", "end-")) else ""
            return go_on(opened.request, f"{opened.here}#line-{anchor}" if anchor else opened.here, sentence(said))
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    action = opened.request.get_full_path()
    return page(opened, Unfolded(place, form, action), status)


def asked(opened: Opened) -> Unfolded | None:
    """The form the address asks for; an address that names nothing unfolds nothing."""
    given = opened.request.GET
    if given.get("form") in PLACES:
        return _plan_form(opened, given["form"])
    if "add" in given:
        kind, under = kind_of(opened, given["add"]), id_of(given.get("under", ""))
        query = {"add": kind.value, **({"under": str(under)} if under else {})}
        action = f"{reverse('plan_element_write', args=[opened.row.public_id])}?{urlencode(query)}"
        return Unfolded(add_place(kind, under), line_form(opened, kind), action)
    for verb in ("edit", "end"):
        if verb in given:
            return _form_of_line(opened, verb, id_of(given[verb]))
    return None


def _plan_form(opened: Opened, place: str) -> Unfolded:
    row, language = opened.row, opened.reader.language
    form: Form
    if place == "words":
        form = WordsForm(initial={"version": row.version, "own_words": row.own_words})
    elif place == "review":
        form = ReviewForm(initial={"version": row.version})
    else:
        signed = {"version": row.version, "signer": PlanSigner.PATIENT, "method": SigningMethod.ON_SCREEN}
        form = SignForm(initial=signed | {"name": row.patient.display_name}, language=language)
    return Unfolded(place, form, reverse(f"plan_{place}", args=[row.public_id]))


def _form_of_line(opened: Opened, verb: str, public_id: UUID | None) -> Unfolded | None:
    if public_id is None:
        return None
    row = queries.element(opened.reader.actor, public_id)
    form: Form
    if verb == "edit":
        form = line_form(opened, PlanElementKind(row.kind), row=row)
        return Unfolded(f"edit-{public_id}", form, reverse("plan_element_change", args=[public_id]))
    form = EndForm(initial={"version": row.version, "status": ElementStatus.COMPLETE}, language=opened.reader.language)
    return Unfolded(f"end-{public_id}", form, reverse("plan_element_end", args=[public_id]))


def line_form(opened: Opened, kind: PlanElementKind, *, row: PlanElement | None = None, data: Any = None) -> LineForm:
    return LineForm(
        data,
        initial=initial_of(row) if row else None,
        kind=kind,
        staff=owners_at(opened.row.site),
        findings=queries.findings_of(opened.row.patient),
        language=opened.reader.language,
        row=row,
    )


def kind_of(opened: Opened, written: str) -> PlanElementKind:
    found = next((each for each in ELEMENTS[opened.kind] if each.value == written), None)
    if found is None:
        raise not_found()
    return found


def id_of(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def add_place(kind: PlanElementKind, under: UUID | None) -> str:
    return f"add-{kind}-{under}" if under else f"add-{kind}"


def page(opened: Opened, unfolded: Unfolded | None, status: int = 200) -> HttpResponse:
    found = queries.shown([opened.row], now=opened.reader.now)[0]
    is_care = opened.kind is PlanKind.CARE
    context = {
        "plan": opened.row,
        "kind": opened.kind,
        "patient": opened.row.patient,
        "writable": opened.writable,
        "due": found.due,
        "standing": holding(found.standing),
        "signatures": _signatures(found),
        "reviews": tuple(reversed(found.reviews)),
        "unfolded": unfolded,
        "here": opened.here,
        "nodes": _nodes(found.tree) if is_care else [],
        "sections": [] if is_care else sections(found),
        "add_problem": PlanElementKind.PROBLEM,
    }
    return render(opened.request, "pathways/plans/plan.html", context, status=status)


def _signatures(found: PlanShown) -> list[Shown]:
    held = {(each.signer, each.name, each.at) for each in holding(found.standing)}
    return [
        {
            "row": each,
            "signer": PlanSigner(each.signer),
            "method": SigningMethod(each.method),
            "holds": (PlanSigner(each.signer), each.signer_name, each.effective_at) in held,
        }
        for each in reversed(found.signatures)
    ]


def sections(found: PlanShown) -> list[Shown]:
    """A recovery plan by its parts, in their order."""
    nodes = _nodes(found.tree)
    return [
        {
            "kind": kind,
            "title": sentence(f"plan.section.{kind}"),
            "lines": [each for each in nodes if each["kind"] is kind],
            "add": add_place(kind, None),
        }
        for kind in ELEMENTS[PlanKind.RECOVERY]
    ]


def _nodes(nodes: Sequence[Node]) -> list[Shown]:
    """Lines beside one another; one alone of its kind has nowhere to be moved."""
    kinds = Counter(each.kind for each in nodes)
    return [_node(each) | {"alone": kinds[each.kind] == 1} for each in nodes]


def _node(node: Node) -> Shown:
    """A line as its template wants it, with those beneath it."""
    row, ended = node.row, node.status in ENDED
    below = BENEATH.get(node.kind)
    return {
        "row": row,
        "kind": node.kind,
        "status": node.status,
        "ended": ended,
        "tone": "met" if node.status is ElementStatus.COMPLETE else "none",
        "from": queries.built_on(row),
        "modality": modality(row.modality).title if row.modality in modality_keys() else None,
        "below": below if not ended else None,
        "add": add_place(below, row.public_id) if below else "",
        "edit": f"edit-{row.public_id}",
        "end": f"end-{row.public_id}",
        "beneath": _nodes(node.beneath),
    }
