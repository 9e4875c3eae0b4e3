"""Going on in another program or at another site: one form, two ways."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.queries.sites import open_sites
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import enrollments as acts
from pathways.models import Enrollment, ProgramVersion
from pathways.queries.courses import place_now
from pathways.queries.enrollments import document_ahead, enrollment
from pathways.queries.owners import owners_at
from pathways.queries.programs import document_of, published_versions
from pathways.rules.gates import Gate
from pathways.rules.moves import TransferReason
from pathways.web import blocked, gate_lists
from pathways.web.lines import Reader
from pathways.web.places import reader_of
from pathways.web.transfer_forms import PROGRAM, TransferForm

Shown = dict[str, Any]


def transfer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose where to, say why, and go; the other program's entry gate answers 409 with every criterion."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    form = _form(request, row, reader)
    if request.method != "POST":
        return _page(request, row, form, reader)
    if not form.is_valid():
        return _page(request, row, form, reader, status=422)
    try:
        said = _transferred(row, form.cleaned_data, reader)
    except Refused as refused:
        if refused.code == "gate_not_met" and isinstance(refused.details, dict):
            return _not_yet(request, row, form.cleaned_data["program"], dict(refused.details), reader)
        form.refuse(refused)
        return _page(request, row, form, reader, status=refused.status)
    return go_on(request, reverse("chart", args=[row.patient.public_id]), said)


def _form(request: HttpRequest, row: Enrollment, reader: Reader) -> TransferForm:
    others = [each for each in published_versions() if each.program_id != row.program_id]
    sites = [each for each in open_sites() if each.pk != row.site_id]
    staff = {each.pk: each for site in (row.site, *sites) for each in owners_at(site)}
    return TransferForm(
        request.POST or None,
        programs=[(each.program.key, each.program.title) for each in others],
        sites=[(str(each.public_id), each.name) for each in sites],
        staff=staff.values(),
        language=reader.language,
        zone=row.site.zone,
        now=reader.now,
        initial={"version": row.version},
    )


def _transferred(row: Enrollment, given: dict[str, Any], reader: Reader) -> Any:
    shared: dict[str, Any] = {
        "by": reader.actor,
        "now": reader.now,
        "enrollment_id": row.public_id,
        "reason": TransferReason(given["reason"]),
        "counselor_id": UUID(given["counselor"]) if given["counselor"] else None,
        "note": given["note"],
        "effective_at": given["effective_at"],
        "expected_version": given["version"],
    }
    name = row.patient.display_name
    if given["where"] == PROGRAM:
        new = acts.transfer_program(program_key=given["program"], language=reader.language, **shared)
        return sentence("transfer.done.program", name=name, program=new.program.title)
    moved = acts.transfer_site(site_id=UUID(given["site"]), **shared)
    return sentence("transfer.done.site", name=name, site=moved.to_site.name if moved.to_site else "")


def _page(request: HttpRequest, row: Enrollment, form: TransferForm, reader: Reader, status: int = 200) -> HttpResponse:
    context = {
        "enrollment": row,
        "patient": row.patient,
        "place": place_now(row, now=reader.now, language=reader.language),
        "form": form,
    }
    return render(request, "pathways/enrollments/transfer.html", context, status=status)


def _not_yet(request: HttpRequest, row: Enrollment, key: str, shown: Shown, reader: Reader) -> HttpResponse:
    """The gate that is not met as a checklist, the other program's or the way out of this one; nothing has changed."""
    version = _version(key)
    gate = _gate_of(row, version, shown, reader)
    if gate is None:
        raise Refused("no_gate", sentence("override.refused.no_gate"))
    page = blocked.page(
        shown,
        gate_lists.Ahead(gate, row.patient.public_id, None, reader),
        heading=sentence("transfer.blocked", program=version.program.title),
        unchanged=sentence(
            "move.blocked.unchanged",
            met=shown["met_count"],
            of=shown["of_count"],
            name=row.patient.preferred_name or row.patient.given_name,
            phase=row.current_phase.short_title if row.current_phase else "",
        ),
        back=reverse("chart", args=[row.patient.public_id]),
    )
    place = place_now(row, now=reader.now, language=reader.language)
    return blocked.answer(request, page, row, row.patient, place, None, status=409)


def _gate_of(row: Enrollment, version: ProgramVersion, shown: Shown, reader: Reader) -> Gate | None:
    """The gate that answered: phases of two programs may share their keys, requirements seldom do."""
    asked = [each["key"] for each in shown["criteria"]]
    found = (each.gate_named(shown["gate"]) for each in (document_of(version), document_ahead(row, at=reader.now)))
    return next((gate for gate in found if gate and [each.key for each in gate.criteria] == asked), None)


def _version(key: str) -> ProgramVersion:
    return next(each for each in published_versions() if each.program.key == key)
