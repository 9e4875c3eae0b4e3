"""The studio page: one draft, edited in place by small forms that carry the version they were made from.

Every change posts to one address and comes back as the whole region, so that the path, the problems and the rows
always tell the same draft. Without script the same forms lead to the same page.
"""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from clinic import clock
from clinic.errors import BAD_INPUT, CONFLICT, STALE, Refused, bad_input
from clinic.rules.sentences import Sentence, sentence
from clinic.web.answers import language_of
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.actions import programs as verbs
from pathways.models import Program, ProgramVersion
from pathways.queries import programs as queries
from pathways.rules.programs.editing import StillNamed
from pathways.rules.programs.places import Document, NoSuchPlace, steps
from pathways.web.studio import opened as parts
from pathways.web.studio.edits import Edited, Wanted, added, perform, saved, wanted
from pathways.web.studio.opened import ADD, EDIT, Opened
from pathways.web.studio.regions import problems_shown, region, wrong_in
from pathways.web.studio.view import View, address, anchor, says, section_of

Shown = dict[str, Any]
ANEW = "form"
STEPS = ("up", "down")
NOTHING_TO_SAY = 204


class SeenForm(Form):
    """Which draft was seen, in which version."""

    draft = forms.UUIDField()
    version = forms.IntegerField(min_value=1)


def studio(request: HttpRequest, key: str) -> HttpResponse:
    """The draft of a program; where there is none, what to begin one from."""
    program = queries.program(key)
    draft = queries.draft(program)
    if draft is None:
        return _no_draft(request, program)
    view = _view(request, draft, request.GET)
    view = _with(view, focus=request.GET.get("at", ""))
    view = _open(view, request.GET.get("edit", ""), request.GET.get("add", ""))
    return _answer(request, view)


