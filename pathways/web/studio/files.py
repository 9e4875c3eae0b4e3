"""A draft from a file: pasted or chosen, refused with the place of each mistake, and kept on the page until it fits."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import BAD_INPUT, Refused
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from clinic.web.pages import go_on
from pathways.actions import programs as verbs
from pathways.models import Program, ProgramVersion
from pathways.programs.library import LARGEST_FILE
from pathways.queries import programs as queries

Shown = dict[str, Any]


class FileForm(Form):
    """A program file: its text, or the file itself, which counts where both are given."""

    version = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    file = forms.FileField(label=_("File"), required=False, help_text=_("YAML or JSON."))
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        max_length=LARGEST_FILE,
        strip=False,
        widget=forms.Textarea({"rows": 22, "spellcheck": "false", "class": "code", "wrap": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("file") is not None:
            given["text"] = self._read(given["file"])
        if not str(given.get("text") or "").strip() and not self.errors:
            raise ValidationError({"text": words(sentence("studio.file.empty"))})
        return given

    def _read(self, file: Any) -> str:
        raw: bytes = file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise ValidationError({"file": words(sentence("studio.file.too_large", most=LARGEST_FILE))})
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise ValidationError({"file": words(sentence("studio.file.not_text"))}) from None


def new_program(request: HttpRequest) -> HttpResponse:
    """A new program from a file."""
    if request.method != "POST":
        return _page(request, FileForm(), None, None)
    return _import(request, None, None)


def into_draft(request: HttpRequest, key: str) -> HttpResponse:
    """The draft of a program from a file; an open draft is replaced, as it was seen."""
    program = queries.program(key)
    draft = queries.draft(program)
    if request.method != "POST":
        return _page(request, FileForm(initial={"version": draft.version if draft else None}), program, draft)
    return _import(request, program, draft)


def _import(request: HttpRequest, program: Program | None, draft: ProgramVersion | None) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, program, draft, status=BAD_INPUT)
    try:
        kept = _kept(request, form, program.public_id if program else None)
    except Refused as refused:
        return _refused(request, form, program, draft, refused)
    return go_on(request, reverse("studio", args=[kept.program.key]), sentence("studio.file.taken"))


def _kept(request: HttpRequest, form: FileForm, program_id: UUID | None) -> ProgramVersion:
    return verbs.import_draft(
        by=request.actor,  # type: ignore[attr-defined]
        now=clock.now(),
        text=form.cleaned_data["text"],
        program_id=program_id,
        expected_version=form.cleaned_data["version"] if program_id else None,
    )


def _refused(
    request: HttpRequest, form: FileForm, program: Program | None, draft: ProgramVersion | None, refused: Refused
) -> HttpResponse:
    """Every mistake with its line and column; the text stays in its box. Nothing was stored."""
    if refused.status not in (BAD_INPUT, 409, 412):
        raise refused
    details = refused.details if isinstance(refused.details, dict) else {}
    again = FileForm(
        {**request.POST.dict(), "text": form.cleaned_data["text"], "version": draft.version if draft else ""}
    )
    again.is_valid()
    if not details.get("problems"):
        again.add_error(None, words(next(iter(refused.fields.values()), refused.sentence)))
    return _page(request, again, program, draft, status=refused.status, problems=details.get("problems", ()))


def _page(
    request: HttpRequest,
    form: FileForm,
    program: Program | None,
    draft: ProgramVersion | None,
    *,
    status: int = 200,
    problems: Any = (),
) -> HttpResponse:
    context = {"form": form, "program": program, "draft": draft, "problems": problems}
    return render(request, "pathways/studio/import.html", context, status=status)
