"""Patients' own links have a host of their own: nothing else of the house answers there, not even its sign-in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port


class LinkHostMiddleware:
    """On the host of patients' links only their pages are there; everything else is not found, without a word.

    Whoever gets such an address and tries its beginning would otherwise meet the staff's sign-in and the product's
    name. Static files are served before this. Where the links are on the house's own host, nothing is held back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host, _port = split_domain_port(request.get_host())
        if host == settings.PATIENT_LINK_HOST and not request.path_info.startswith(settings.PATIENT_LINK_PATHS):
            return HttpResponse(status=404, content_type="text/plain")
        return self.get_response(request)
