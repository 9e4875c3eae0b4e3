"""Every door of the house. Of OAuth only token and revoke are mounted; nobody authorises anything in a browser."""

from django.urls import URLPattern, URLResolver, include, path
from oauth2_provider.views import RevokeTokenView, TokenView

_DOORS = [
    ("", "clinic.web.urls"),
    ("", "patients.web.urls"),
    ("", "pathways.web.urls"),
    ("problems/", "clinic.api.problem_urls"),
    ("api/v1/", "clinic.api.urls"),
    ("api/v1/", "patients.api.urls"),
    ("api/v1/", "pathways.api.urls"),
]

_OAUTH = (
    [
        path("token/", TokenView.as_view(), name="token"),
        path("revoke_token/", RevokeTokenView.as_view(), name="revoke-token"),
    ],
    "oauth2_provider",
)

handler500 = "clinic.web.faults.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("o/", include(_OAUTH)),
    *(path(prefix, include(module)) for prefix, module in _DOORS),
]
