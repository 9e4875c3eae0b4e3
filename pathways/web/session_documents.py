"""Documenting a session in one pass, and correcting the account."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from clinic.errors import Refused, forbidden
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import sessions as acts
from pathways.models import Session
from pathways.queries import sessions as queries
from pathways.web.lines import Reader
from pathways.web.places import reader_of
from pathways.web.session_forms import DocumentForm, form_for, seen_again
from pathways.web.session_lines import may_document, writes_notes
from pathways.web.session_pages import one_line, session_page


def document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The account of a session: on its page, or unfolded in its line."""
    reader = reader_of(request)
    row = _theirs(queries.session(reader.actor, public_id), reader)
    if request.method != "POST" and not may_document(row, reader):
        return go_on(request, reverse("session", args=[public_id]))
    roster = queries.roster(reader.actor, row)
    in_place = bool(getattr(request, "htmx", None))
    form, status = form_for(row, roster, request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = _carried_out(form, reader, row, amends=False)
        if status == 200:
            if in_place:
                return one_line(request, queries.session(reader.actor, public_id), reader)
            return go_on(request, reverse("session", args=[public_id]), sentence("session.documented"))
        row = queries.session(reader.actor, public_id)
        form = seen_again(form, row, status)
    if in_place:
        return one_line(request, row, reader, state="open", form=form, status=status)
    return session_page(request, row, reader, form=form, status=status)


def amend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The account is corrected, with the reason."""
    reader = reader_of(request)
    row = _theirs(queries.session(reader.actor, public_id), reader)
    if request.method != "POST" and row.documented_at is None:
        return go_on(request, reverse("session", args=[public_id]))
    roster = queries.roster(reader.actor, row)
    form, status = form_for(row, roster, request.POST if request.method == "POST" else None, amends=True), 200
    if form.is_bound:
        status = _carried_out(form, reader, row, amends=True)
        if status == 200:
            return go_on(request, reverse("session", args=[public_id]), sentence("session.amended"))
        row = queries.session(reader.actor, public_id)
        form = seen_again(form, row, status)
    return session_page(request, row, reader, form=form, status=status)


def _theirs(row: Session, reader: Reader) -> Session:
    """A session this reader documents: the form holds what was written. Raises Refused 403."""
    if not writes_notes(row, reader):
        raise forbidden(sentence("session.refused.not_yours"))
    return row


def _carried_out(form: DocumentForm, reader: Reader, row: Session, *, amends: bool) -> int:
    """The status of the answer: 200 where it was kept."""
    if not form.is_valid():
        return 422
    given = {
        "by": reader.actor,
        "now": reader.now,
        "session_id": row.public_id,
        "came": form.came,
        "note": form.cleaned_data["note"],
        "lines": form.lines,
        "expected_version": form.cleaned_data["version"],
    }
    try:
        if amends:
            acts.amend(reason=form.cleaned_data["reason"], **given)
        else:
            acts.document(**given)
    except Refused as refused:
        form.refuse(refused)
        return refused.status
    return 200
