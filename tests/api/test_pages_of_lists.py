"""Cursor pages: stable while rows come and go, the hundredth as cheap as the first."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Site
from clinic.queries.pages import page
from tests.api.callers import Caller, program
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db


def _caller(names: list[str]) -> Caller:
    return program(make.api_client(scopes=["patients.read"], sites=[make.site(name) for name in names]))


def _walk(caller: Caller, address: str, link: str = "next") -> list[dict[str, Any]]:
    found = []
    while address:
        answer = caller.get(address)
        assert answer.status_code == 200, answer.content
        found.append(answer.json())
        address = found[-1][link]
    return found


def _names(pages: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for each in pages for row in each["results"]]


def test_all_rows_come_once_and_in_order() -> None:
    names = [f"Site {number:02}" for number in range(23)]
    pages = _walk(_caller(names), "/api/v1/sites/?page_size=5")
    assert [len(each["results"]) for each in pages] == [5, 5, 5, 5, 3]
    assert _names(pages) == names
    assert pages[0]["previous"] is None


def test_one_walks_back_the_same_way() -> None:
    names = [f"Site {number:02}" for number in range(12)]
    caller = _caller(names)
    last = _walk(caller, "/api/v1/sites/?page_size=5")[-1]
    back = _walk(caller, last["previous"], "previous")
    assert [row["name"] for each in reversed(back) for row in each["results"]] == names[:10]


def test_rows_with_equal_names_are_told_apart() -> None:
    pages = _walk(_caller(["Same"] * 7), "/api/v1/sites/?page_size=2")
    assert len({row["id"] for each in pages for row in each["results"]}) == 7


def test_rows_that_appear_meanwhile_neither_repeat_nor_hide_others() -> None:
    names = [f"Site {number:02}" for number in range(10)]
    client = make.api_client(scopes=["patients.read"], sites=[make.site(name) for name in names])
    caller = program(client)
    first = caller.get("/api/v1/sites/?page_size=4").json()
    for name in ("Site 00 b", "Site 02 b", "Site 07 b"):
        _add(client, name)
    rest = _walk(caller, first["next"])
    assert _names([first, *rest]) == sorted([*names, "Site 07 b"])


def _add(client: Any, name: str) -> None:
    row = make.site(name)
    with allow_direct_writes():
        client.actor.sites.add(row)


def test_the_hundredth_page_costs_what_the_first_does() -> None:
    caller = _caller([f"Site {number:03}" for number in range(110)])
    address, counts = "/api/v1/sites/?page_size=1", []
    for _ in range(100):
        with CaptureQueriesContext(connection) as queries:
            answer = caller.get(address)
        counts.append(len(queries))
        address = answer.json()["next"]
        assert not any("OFFSET" in query["sql"] for query in queries)
    assert len(set(counts)) == 1, counts


def test_the_link_header_names_the_neighbours() -> None:
    caller = _caller(["A", "B", "C"])
    first = caller.get("/api/v1/sites/?page_size=1")
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    second = caller.get(first.json()["next"])
    assert 'rel="next"' in second["Link"]
    assert 'rel="prev"' in second["Link"]


def test_a_cursor_says_nothing_about_the_rows() -> None:
    caller = _caller(["Ada Quill", "Bea Quill"])
    assert "Quill" not in caller.get("/api/v1/sites/?page_size=1").json()["next"]


@pytest.mark.parametrize("cursor", ["x", "gAAAAAB", "Ω", "a" * 4000])
def test_a_cursor_nobody_made_is_refused(cursor: str) -> None:
    answer = program().get(f"/api/v1/sites/?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


@pytest.mark.parametrize("size", ["0", "201", "-1", "ten", "5.0", "٣", "9" * 40])
def test_a_page_size_out_of_bounds_is_refused(size: str) -> None:
    assert program().get(f"/api/v1/sites/?page_size={size}").status_code == 422


def test_a_cursor_of_another_list_is_refused() -> None:
    for name in "ABC":
        make.site(name)
    cursor = page(Site.objects.all(), ("name", "id"), None, 1, "one").next_cursor
    with pytest.raises(Refused) as caught:
        page(Site.objects.all(), ("name", "id"), cursor, 1, "other")
    assert caught.value.status == 422
    with pytest.raises(Refused):
        page(Site.objects.all(), ("-name", "id"), cursor, 1, "one")


def test_descending_and_mixed_orders_hold_too() -> None:
    for name in "ABABC":
        make.site(name)
    for order in (("-name", "id"), ("-name", "-id"), ("name", "-id"), ("contact_opens", "-public_id")):
        expected, found, cursor = list(Site.objects.order_by(*order)), [], None
        while True:
            part = page(Site.objects.all(), order, cursor, 2, "b")
            found += part.rows
            if (cursor := part.next_cursor) is None:
                break
        assert found == expected


def test_a_program_that_asks_for_no_rows_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        page(Site.objects.all(), ("id",), None, 0, "b")
