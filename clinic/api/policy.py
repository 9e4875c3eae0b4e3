"""The policy table of the API's own routes."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

_DESCRIBES = "Describes the API and holds no data."
_KNOWN = "Every known caller may ask who it is and where it works."

ROUTES: dict[str, Route] = {
    "api_root": Route(public=_DESCRIBES),
    "api_schema": Route(public=_DESCRIBES),
    "api_docs": Route(public=_DESCRIBES),
    "problems": Route(public=_DESCRIBES),
    "problem_kind": Route(public=_DESCRIBES),
    "api_me": Route(known=_KNOWN),
    "api_sites": Route(known=_KNOWN, write=Permission.SITE_WRITE),
    "api_room": Route(known=_KNOWN, write=Permission.SITE_WRITE),
    "api_rooms": Route(known=_KNOWN, write=Permission.SITE_WRITE),
    "api_site": Route(known=_KNOWN, write=Permission.SITE_WRITE),
}
