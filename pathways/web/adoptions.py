"""Moving people under way to another version: the phase map, what would change for whom, the run and its progress."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import adoptions as verbs
from pathways.actions import enrollments as acts
from pathways.models import Adoption, Enrollment, ProgramVersion
from pathways.queries import adoptions as queries
from pathways.queries import programs
from pathways.queries.enrollments import enrollment
from pathways.queries.programs import document_of
from pathways.rules.adoptions import RunStatus
from pathways.rules.gates import sentence_from_record
from pathways.web.adoption_forms import AdoptionForm
from pathways.web.lines import Reader
from pathways.web.places import reader_of

Shown = dict[str, Any]
PREVIEW = "preview"


def adopt(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Everybody on other versions: map the phases, look at what would change, begin."""
    reader = reader_of(request)
    version = programs.version_of(programs.program(key), number)
    rows = queries.candidates(reader.actor, version)
    form = AdoptionForm(request.POST or None, phases=queries.phases_left(rows), document=document_of(version))
    if request.method != "POST" or not form.is_valid() or PREVIEW in request.POST:
        status = 422 if request.method == "POST" and not form.is_valid() else 200
        return _page(request, version, rows, form, reader, status=status)
    try:
        run = verbs.start_adoption(
            by=reader.actor,
            now=reader.now,
            to_version_id=version.public_id,
            phase_map=form.phase_map,
            note=form.cleaned_data["note"],
        )
    except Refused as refused:
        form.refuse(refused)
        return _page(request, version, rows, form, reader, status=refused.status)
    return go_on(request, reverse("adoption", args=[run.public_id]), sentence("adoption.started"))


def _page(
    request: HttpRequest, version: ProgramVersion, rows: Any, form: AdoptionForm, reader: Reader, *, status: int
) -> HttpResponse:
    listed = list(rows.order_by("patient__family_name", "patient__given_name", "pk")[: queries.MOST_PREVIEWED])
    found = queries.previews(listed, version, form.phase_map, now=reader.now)
    shown = sorted(found, key=lambda each: (not each.newly_blocked, each.contacts.nothing))[: queries.SHOWN_AT_ONCE]
    request.seen.update(each.row.patient.public_id for each in shown)  # type: ignore[attr-defined]
    context = {
        "program": version.program,
        "version": version,
        "form": form,
        "people": len(listed),
        "blocked": sum(each.newly_blocked for each in found),
        "freed": sum(each.newly_free for each in found),
        "contacts": sum(not each.contacts.nothing for each in found),
        "rows": [_preview(each) for each in shown],
        "hidden": len(found) - len(shown),
        "runs": [{"run": each, "progress": queries.progress(each)} for each in queries.runs(version.program_id)[:5]],
    }
    return render(request, "pathways/adoptions/adopt.html", context, status=status)


def _preview(each: queries.Preview) -> Shown:
    change = each.contacts
    said = [
        sentence(f"adoption.contacts.{name}", titles=list(titles), n=change.open_ended)
        for name, titles in (("ended", change.ended), ("new", change.new), ("changed", change.changed))
        if titles
    ]
    holding = [result.sentence for result in each.after.unmet] if each.after is not None else []
    return {
        "row": each.row,
        "blocked": each.newly_blocked,
        "freed": each.newly_free,
        "holding": holding,
        "contacts": said,
    }


def adoption(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A run: how far it has come, who was not moved and why. The progress refreshes by itself."""
    reader = reader_of(request)
    run = queries.run(public_id)
    context = _progress(run)
    if getattr(request, "htmx", None):
        response = render(request, "pathways/adoptions/_progress.html", context)
        if not context["going"]:
            # What stood around the progress (stop, "being moved now") is over, and who was not moved is known.
            response["HX-Refresh"] = "true"
        return response
    items = queries.refused_items(reader.actor, run)
    request.seen.update(each.enrollment.patient.public_id for each in items)  # type: ignore[attr-defined]
    refused = [
        {"enrollment": each.enrollment, "said": sentence_from_record(each.said) if each.said else None}
        for each in items
    ]
    return render(request, "pathways/adoptions/adoption.html", context | {"refused": refused})


def _progress(run: Adoption) -> Shown:
    return {"run": run, "progress": queries.progress(run), "going": run.status == RunStatus.RUNNING}


def stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Nobody else is moved."""
    reader = reader_of(request)
    return _told(request, public_id, "adoption.stopped", lambda: verbs.stop_adoption(
        by=reader.actor, now=reader.now, adoption_id=public_id
    ))  # fmt: skip


def resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It goes on where it stood."""
    reader = reader_of(request)
    return _told(request, public_id, "adoption.resumed", lambda: verbs.resume_adoption(
        by=reader.actor, now=reader.now, adoption_id=public_id
    ))  # fmt: skip


def _told(request: HttpRequest, public_id: UUID, code: str, verb: Any) -> HttpResponse:
    here = reverse("adoption", args=[public_id])
    try:
        verb()
    except Refused as refused:
        return go_on(request, here, refused.sentence, level=messages.ERROR)
    return go_on(request, here, sentence(code))


def adopt_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person: the version in force, the phase that follows theirs, and what would change."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    version = programs.current_version(row.program)
    here = row.current_phase
    phases = [(here.key, here.title, 1)] if here else []
    form = AdoptionForm(
        request.POST or None, phases=phases, document=document_of(version), initial={"version": row.version}
    )
    status = 200
    if request.method == "POST" and form.is_valid() and PREVIEW not in request.POST:
        try:
            return _adopted(request, row, version, form, reader)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    status = 422 if form.errors and status == 200 else status
    return _one_page(request, row, version, form, reader, status)


def _adopted(
    request: HttpRequest, row: Enrollment, version: ProgramVersion, form: AdoptionForm, reader: Reader
) -> HttpResponse:
    acts.adopt_version(
        by=reader.actor,
        now=reader.now,
        enrollment_id=row.public_id,
        to_version_id=version.public_id,
        phase_map=form.phase_map,
        note=form.cleaned_data["note"],
        expected_version=form.cleaned_data["version"],
    )
    said = sentence("adoption.done", name=row.patient.display_name, number=version.number)
    return go_on(request, reverse("chart", args=[row.patient.public_id]), said)


def _one_page(
    request: HttpRequest, row: Enrollment, version: ProgramVersion, form: AdoptionForm, reader: Reader, status: int
) -> HttpResponse:
    newer = row.program_version_id != version.pk and row.ended_at is None
    found = queries.previews([row], version, form.phase_map, now=reader.now) if newer else []
    context = {
        "enrollment": row,
        "patient": row.patient,
        "version": version,
        "form": form,
        "newer": newer,
        "preview": _preview(found[0]) if found else None,
    }
    return render(request, "pathways/adoptions/one.html", context, status=status)
