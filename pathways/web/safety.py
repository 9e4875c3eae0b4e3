"""Safety on Today: flags taken, reviewed and closed, and moves looked at again, without leaving the list."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, add_refusal
from clinic.web.pages import go_on
from pathways.actions.evidence import decide_review
from pathways.models import EvidenceReview
from pathways.queries.courses import move_title
from pathways.queries.reviews import evidence_review as review_of
from pathways.web.lines import Reader, line_id
from pathways.web.places import done_line, form_page, line_response, one_line, reader_of, version_shown
from patients.actions import flags
from patients.models import SafetyFlag
from patients.queries.flags import get as flag_of


class ReviewForm(Form):
    """What was done about a safety flag."""

    action_taken = forms.CharField(label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


def flag_take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The person sees to it; the line stays, with the review as its next step."""
    reader, flag = reader_of(request), flag_of(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(flag.patient.public_id)  # type: ignore[attr-defined]
    flags.take(flag=flag, expected_version=version_shown(request, flag), by=reader.actor, now=reader.now)
    line = one_line(flag_of(reader.actor, public_id), reader) if getattr(request, "htmx", None) else None
    if line is None:
        return go_on(request, reverse("today"), sentence("today.taken"))
    return render(request, "pathways/partials/today_line.html", {"line": line})


def flag_review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was done, and that it is enough: a person closes the flag. Unfolds in its line, or as its own page."""
    reader, flag = reader_of(request), flag_of(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(flag.patient.public_id)  # type: ignore[attr-defined]
    form = ReviewForm(request.POST if request.method == "POST" else None, auto_id=f"{line_id(flag)}-%s")
    status = 200
    if form.is_bound and form.is_valid():
        try:
            return _closed(request, flag, form, reader)
        except Refused as refused:
            add_refusal(form, refused)
            status = refused.status
    return _review(request, flag, form, reader, 422 if form.errors and status == 200 else status)


def _closed(request: HttpRequest, flag: SafetyFlag, form: ReviewForm, reader: Reader) -> HttpResponse:
    done = form.cleaned_data["action_taken"]
    flags.close(
        flag=flag, expected_version=version_shown(request, flag), action_taken=done, by=reader.actor, now=reader.now
    )
    return done_line(request, flag, "", reverse("today"))


def _review(request: HttpRequest, flag: SafetyFlag, form: ReviewForm, reader: Reader, status: int) -> HttpResponse:
    post_to = f"{reverse('today_flag_review', args=[flag.public_id])}?version={flag.version}"
    line = one_line(flag, reader) if getattr(request, "htmx", None) else None
    if line is not None:
        unfolded = {"state": "open", "form": "pathways/today/flag_review.html", "post_to": post_to, "review": form}
        return line_response(request, {**line, **unfolded}, status)
    context = {"flag": flag, "patient": flag.patient, "form": form, "post_to": post_to}
    return form_page(request, "pathways/today/flag_page.html", context, form, status)


# -- moves whose evidence was withdrawn -------------------------------------------------------------------------------


class LookForm(Form):
    """What follows from it."""

    finding = forms.CharField(label=_("What follows from it"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


def evidence_review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A record a move rested on was withdrawn: a person says what follows. Unfolds in its line, or as its own page."""
    reader, row = reader_of(request), review_of(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    form = LookForm(request.POST if request.method == "POST" else None, auto_id=f"{line_id(row)}-%s")
    status = 200
    if form.is_bound and form.is_valid():
        try:
            said = form.cleaned_data["finding"]
            decide_review(by=reader.actor, now=reader.now, review_id=public_id, finding=said)
            return done_line(request, row, "", reverse("today"))
        except Refused as refused:
            add_refusal(form, refused)
            status = refused.status
    return _look(request, row, form, reader, 422 if form.errors and status == 200 else status)


def _look(request: HttpRequest, row: EvidenceReview, form: LookForm, reader: Reader, status: int) -> HttpResponse:
    post_to = reverse("today_evidence_review", args=[row.public_id])
    line = one_line(row, reader) if getattr(request, "htmx", None) else None
    if line is not None:
        unfolded = {"state": "open", "form": "pathways/today/evidence_review.html", "post_to": post_to, "review": form}
        return line_response(request, {**line, **unfolded}, status)
    said = sentence("worklist.why.evidence", move=move_title(row.transition, reader.language))
    context = {"review": row, "patient": row.patient, "said": said, "form": form, "post_to": post_to}
    return form_page(request, "pathways/today/evidence_page.html", context, form, status)
