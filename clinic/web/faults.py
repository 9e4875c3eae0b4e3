"""What nothing else answered: an absent database is still a 503 with its sentence, anything else a plain apology."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error as apology

from clinic.web.answers import refusal_of, refusal_response


def server_error(request: HttpRequest) -> HttpResponse:
    """The last handler: asked by Django with the exception still at hand."""
    error = sys.exc_info()[1]
    refused = refusal_of(error) if isinstance(error, Exception) else None
    return apology(request) if refused is None else refusal_response(request, refused)
