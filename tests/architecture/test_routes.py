"""Generated from the address table itself: every route × nobody, and every route × every role."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from clinic.queries.routes import all_routes, route_policy
from clinic.rules.roles import Role, permissions_of
from clinic.rules.routes import Access, Route, access
from clinic.rules.staff import ASSIGNABLE
from clinic.web.middleware import RoutePolicyMiddleware, Seen
from tests.factories import clinic as make

SOMETHING = {
    "uuid": str(UUID(int=7)),
    "int": "7",
    "slug": "something",
    "str": "something",
    "path": "something",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Door:
    name: str
    address: str

    @property
    def is_api(self) -> bool:
        return self.address.startswith(("/api/", "/o/"))


def _patterns(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[Door]:
    for entry in resolver.url_patterns:
        address = prefix + _example(entry)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _patterns(entry, address, inner)
        elif isinstance(entry, URLPattern):
            yield Door(f"{space}{entry.name}" if entry.name else "", "/" + address)


def _example(entry: URLPattern | URLResolver) -> str:
    """The pattern with something in every place."""
    if getattr(entry, "name", None) == "account_reset_password_from_key":
        return "accounts/password/reset/key/1-set-password/"
    route = str(entry.pattern)
    for name, converter in entry.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        for written in (f"<{kind}:{name}>", f"<{name}>"):
            route = route.replace(written, SOMETHING[kind if kind in SOMETHING else "str"])
    return route


DOORS = sorted(_patterns(get_resolver()), key=lambda door: door.address)
PROTECTED = [door for door in DOORS if door.name in all_routes() and not all_routes()[door.name].public]


def _id(door: Door) -> str:
    return door.name


def test_every_route_has_a_name_and_a_policy() -> None:
    assert [door.address for door in DOORS if route_policy(door.name) is None] == []


def test_every_policy_belongs_to_a_route() -> None:
    assert set(all_routes()) - {door.name for door in DOORS} == set()


def test_every_example_address_leads_to_its_own_route() -> None:
    assert [door for door in DOORS if resolve(door.address).view_name != door.name] == []


def test_an_open_route_says_why() -> None:
    for name, route in all_routes().items():
        assert not route.public or len(route.public.split()) >= 3, name


@pytest.mark.django_db
@pytest.mark.parametrize("door", PROTECTED, ids=_id)
def test_nobody_anonymous_gets_in(door: Door) -> None:
    for method in METHODS:
        answer = Client().generic(method, door.address)
        if door.is_api:
            assert answer.status_code == 401, (method, answer.status_code)
        else:
            assert answer.status_code == 302, (method, answer.status_code)
            assert answer["Location"].startswith("/accounts/login/"), method


@pytest.mark.django_db
@pytest.mark.parametrize("role", ASSIGNABLE)
def test_each_role_gets_what_the_table_says_and_no_more(role: Role) -> None:
    person = make.staff(roles=[role])
    client = make.sign_in(Client(), person)
    held = permissions_of([role])
    for door in PROTECTED:
        route = all_routes()[door.name]
        for method in METHODS:
            wanted = access(route, method, held)
            if wanted is Access.ALLOWED:
                assert _policy_lets_pass(door, method, person), (door.name, method)
            else:
                _assert_refused(client.generic(method, door.address), wanted, (door.name, method))


def _assert_refused(answer: HttpResponse, wanted: Access, which: tuple[str, str]) -> None:
    # The REST door looks for its CSRF token first, hence 403 for a method that is not there.
    expected = {403} if wanted is Access.FORBIDDEN else {403, 405}
    assert answer.status_code in expected, (which, answer.status_code)


def _policy_lets_pass(door: Door, method: str, person: object) -> bool:
    request = RequestFactory().generic(method, door.address)
    request.resolver_match = resolve(door.address)
    request.staff, request.actor, request.seen, request.language = person, person.actor, Seen(), "en"  # type: ignore[attr-defined]
    middleware = RoutePolicyMiddleware(lambda request: HttpResponse())
    return middleware.process_view(request, lambda request: HttpResponse(), (), {}) is None


def test_a_route_without_a_policy_is_closed_to_everybody() -> None:
    everything = permissions_of(ASSIGNABLE)
    assert access(None, "GET", everything) is Access.FORBIDDEN
    assert access(None, "GET", None) is Access.SIGN_IN


def test_a_route_cannot_be_public_and_ask_for_a_permission() -> None:
    with pytest.raises(ValueError, match="either public"):
        Route()
