"""Patients' own pages, reached by a signed link and nothing else.

Looking changes nothing: programs that open links (mail filters, previews, whoever a message was forwarded to) see what
the message said. What is more than that is shown to somebody who knows whom the link is for. Only pressing acts.
No cookie is set and no token is asked for: whoever has the address is who it was given to, as far as anybody can know.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from clinic import clock
from clinic.errors import Refused
from pathways.models import PatientLink
from pathways.queries.links import found, was_used
from pathways.rules.links import LinkPurpose
from pathways.web import link_appointments, link_forms, link_wishes
from pathways.web.link_limits import too_often
from pathways.web.link_pages import GONE, Visit, kind_page, language_of
from pathways.web.link_pages import left as left_page

PAGES = {
    LinkPurpose.APPOINTMENT: link_appointments.visit,
    LinkPurpose.QUESTIONNAIRE: link_forms.visit,
    LinkPurpose.PREFERENCES: link_wishes.visit,
}


@csrf_exempt
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of one link: 404 for an address that was made up, 410 for one that is used, over or taken back."""
    if too_often(request, token):
        return kind_page(request, token, busy=True)
    now = clock.now()
    led = found(token, now)
    if led.link is None or not led.open:
        return _closed(request, token, now, led.link)
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    visit = Visit(request, token, led.link, now, language_of(request, led.link.language))
    try:
        return PAGES[LinkPurpose(led.link.purpose)](visit)
    except Refused as refused:
        if refused.status != GONE:
            raise
        return _closed(request, token, now, found(token, now).link)


def _closed(request: HttpRequest, token: str, now: datetime, row: PatientLink | None) -> HttpResponse:
    """Whoever comes back to what they have done is told that it is done."""
    return kind_page(request, token, link=row, used=row is not None and was_used(row, now))


def left(request: HttpRequest) -> HttpResponse:
    """The page behind "Close and leave this page"."""
    return left_page(request)
