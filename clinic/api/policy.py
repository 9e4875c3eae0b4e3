"""The policy table of the API's own routes."""

from clinic.rules.routes import Route

_DESCRIBES = "Describes the API and holds no data."
_KNOWN = "Every known caller may ask who it is and where it works; the door itself answers 401 to all others."

ROUTES: dict[str, Route] = {
    "api_root": Route(public=_DESCRIBES),
    "api_schema": Route(public=_DESCRIBES),
    "api_docs": Route(public=_DESCRIBES),
    "problems": Route(public=_DESCRIBES),
    "problem_kind": Route(public=_DESCRIBES),
    "api_me": Route(public=_KNOWN),
    "api_sites": Route(public=_KNOWN),
}
