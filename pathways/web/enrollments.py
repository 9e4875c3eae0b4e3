"""Coming into a program and coming back, the counselor, undoing a move, and the second signature."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.models import Site
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from clinic.wording import say
from pathways.actions import enrollments as acts
from pathways.actions.enrollments.gating import SetAside
from pathways.models import Enrollment, ProgramVersion
from pathways.queries.capacity import free_places
from pathways.queries.chart import gate_ahead
from pathways.queries.courses import move_title
from pathways.queries.deaths import ends_made_with
from pathways.queries.decisions import decision_shown
from pathways.queries.enrollments import enrollment, next_gate
from pathways.queries.obstacles import obstacles
from pathways.queries.owners import owners_at
from pathways.queries.programs import current_version, document_of, published_versions
from pathways.queries.signers import override_request
from pathways.rules.gates import OverrideReason
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.phases import allowed_moves
from pathways.web import blocked, gate_lists
from pathways.web.lines import Reader
from pathways.web.move_forms import (
    LATER,
    NOTE,
    TODAY,
    CounselorForm,
    EnrollForm,
    OverrideForm,
    ReadmitForm,
    UndoForm,
    carried,
)
from pathways.web.places import reader_of
from patients.models import Patient
from patients.queries import patients as people

Shown = dict[str, Any]


def enroll(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Into a program: which, where, with whom, from when. The entry gate answers 409 with every criterion."""
    reader = reader_of(request)
    patient = people.detail(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    form = _enroll_form(request, patient, reader)
    if request.method != "POST":
        return _enroll_page(request, patient, form)
    if not form.is_valid():
        return _enroll_page(request, patient, form, status=422)
    given = form.cleaned_data
    if given["begin"] == LATER:
        return _proposed(request, patient, form, reader)
    try:
        row = acts.enroll(
            by=reader.actor,
            now=reader.now,
            patient_id=patient.public_id,
            program_key=given["program"],
            site_id=UUID(given["site"]),
            counselor_id=UUID(given["counselor"]) if given["counselor"] else None,
            effective_at=given["effective_at"],
            note=given["note"],
            set_aside=_set_aside(request),
            language=reader.language,
        )
    except Refused as refused:
        version = next(each for each in published_versions() if each.program.key == given["program"])
        if refused.code == "gate_not_met" and isinstance(refused.details, dict):
            return _not_admitted(request, patient, version, dict(refused.details), reader, overrides=True)
        form.refuse(refused)
        return _enroll_page(request, patient, form, status=refused.status)
    said = sentence("move.done.enroll", name=patient.display_name, program=row.program.title)
    return go_on(request, reverse("chart", args=[patient.public_id]), said)


def _set_aside(request: HttpRequest) -> SetAside | None:
    """What is set aside with the admission; None where nothing is, or where something is still wanting."""
    keys, reason = tuple(request.POST.getlist("set_aside")), request.POST.get("override_reason", "")
    note = request.POST.get("override_note", "")
    if not keys or not note.strip() or reason not in set(OverrideReason):
        return None
    return SetAside(keys, OverrideReason(reason), note[:NOTE])


def _proposed(request: HttpRequest, patient: Patient, form: EnrollForm, reader: Reader) -> HttpResponse:
    """Proposed now, begun later: with a day on which it is looked at again."""
    given = form.cleaned_data
    try:
        row = acts.propose(
            by=reader.actor,
            now=reader.now,
            patient_id=patient.public_id,
            program_key=given["program"],
            site_id=UUID(given["site"]),
            note=given["note"],
        )
    except Refused as refused:
        form.refuse(refused)
        return _enroll_page(request, patient, form, status=refused.status)
    said = sentence("move.done.propose", name=patient.display_name, program=row.program.title)
    return go_on(request, reverse("chart", args=[patient.public_id]), said)


def _enroll_form(request: HttpRequest, patient: Patient, reader: Reader) -> EnrollForm:
    own = {each.pk for each in request.sites}  # type: ignore[attr-defined]
    sites: list[Site] = [stay.site for stay in patient.current_stays if stay.site_id in own]  # type: ignore[attr-defined]
    here: Site | None = request.site if request.site in sites else next(iter(sites), None)  # type: ignore[assignment]
    staff = {each.pk: each for site in sites for each in owners_at(site)}
    return EnrollForm(
        request.POST or None,
        programs=_programs(here, reader),
        sites=[(str(each.public_id), each.name) for each in sites],
        staff=staff.values(),
        zone=here.zone if here else reader.zone,
        now=reader.now,
        initial={
            "site": str(here.public_id) if here else "",
            "counselor": str(reader.actor.public_id),
            "begin": TODAY,
        },
    )


def _programs(site: Site | None, reader: Reader) -> list[tuple[str, str]]:
    """Every program to come into, with what is free there: it is said before the choice, and stops nobody."""
    free = free_places(reader.actor, site, now=reader.now) if site else {}
    said = {key: say(each, reader.language) for key, each in free.items()}
    programs = [each.program for each in published_versions()]
    return [(each.key, f"{each.title} · {said[each.key]}" if each.key in said else each.title) for each in programs]


def _enroll_page(request: HttpRequest, patient: Patient, form: EnrollForm, status: int = 200) -> HttpResponse:
    context = {"patient": patient, "form": form}
    return render(request, "pathways/enrollments/enroll.html", context, status=status)


def _not_admitted(
    request: HttpRequest,
    patient: Patient,
    version: ProgramVersion,
    shown: Shown,
    reader: Reader,
    row: Any = None,
    *,
    overrides: bool = False,
) -> HttpResponse:
    document = document_of(version)
    gate, (_, to_phase) = document.gate_named(shown["gate"]), next_gate(document, None)
    if gate is None or to_phase is None:
        raise Refused("no_gate", sentence("override.refused.no_gate"))
    ahead = gate_lists.Ahead(gate, patient.public_id, None, reader)
    page = blocked.page(
        shown,
        ahead,
        heading=sentence("move.blocked.title", phase=document.phase(to_phase).short_title),
        unchanged=sentence(
            "move.blocked.not_enrolled",
            met=shown["met_count"],
            of=shown["of_count"],
            name=patient.preferred_name or patient.given_name,
        ),
        back=reverse("chart", args=[patient.public_id]),
    )
    asked = "override_note" in request.POST
    if overrides:
        page["override"] = _override(request, shown, reader, asked)
    return blocked.answer(request, page, row, patient, document.program.title, None, status=422 if asked else 409)


def _override(request: HttpRequest, shown: Shown, reader: Reader, asked: bool) -> Shown | None:
    """What one person alone may set aside at an admission: a second signature needs an enrollment to sign for."""
    open_to = [each for each in blocked.may_be_set_aside(shown, reader) if not each["cosigned_by"]]
    if not open_to:
        return None
    form = OverrideForm(
        request.POST if asked else None,
        criteria=[(each["key"], each["sentence"]) for each in open_to],
        carried=carried(request),
        language=reader.language,
    )
    return blocked.override(open_to, shown, None, form, request.path, reader)


def readmit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody comes back: fill in first, then look at what will happen and confirm."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    version = current_version(row.program)
    form = _readmit_form(request, row, version, reader)
    shown = {"enrollment": row, "patient": row.patient, "form": form, "version": version}
    template = "pathways/enrollments/readmit.html"
    if request.method != "POST":
        return render(request, template, shown)
    if not form.is_valid():
        return render(request, template, shown, status=422)
    if request.POST.get("confirmed") != "yes":
        document = document_of(version)
        checked = {"phase": document.phase(form.cleaned_data["to_phase"]).title, "given": form.cleaned_data}
        return render(request, template, shown | {"checked": checked})
    return _readmitted(request, row, version, form, reader, shown)


def _readmit_form(request: HttpRequest, row: Enrollment, version: ProgramVersion, reader: Reader) -> ReadmitForm:
    document = document_of(version)
    roles = [Role(role) for role in reader.actor.roles]
    ways = allowed_moves(document, EnrollmentStatus(row.status), None, roles)
    phases = [each.to_phase for each in ways if each.kind is MoveKind.READMIT and each.to_phase]
    return ReadmitForm(
        request.POST or None,
        phases=[(key, document.phase(key).title) for key in dict.fromkeys(phases)],
        staff=owners_at(row.site),
        zone=row.site.zone,
        now=reader.now,
        initial={"counselor": str(row.counselor.public_id) if row.counselor else ""},
    )


def _readmitted(
    request: HttpRequest, row: Enrollment, version: ProgramVersion, form: ReadmitForm, reader: Reader, shown: Shown
) -> HttpResponse:
    given = form.cleaned_data
    try:
        acts.readmit(
            by=reader.actor,
            now=reader.now,
            enrollment_id=row.public_id,
            to_phase=given["to_phase"],
            counselor_id=UUID(given["counselor"]) if given["counselor"] else None,
            effective_at=given["effective_at"],
            note=given["note"],
            language=reader.language,
        )
    except Refused as refused:
        if refused.code == "gate_not_met" and isinstance(refused.details, dict):
            return _not_admitted(request, row.patient, version, dict(refused.details), reader, row)
        form.refuse(refused)
        return render(request, "pathways/enrollments/readmit.html", shown, status=refused.status)
    said = sentence("move.done.readmit", name=row.patient.display_name, program=row.program.title)
    return go_on(request, reverse("chart", args=[row.patient.public_id]), said)


def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The newest move that stands is undone, with the reason why."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    form = UndoForm(request.POST or None, initial={"version": row.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            acts.reverse(
                by=reader.actor,
                now=reader.now,
                enrollment_id=public_id,
                note=given["note"],
                expected_version=given["version"],
            )
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            return go_on(request, reverse("chart", args=[row.patient.public_id]), sentence("move.done.undo"))
    newest = row.transitions.filter(reversed_by__isnull=True).exclude(kind=MoveKind.REVERSE)
    move = newest.select_related("to_phase", "recorded_by").order_by("recorded_at", "pk").last()
    ends = ends_made_with(reader.actor, move) if move else []
    context = {
        "enrollment": row,
        "patient": row.patient,
        "form": form,
        "move": move,
        "move_title": move_title(move, reader.language) if move else "",
        "obstacles": obstacles(move, ends) if move else (),
        "ends": ends,
    }
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/enrollments/undo.html", context, status=status)


