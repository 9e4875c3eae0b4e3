"""OAuth scopes come from the one permission table, named by string in the settings."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from oauth2_provider.scopes import BaseScopes


class ScopesOfTheRules(BaseScopes):  # type: ignore[misc]
    """Which scopes there are. A token has exactly those that were asked for: nothing is given by default."""

    def get_all_scopes(self) -> dict[str, str]:
        scopes: Mapping[str, str] = import_string(settings.API_SCOPES)
        return {str(scope): str(meaning) for scope, meaning in scopes.items()}

    def get_available_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return list(self.get_all_scopes())

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return []
