"""The one policy table, merged from the tables of all doors."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from clinic.rules.routes import Route


@cache
def all_routes() -> Mapping[str, Route]:
    """Every route by its url name; a name claimed twice stops the start."""
    routes: dict[str, Route] = {}
    for dotted in settings.ROUTE_POLICIES:
        table: Mapping[str, Route] = import_string(dotted)
        if twice := routes.keys() & table.keys():
            raise ImproperlyConfigured(f"{dotted}: these routes have a policy twice: {', '.join(sorted(twice))}")
        routes |= table
    return routes


def route_policy(name: str) -> Route | None:
    """The policy of a route; None for a route that stands in no table."""
    return all_routes().get(name)
