"""Who asks: the actor, the person behind it, the site they are at, and the language they read."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from clinic.models import Site, StaffMember
from clinic.queries.installation import one_reading
from clinic.queries.staff import open_sites_of, staff_of
from clinic.web.middleware.reads import Seen
from clinic.web.middleware.refusals import GetResponse, answering


class ActorMiddleware:
    """Sets `request.actor`, `.staff`, `.sites`, `.site`, `.language` and `.seen`. Three queries with the session's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    @answering
    def __call__(self, request: HttpRequest) -> HttpResponse:
        with one_reading():
            member = _present(request)
            sites = open_sites_of(member.actor) if member else []
            request.staff = member  # type: ignore[attr-defined]
            request.actor = member.actor if member else None  # type: ignore[attr-defined]
            request.sites = sites  # type: ignore[attr-defined]
            request.site = _current(member, sites)  # type: ignore[assignment]
            request.seen = Seen()  # type: ignore[attr-defined]
            language = member.language if member else translation.get_language() or "en"
            request.language = language[:2]  # type: ignore[attr-defined]
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            with translation.override(language):
                return self.get_response(request)


def _present(request: HttpRequest) -> StaffMember | None:
    """The member of staff who is signed in; a sign-in with nobody active behind it is ended."""
    if not request.user.is_authenticated:
        return None
    member = staff_of(request.user)
    if member is None:
        logout(request)
    return member


def _current(member: StaffMember | None, sites: list[Site]) -> Site | None:
    if member is None:
        return None
    chosen = next((site for site in sites if site.pk == member.current_site_id), None)
    return chosen or next(iter(sites), None)