def counselor(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whose caseload somebody is in."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    initial = {"version": row.version, "counselor": str(row.counselor.public_id) if row.counselor else ""}
    form = CounselorForm(request.POST or None, staff=owners_at(row.site), initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            acts.assign_counselor(
                by=reader.actor,
                now=reader.now,
                enrollment_id=public_id,
                counselor_id=UUID(given["counselor"]) if given["counselor"] else None,
                expected_version=given["version"],
            )
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            return go_on(request, reverse("chart", args=[row.patient.public_id]), sentence("move.done.counselor"))
    context = {"enrollment": row, "patient": row.patient, "form": form}
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/enrollments/counselor.html", context, status=status)


def cosign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A request to set requirements aside: what was asked and why, how the gate stands, sign or decline."""
    reader = reader_of(request)
    asked = override_request(reader.actor, public_id)
    row = asked.enrollment
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    if request.method == "POST":
        return _signed(request, reader, asked, public_id)
    found = gate_ahead(row, at=reader.now)
    criteria: list[Shown] = []
    if found is not None:
        shown = decision_shown(found[1], reader.language)
        criteria = gate_lists.criteria(shown, gate_lists.of_enrollment(found[0], row, reader))
    context = {
        "asked": asked,
        "enrollment": row,
        "patient": row.patient,
        "reason": OverrideReason(asked.reason_code),
        "aside": [each for each in criteria if each["key"] in asked.criteria],
        "others": [each for each in criteria if each["key"] not in asked.criteria],
        "open": not (asked.cosigned_at or asked.declined_at or asked.used_in_id) and asked.expires_at > reader.now,
        "own": asked.requested_by_id == reader.actor.pk,
    }
    return render(request, "pathways/enrollments/cosign.html", context)


def _signed(request: HttpRequest, reader: Reader, asked: Any, public_id: UUID) -> HttpResponse:
    declined = request.POST.get("decision") == "decline"
    try:
        if declined:
            acts.decline_override(by=reader.actor, now=reader.now, request_id=public_id)
        else:
            acts.cosign_override(by=reader.actor, now=reader.now, request_id=public_id)
    except Refused as refused:
        return go_on(request, reverse("cosign", args=[public_id]), refused.sentence, level=messages.ERROR)
    until = asked.expires_at.astimezone(asked.enrollment.site.zone).date()
    said = sentence("move.done.decline") if declined else sentence("move.done.cosign", until=until)
    return go_on(request, reverse("chart", args=[asked.enrollment.patient.public_id]), said)