def start(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the draft: from the version in force, or from the one that was chosen."""
    program = queries.program(key)
    number = request.POST.get("from", "")
    source = queries.version_of(program, int(number)).public_id if number.isdigit() and len(number) < 9 else None
    draft = verbs.start_draft(by=_actor(request), now=clock.now(), program_id=program.public_id, from_version_id=source)
    return go_on(request, reverse("studio", args=[key]), sentence("studio.started", number=draft.number))


def edit(request: HttpRequest, key: str) -> HttpResponse:
    """One change to the draft. 409 where something stands in the way, 412 where somebody else was faster."""
    program = queries.program(key)
    draft = queries.draft(program)
    seen = _seen(request)
    if draft is None or draft.public_id != seen["draft"]:
        return _gone(request, program, draft)
    view = _view(request, draft, request.POST)
    want = wanted(request.POST)
    if draft.version != seen["version"]:
        return _stale(request, view, want)
    if want.verb == ANEW:
        return _anew(request, view, want)
    return _change(request, view, want)


def check(request: HttpRequest, key: str) -> HttpResponse:
    """What would stand against publishing with what is being typed. Stores nothing.

    Of a draft that is another one by now it says nothing: saving will.
    """
    program = queries.program(key)
    draft, seen = queries.draft(program), _seen(request)
    if draft is None or (draft.public_id, draft.version) != (seen["draft"], seen["version"]):
        return HttpResponse(status=NOTHING_TO_SAY)
    view = _view(request, draft, request.POST)
    want, wrong = wanted(request.POST), None
    typed: Opened | None = None
    edited = Edited(view.document, "", sentence("studio.said.saved"))
    try:
        typed = parts.judged(view.document, want.verb, want.path, view.language, request.POST)
        wrong = None if typed.form.is_valid() else typed.form
        edited = edited if wrong else _written(view.document, typed)
    except (NoSuchPlace, StillNamed):
        wrong = None
    read = queries.read_draft(edited.document, program.key)
    looked = _with(view, read=read)
    context = {
        "problems": problems_shown(looked),
        "checked_all": read.well_formed,
        "wrong": wrong,
        "checking": True,
        "says": says(looked, edited.path) if read.well_formed else "",
        "wrong_here": wrong_in(looked, typed, edited.path) if typed and not wrong else [],
    }
    return render(request, "pathways/studio/_problems.html", context)


def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once, then throw the draft away."""
    program = queries.program(key)
    draft = queries.draft(program)
    if draft is None:
        return go_on(request, reverse("program", args=[key]))
    if request.method != "POST":
        return render(request, "pathways/studio/discard.html", {"program": program, "draft": draft})
    seen = _seen(request)
    gone = verbs.discard_draft(
        by=_actor(request), now=clock.now(), version_id=seen["draft"], expected_version=seen["version"]
    )
    to = reverse("program", args=[key]) if gone.pk is not None else reverse("programs")
    return go_on(request, to, sentence("studio.discarded", number=draft.number))


def _change(request: HttpRequest, view: View, want: Wanted) -> HttpResponse:
    typed: Opened | None = None
    try:
        if want.verb in (EDIT, ADD):
            typed = parts.judged(view.document, want.verb, want.path, view.language, request.POST)
            if not typed.form.is_valid():
                return _answer(request, _with(view, opened=typed), status=BAD_INPUT)
            edited = _written(view.document, typed)
        else:
            edited = perform(view.document, want)
        kept = verbs.save_draft(
            by=view.actor,
            now=clock.now(),
            version_id=view.draft.public_id,
            document=edited.document,
            expected_version=view.draft.version,
        )
    except NoSuchPlace:
        return _answer(request, _with(view, opened=typed, refused=sentence("studio.refused.no_place")), CONFLICT)
    except StillNamed as named:
        code = "studio.refused.still_holds" if want.verb == EDIT else "studio.refused.still_named"
        refused = sentence(code, count=len(named.by))
        return _answer(request, _with(view, opened=typed, refused=refused, blocked_by=named.by), CONFLICT)
    except Refused as refused:
        return _refused(request, view, want, typed, refused)
    return _went_well(request, kept, edited, _with(view, moved=want.verb if want.verb in STEPS else ""))


def _written(document: Document, typed: Opened) -> Edited:
    """The draft with what was typed."""
    write = added if typed.adds else saved
    return write(document, typed.path, typed.form.written)


def _refused(request: HttpRequest, view: View, want: Wanted, typed: Opened | None, refused: Refused) -> HttpResponse:
    """Somebody saved in this very moment; or the draft cannot hold what was typed."""
    if refused.status == STALE:
        fresh = queries.draft(queries.program(view.draft.program.key))
        if fresh is None or fresh.public_id != view.draft.public_id:
            return _gone(request, view.draft.program, fresh)
        return _stale(request, _again(view, fresh, want.path), want)
    if refused.status != BAD_INPUT:
        raise refused
    said = next(iter(refused.fields.values()), refused.sentence)
    return _answer(request, _with(view, opened=typed, refused=said), status=BAD_INPUT)


def _went_well(request: HttpRequest, kept: ProgramVersion, edited: Edited, view: View) -> HttpResponse:
    draft = queries.draft_by_id(queries.program(kept.program.key), kept.public_id)
    fresh = _with(_again(view, draft, edited.path), focus=edited.path)
    if not _partial(request):
        return go_on(request, f"{address(fresh)}#{anchor(edited.path)}", edited.said)
    return _answer(request, fresh, said=edited.said, push=address(fresh))


def _stale(request: HttpRequest, view: View, want: Wanted) -> HttpResponse:
    """Nothing is saved and nothing that was typed is lost: it stands in the form, over what there is now."""
    typed = None
    if want.verb != ANEW:
        typed = parts.after_somebody_else(view.document, want.verb, want.path, view.language, request.POST)
    elif request.POST.get("was") in (EDIT, ADD):
        typed = parts.after_somebody_else(view.document, request.POST["was"], want.path, view.language, request.POST)
    if typed is not None:
        view = _with(_again(view, view.draft, typed.path), opened=_focused(typed))
    return _answer(request, _with(view, stale=True), status=STALE)


def _anew(request: HttpRequest, view: View, want: Wanted) -> HttpResponse:
    """Another kind was chosen: the form asks something else, and keeps what was typed."""
    verb = request.POST.get("was", EDIT)
    try:
        typed = parts.asked_anew(view.document, verb, want.path, view.language, request.POST)
    except NoSuchPlace:
        return _answer(request, _with(view, refused=sentence("studio.refused.no_place")), CONFLICT)
    return _answer(request, _with(view, opened=typed))


def _gone(request: HttpRequest, program: Program, draft: ProgramVersion | None) -> HttpResponse:
    """The draft one worked on was published or discarded: what was typed is shown, to be copied."""
    verb = request.POST.get("was") or request.POST.get("do", "")
    typed = parts.in_words(verb, request.POST.get("path", ""), language_of(request), request.POST)
    context = {"program": program, "draft": draft, "typed": typed}
    page = "pathways/studio/_gone.html" if _partial(request) else "pathways/studio/gone.html"
    return _in_place(render(request, page, context, status=STALE))


def _open(view: View, path: str, list_path: str) -> View:
    """The view with a form opened; a place that is not there (any more) opens nothing."""
    try:
        if path:
            opened = parts.to_edit(view.document, path, view.language)
        elif list_path:
            opened = parts.to_add(view.document, list_path, view.language)
        else:
            return view
    except NoSuchPlace:
        return _with(view, refused=sentence("studio.refused.no_place"))
    return _with(_again(view, view.draft, opened.path), opened=_focused(opened))


def _focused(opened: Opened | None) -> Opened | None:
    """The form with the keyboard in its first field."""
    if opened is not None and opened.form.first:
        opened.form.first[0].field.widget.attrs["data-focus"] = True
    return opened


def _no_draft(request: HttpRequest, program: Program) -> HttpResponse:
    versions = [each for each in program.versions.all() if each.status != "draft"]
    return render(request, "pathways/studio/no_draft.html", {"program": program, "versions": versions})


def _view(request: HttpRequest, draft: ProgramVersion, asked: QueryDict) -> View:
    phase, section = _phase_asked(asked.get("phase", "")), asked.get("show", "")
    return View(draft, queries.draft_of(draft), _actor(request), language_of(request), phase, section)


def _again(view: View, draft: ProgramVersion, path: str) -> View:
    """The view after a change, where the path is now."""
    phase, section = _phase_in(path, view.phase), section_of(path) or view.section
    return _with(view, draft=draft, read=queries.draft_of(draft), phase=phase, section=section, opened=None)


def _with(view: View, **changes: Any) -> View:
    return replace(view, **changes)


def _answer(
    request: HttpRequest, view: View, status: int = 200, *, said: Sentence | None = None, push: str = ""
) -> HttpResponse:
    context = {**region(view), "said": said}
    if not _partial(request):
        return render(request, "pathways/studio/studio.html", context, status=status)
    response = render(request, "pathways/studio/_answer.html", context, status=status)
    if push:
        response["HX-Push-Url"] = push
    return _in_place(response) if status >= BAD_INPUT or status in (CONFLICT, STALE) else response


def _in_place(response: HttpResponse) -> HttpResponse:
    """A refusal takes the place of the region, like any answer."""
    response["HX-Retarget"], response["HX-Reswap"] = "#studio", "outerHTML"
    return response


def _partial(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", None)) and not request.htmx.history_restore_request  # type: ignore[attr-defined]


def _seen(request: HttpRequest) -> Shown:
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise bad_input(version=sentence("refused.required"))
    return form.cleaned_data


def _phase_asked(written: str) -> int:
    """Counted from 1 in addresses, from 0 in the document."""
    return int(written) - 1 if written.isascii() and written.isdigit() and len(written) < 4 else 0


def _phase_in(path: str, otherwise: int) -> int:
    try:
        walked = steps(path)
    except NoSuchPlace:
        return otherwise
    second = walked[1] if len(walked) > 1 else None
    return second if walked[0] == "phases" and isinstance(second, int) else otherwise


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]
