"""Idle sign-off: what a person did keeps the session, what the page does by itself does not (decisions.md 20)."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse

from clinic import clock
from clinic.rules.sentences import sentence
from clinic.web.answers import is_program, language_of, sign_in_response
from clinic.web.middleware.refusals import GetResponse, answering
from clinic.wording import say

LAST_ACTIVITY, SIGNED_IN = "last_activity", "signed_in"
PERSON_HEADER = "X-Person-Activity"
# Activity is written at most this often, so that reading pages does not cost a write each time.
GRAIN = timedelta(seconds=30)


class IdleSignOffMiddleware:
    """Ends a session nobody used for `IDLE_MINUTES`, and any session after one working day."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    @answering
    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clock.real_now()
        if SESSION_KEY in request.session:
            if _is_over(request, now):
                return self._sign_off(request)
            _note_activity(request, now)
        return self.get_response(request)

    def _sign_off(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        logout(request)
        if is_program(request):
            return self.get_response(request)
        minutes = settings.IDLE_MINUTES
        messages.info(request, say(sentence("sign_in.idle", minutes=minutes), language))
        return sign_in_response(request)


def by_a_person(request: HttpRequest) -> bool:
    """A key or click says so in a header; otherwise only the opening of a page or the sending of a form counts."""
    if request.headers.get(PERSON_HEADER):
        return True
    if getattr(request, "htmx", None):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


def _is_over(request: HttpRequest, now: datetime) -> bool:
    last, began = _moment(request, LAST_ACTIVITY), _moment(request, SIGNED_IN)
    if last is not None and now - last > timedelta(minutes=settings.IDLE_MINUTES):
        return True
    return began is not None and now - began > timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _note_activity(request: HttpRequest, now: datetime) -> None:
    last = _moment(request, LAST_ACTIVITY)
    if _moment(request, SIGNED_IN) is None:
        request.session[SIGNED_IN] = now.timestamp()
    if last is None or (now - last >= GRAIN and by_a_person(request)):
        request.session[LAST_ACTIVITY] = now.timestamp()


def _moment(request: HttpRequest, key: str) -> datetime | None:
    stamp = request.session.get(key)
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)
