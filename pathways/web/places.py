"""What answers of Today and of the follow-up pages share: who looks, and a line in its place."""

from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import clock
from clinic.errors import Refused
from clinic.models import Site
from clinic.rules.sentences import Sentence, sentence
from clinic.web.answers import notice
from clinic.web.pages import go_on
from pathways.models import EvidenceReview, FollowUp
from pathways.queries.worklist import only
from pathways.rules.worklist import LineType
from pathways.web.lines import Reader, Shown, line_id, shown
from patients.models import SafetyFlag

Row = EvidenceReview | FollowUp | SafetyFlag
SAVED = sentence("today.saved")
TYPES = {EvidenceReview: LineType.EVIDENCE_REVIEW, FollowUp: LineType.FOLLOW_UP, SafetyFlag: LineType.SAFETY_FLAG}


def reader_of(request: HttpRequest) -> Reader:
    """Who looks, and when; the clock is read once."""
    site = here(request)
    zone = site.zone if site else ZoneInfo("UTC")
    return Reader(request.actor, request.language, clock.now(), zone)  # type: ignore[attr-defined]


def here(request: HttpRequest) -> Site | None:
    """The site the person is at, if they work at any."""
    return cast(Site | None, request.site)


def site_of(request: HttpRequest) -> Site:
    """Where the person is. Raises Refused for somebody who works nowhere."""
    site = here(request)
    if site is None:
        raise Refused("no_site", sentence("refused.no_site"), status=403)
    return site


def one_line(subject: Row, reader: Reader) -> Shown | None:
    """The line of one row as it stands on its site's list now; None when it is not there any more."""
    site = subject.transition.enrollment.site if isinstance(subject, EvidenceReview) else subject.site
    return line_of(TYPES[type(subject)], subject.public_id, site, reader)


def line_of(kind: LineType, public_id: UUID, site: Site, reader: Reader) -> Shown | None:
    """One line of a site's list; None when it is not there any more."""
    found = only(kind, reader.actor, site, now=reader.now)
    lines = [line for line in found.lines if line.item.public_id == public_id]
    return next(iter(shown(lines, found, reader)), None)


def version_shown(request: HttpRequest, row: SafetyFlag | FollowUp) -> int:
    """The version the page showed; without one, the row as it is."""
    given = request.GET.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else row.version


def line_response(request: HttpRequest, line: Shown, status: int = 200) -> HttpResponse:
    """A line in its place; one that says no keeps what was typed and takes the same place."""
    response = render(request, "pathways/partials/today_line.html", {"line": line}, status=status)
    if status >= 400:
        response["HX-Retarget"] = f"#{line['id']}"
        response["HX-Reswap"] = "outerHTML"
    return response


def form_page(
    request: HttpRequest, template: str, context: Shown, form: BaseForm | None = None, status: int = 200
) -> HttpResponse:
    """A form as a page of its own.

    Refused inside another page, of something whose line is gone from the list, it is the sentence alone: what was typed
    stays where it is.
    """
    if status >= 400 and form is not None and getattr(request, "htmx", None):
        said = next(str(error) for errors in form.errors.values() for error in errors)
        return notice(said, status)
    return render(request, template, context, status=status)


def done_line(request: HttpRequest, row: Row, undo: str, otherwise: str, said: Sentence = SAVED) -> HttpResponse:
    """ "Saved. Undo." in the place of the line; without htmx, on to a page."""
    return done(request, line_id(row), said, otherwise, undo)


def done(request: HttpRequest, element: str, said: Sentence, otherwise: str, undo: str = "") -> HttpResponse:
    """What was done, in the place of a line; without htmx, on to a page."""
    if not getattr(request, "htmx", None):
        return go_on(request, otherwise, said)
    context = {"line": {"id": element}, "said": said, "undo": undo}
    return render(request, "pathways/partials/today_done.html", context)
