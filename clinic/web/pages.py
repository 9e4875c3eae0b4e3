"""Small parts every page of the house uses: after a change, and for what is not there."""

from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from clinic.errors import not_found
from clinic.rules.sentences import Sentence
from clinic.web.answers import language_of
from clinic.wording import say

Row = TypeVar("Row")


def found(row: Row | None) -> Row:
    """The row, or the refusal that says nothing is here."""
    if row is None:
        raise not_found()
    return row


def go_on(
    request: HttpRequest, to: str, said: Sentence | None = None, *, level: int = messages.SUCCESS
) -> HttpResponse:
    """After a change: the message, and 303 to a page that can be reloaded."""
    if said is not None:
        messages.add_message(request, level, say(said, language_of(request)))
    return HttpResponseRedirect(to, status=303)


def back(request: HttpRequest, default: str = "/") -> str:
    """The page a form of the shell was sent from; never an address of another house."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure()):
        return wanted
    return resolve_url(default)
