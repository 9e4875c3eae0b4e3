"""What is done with a version of a program: published, retired, confirmed, copied, exported, compared."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import BAD_INPUT, CONFLICT, Refused, bad_input
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.actions import programs as verbs
from pathways.models import Program, ProgramVersion
from pathways.queries import programs as queries
from pathways.rules.programs.comparison import compare
from pathways.rules.programs.spelling import spell


class VersionForm(Form):
    """Which version of the row was seen."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class CopyForm(Form):
    """What the clinic's own program is called."""

    title = forms.CharField(label=_("Title"), max_length=120)
    key = forms.CharField(
        label=_("Key"),
        max_length=60,
        required=False,
        help_text=_("It stands in addresses and never changes. Left empty, it is made from the title."),
        widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["key"] = given.get("key") or slugify(given.get("title", ""))[:60].strip("-")
        return given


def publish(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Make a draft the current version."""
    verbs.publish(**_seen(request, key, number))
    return go_on(request, reverse("program", args=[key]), sentence("program.published", number=number))


def retire(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Let nobody begin on a version any more."""
    verbs.retire(**_seen(request, key, number))
    return go_on(request, reverse("program_version", args=[key, number]), sentence("program.retired", number=number))


def confirm(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A clinician takes on the clinical defaults of a version."""
    verbs.confirm_defaults(**_seen(request, key, number))
    to = reverse("program_version", args=[key, number])
    return go_on(request, to, sentence("program.confirmed", number=number))


def copy(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A program of the clinic's own from this version."""
    version = queries.version_of(queries.program(key), number)
    form = CopyForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _copy_page(request, version, form)
    if not form.is_valid():
        return _copy_page(request, version, form, BAD_INPUT)
    try:
        draft = verbs.copy_program(
            by=request.actor,  # type: ignore[attr-defined]
            now=clock.now(),
            version_id=version.public_id,
            **form.cleaned_data,
        )
    except Refused as refused:
        if refused.status not in (BAD_INPUT, CONFLICT):
            raise
        form.refuse(refused)
        return _copy_page(request, version, form, refused.status)
    return go_on(request, reverse("studio", args=[draft.program.key]), sentence("program.copied"))


def file(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The version as one readable YAML file."""
    version = queries.version_of(queries.program(key), number)
    response = HttpResponse(spell(version.document), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{key}-{number}.yaml"'
    return response


def comparison(request: HttpRequest, key: str) -> HttpResponse:
    """Two versions in words and side by side; left out: the newest against the one before it."""
    program = queries.program(key)
    versions = list(program.versions.all())
    new = _asked(program, request.GET.get("to", ""), versions[0].number)
    old = _asked(program, request.GET.get("from", ""), _before(versions, new))
    found = compare(queries.draft_of(old).drawn, queries.draft_of(new).drawn)
    only = request.GET.get("all") != "1"
    context = {
        "program": program,
        "versions": versions,
        "old": old,
        "new": new,
        "comparison": found,
        "rows": [row for row in found.rows if row.kind is not None or not only],
        "only": only,
        "here": f"{reverse('program_compare', args=[key])}?from={old.number}&to={new.number}",
    }
    return render(request, "pathways/programs/compare.html", context)


def seen_version(request: HttpRequest) -> int:
    """The version of the row the page was made from. Raises Refused 422 where it does not say."""
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise bad_input(version=sentence("refused.required"))
    return int(form.cleaned_data["version"])


def _seen(request: HttpRequest, key: str, number: int) -> dict[str, Any]:
    version = queries.version_of(queries.program(key), number)
    return {
        "by": request.actor,  # type: ignore[attr-defined]
        "now": clock.now(),
        "version_id": version.public_id,
        "expected_version": seen_version(request),
    }


def _copy_page(request: HttpRequest, version: ProgramVersion, form: CopyForm, status: int = 200) -> HttpResponse:
    context = {"program": version.program, "version": version, "form": form}
    return render(request, "pathways/programs/copy.html", context, status=status)


def _asked(program: Program, written: str, otherwise: int) -> ProgramVersion:
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 9 else otherwise
    return queries.version_of(program, number)


def _before(versions: list[ProgramVersion], new: ProgramVersion) -> int:
    if new.based_on is not None and new.based_on.program_id == new.program_id:
        return int(new.based_on.number)
    older = [each.number for each in versions if each.number < new.number]
    return older[0] if older else int(new.number)
