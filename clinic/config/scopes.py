"""OAuth scopes come from the one permission table, named by string in the settings."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from oauth2_provider.scopes import BaseScopes


class ScopesOfTheRules(BaseScopes):  # type: ignore[misc]
    """A client may ask for the scopes its administrator gave it; asking for none gives all of those."""

    def get_all_scopes(self) -> dict[str, str]:
        scopes: Mapping[str, object] = import_string(settings.API_SCOPES)
        return {str(scope): str(scope).replace(".", ": ").replace("_", " ") for scope in scopes}

    def get_available_scopes(self, application: Any = None, request: Any = None, *args: Any, **kw: Any) -> list[str]:
        client = getattr(application, "api_client", None)
        if client is None or not client.actor.is_active or client.revoked_at is not None:
            return []
        return [scope for scope in self.get_all_scopes() if scope in client.actor.scopes]

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kw: Any) -> list[str]:
        return self.get_available_scopes(application=application)
