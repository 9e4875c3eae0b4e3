"""The intake page: sections one can leave and come back to, saved as one types, checked and signed at the end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.errors import Refused, not_found
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import findings
from pathways.web import attending, questionnaires, results
from patients.actions import intakes
from patients.models import Intake, SafetyFlag
from patients.queries import flags as flag_queries
from patients.queries import intakes as queries
from patients.queries import patients as people
from patients.queries.intakes import SectionView
from patients.rules.age import age_on
from patients.rules.intake import SectionState, not_ready, tally

WAITING = (SectionState.EMPTY, SectionState.PARTIAL, SectionState.INVALID)
NOT_ASKED_LIMIT = 300


def open_intake(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin, or go on with the one under way."""
    patient = people.get(request.actor, public_id)  # type: ignore[attr-defined]
    intake = intakes.open_intake(patient=patient, by=request.actor, now=clock.now(), site=request.site)  # type: ignore[attr-defined,arg-type]
    return go_on(request, reverse("intake", args=[intake.public_id]))


def intake(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """To the first section that waits; to the check page when none does; a signed one shows what was signed."""
    row = _intake(request, public_id)
    waiting = [view.section.key for view in queries.progress(row) if view.section.state in WAITING]
    if row.signed_at or not waiting:
        return go_on(request, reverse("intake_check", args=[row.public_id]))
    return go_on(request, reverse("intake_section", args=[row.public_id, waiting[0]]))


def section(request: HttpRequest, public_id: UUID, instrument: str) -> HttpResponse:
    """One section. A POST keeps the answers and goes where its button says: the page without script."""
    row = _intake(request, public_id)
    views = queries.progress(row)
    view = _view(views, instrument)
    if row.signed_at or view.assessment:
        return go_on(request, reverse("intake_check", args=[row.public_id]))
    if request.method != "POST":
        return _page(request, row, views, view)
    _save(request, row, view)
    return go_on(request, _onwards(request, row, instrument))


def autosave(request: HttpRequest, public_id: UUID, instrument: str) -> HttpResponse:
    """Keeps the answers and sends back what changed on the page: score, sections, prompts, version."""
    row = _intake(request, public_id)
    view = _view(queries.progress(row), instrument)
    before = _prompts(request, row, view)
    _save(request, row, view)
    row = _intake(request, public_id)
    views = queries.progress(row)
    view = _view(views, instrument)
    context = _context(request, row, views, view)
    context["changed"] = questionnaires.changed_prompts(before, _prompts(request, row, view))
    return render(request, "pathways/intake/saved.html", context)


def attended(request: HttpRequest, public_id: UUID, instrument: str) -> HttpResponse:
    """The answers are kept, and the person at the screen sees to what an answer raised."""
    row = _intake(request, public_id)
    view = _view(queries.progress(row), instrument)
    _save(request, row, view)
    attending.take_flag(request)
    return go_on(request, reverse("intake_section", args=[row.public_id, instrument]))


def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every answer once more, and the signature."""
    row = _intake(request, public_id)
    return _check_page(request, row)


def sign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All drafts become assessments, or none does."""
    row = _intake(request, public_id)
    version = questionnaires.version_of(request)
    reason = request.POST.get("not_asked_reason", "")[: NOT_ASKED_LIMIT + 1]
    try:
        findings.sign_intake(
            intake=row, expected_version=version or 0, not_asked_reason=reason,
            by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
    except Refused as refused:
        return _check_page(request, row, refused=refused, reason=reason)
    messages.success(request, _("The intake is signed."))
    return go_on(request, after_intake(row))


def after_intake(row: Intake) -> str:
    """Where one goes on: to the need ratings, which suggest a level of care."""
    try:
        return reverse("level_rate", args=[row.patient.public_id])
    except NoReverseMatch:
        return reverse("assessments", args=[row.patient.public_id])


def _save(request: HttpRequest, row: Intake, view: SectionView) -> None:
    definition = view.definition
    findings.save_draft(
        patient=row.patient,
        instrument=definition.key,
        answers=questionnaires.answers_of(request, definition),
        context=questionnaires.context_of(request, definition),
        expected_version=questionnaires.version_of(request),
        intake=row,
        from_page=True,
        by=request.actor,  # type: ignore[attr-defined]
        now=clock.now(),
    )


def _intake(request: HttpRequest, public_id: UUID) -> Intake:
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    return row


def _view(views: tuple[SectionView, ...], instrument: str) -> SectionView:
    for view in views:
        if view.section.key == instrument:
            return view
    raise not_found()


def _flags(view: SectionView) -> dict[str, SafetyFlag]:
    return flag_queries.of_source(view.draft.public_id) if view.draft else {}


def _screen(row: Intake) -> str:
    return reverse("intake_section", args=[row.public_id, questionnaires.SUICIDE_SCREEN])


def _prompts(request: HttpRequest, row: Intake, view: SectionView) -> dict[str, list[dict[str, Any]]]:
    return questionnaires.prompt_parts(
        view.definition, view.scoring, _flags(view), row.patient, _screen(row), request.actor  # type: ignore[attr-defined]
    )  # fmt: skip


def _context(request: HttpRequest, row: Intake, views: tuple[SectionView, ...], view: SectionView) -> dict[str, Any]:
    order = [each.section.key for each in views]
    place = order.index(view.section.key)
    following = views[place + 1] if place + 1 < len(views) else None
    previous = views[place - 1] if place else None
    return {
        **_head(row),
        "views": views,
        "view": view,
        "sheet": questionnaires.sheet(
            view.definition, view.scoring, view.draft.answers if view.draft else {}, draft=view.draft,
            flags=_flags(view), patient=row.patient, screen=_screen(row), by=request.actor,  # type: ignore[attr-defined]
        ),
        "rows": [_row(each, view.section.key) for each in views],
        "tally": tally([each.section for each in views]),
        "following": following and questionnaires.section_title(following.definition),
        "previous": previous and questionnaires.section_title(previous.definition),
        "save_url": reverse("intake_autosave", args=[row.public_id, view.section.key]),
        "attend_url": reverse("intake_attended", args=[row.public_id, view.section.key]),
    }  # fmt: skip


def _head(row: Intake) -> dict[str, Any]:
    today = clock.now().astimezone(row.site.zone).date()
    return {"intake": row, "patient": row.patient, "age": age_on(row.patient.birth_date, today)}


def _row(view: SectionView, current: str) -> dict[str, Any]:
    section = view.section
    return {
        "key": section.key,
        "title": questionnaires.section_title(view.definition),
        "state": section.state.value,
        "done": section.state in (SectionState.DONE, SectionState.RECORDED),
        "current": section.key == current,
        "forward": section.brought_forward,
        "note": _note(view),
    }


def _note(view: SectionView) -> str:
    """At the right of a section: its score once complete, else how far it is."""
    if view.section.state in (SectionState.DONE, SectionState.RECORDED) and view.scoring.total is not None:
        return str(view.scoring.total)
    if not view.scoring.answered:
        return ""
    return _("%(done)s of %(all)s") % {"done": view.section.answered, "all": view.section.asked}


def _page(request: HttpRequest, row: Intake, views: tuple[SectionView, ...], view: SectionView) -> HttpResponse:
    return render(request, "pathways/intake/section.html", _context(request, row, views, view))


def _onwards(request: HttpRequest, row: Intake, instrument: str) -> str:
    """The address the pressed button leads to, in the order the answers now give."""
    go = request.POST.get("go", "stay")
    order = [view.section.key for view in queries.progress(queries.get(request.actor, row.public_id))]  # type: ignore[attr-defined]
    place = order.index(instrument)
    if go == "leave":
        return reverse("patient", args=[row.patient.public_id])
    if go == "next" and place + 1 == len(order):
        return reverse("intake_check", args=[row.public_id])
    step = {"next": 1, "back": -1 if place else 0}.get(go, 0)
    wanted = go.removeprefix("to-") if go.removeprefix("to-") in order else order[place + step]
    return reverse("intake_section", args=[row.public_id, wanted])


def _check_page(request: HttpRequest, row: Intake, *, refused: Refused | None = None, reason: str = "") -> HttpResponse:
    views = queries.progress(row)
    context = {
        **_head(row),
        "rows": [_row(view, "check") for view in views],
        "tally": tally([view.section for view in views]),
        "forms": [_checked(view) for view in views],
        "lacking": [questionnaires.section_title(_view(views, each.key).definition) for each in _lacking(views)],
        "refused": refused,
        "reason": reason,
    }
    status = refused.status if refused else 200
    return render(request, "pathways/intake/check.html", context, status=status)


def _lacking(views: tuple[SectionView, ...]) -> tuple[Any, ...]:
    return not_ready([view.section for view in views])


def _checked(view: SectionView) -> dict[str, Any]:
    raw = view.assessment.answers if view.assessment else view.draft.answers if view.draft else {}
    return {
        "title": questionnaires.section_title(view.definition),
        "section": view.section,
        "assessment": view.assessment,
        "scoring": view.scoring,
        "lines": results.lines(view.definition, raw, view.scoring),
        "result": results.result(view.definition, view.scoring),
        "missing": sentence("intake.missing", count=view.section.missing)
        if view.section.missing and view.scoring.answered
        else None,
    }
