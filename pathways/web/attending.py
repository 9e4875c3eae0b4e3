"""The button under a safety prompt: somebody is with the person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest

from clinic import clock
from clinic.errors import Refused, not_found
from clinic.web.forms import words
from patients.actions import flags
from patients.queries import flags as queries


def take_flag(request: HttpRequest) -> None:
    """Take the flag the pressed button names; one taken or closed meanwhile stays as it is."""
    try:
        flag = queries.get(request.actor, UUID(request.POST.get("flag", "")))  # type: ignore[attr-defined]
    except ValueError:
        raise not_found() from None
    try:
        flags.take(flag=flag, expected_version=flag.version, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        messages.warning(request, words(refused.sentence))
