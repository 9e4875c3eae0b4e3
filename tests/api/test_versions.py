"""Nobody overwrites what they have not seen."""

import pytest

from clinic.models import Site
from tests.api.callers import administrator, place

pytestmark = pytest.mark.django_db


def _opened() -> tuple[object, str, str]:
    caller = administrator()
    answer = caller.post("/api/v1/sites/", place())
    assert answer.status_code == 201, answer.content
    return caller, answer["Location"], answer["ETag"]


def _change() -> dict[str, object]:
    body = place(name="Harbor East")
    del body["code"]
    return body


def test_a_change_without_the_version_is_refused() -> None:
    caller, address, _ = _opened()
    for headers in ({}, {"If_Match": "*"}):
        answer = caller.put(address, _change(), **headers)
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
    assert Site.objects.get(code="harbor").name == "Harbor House"


def test_a_change_of_the_version_seen_is_made_and_has_a_new_tag() -> None:
    caller, address, etag = _opened()
    assert caller.get(address)["ETag"] == etag
    answer = caller.put(address, _change(), If_Match=etag)
    assert (answer.status_code, answer.json()["name"]) == (200, "Harbor East")
    assert answer["ETag"] == caller.get(address)["ETag"] != etag


@pytest.mark.parametrize("tag", ['W/"1"', '"0"', '"one"', "1", '"99999999999999999999"'])
def test_a_tag_that_was_never_ours_is_stale(tag: str) -> None:
    caller, address, _ = _opened()
    answer = caller.put(address, _change(), If_Match=tag)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


def test_a_change_of_an_older_version_is_refused() -> None:
    caller, address, etag = _opened()
    caller.put(address, _change(), If_Match=etag)
    answer = caller.put(address, _change(), If_Match=etag)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


def test_the_same_change_under_one_key_is_made_once() -> None:
    caller, address, etag = _opened()
    first = caller.put(address, _change(), If_Match=etag, Idempotency_Key="k")
    again = caller.put(address, _change(), If_Match=etag, Idempotency_Key="k")
    assert first.status_code == again.status_code == 200
    assert (first.content, first["ETag"]) == (again.content, again["ETag"])
    other = caller.put(address, _change(), If_Match=first["ETag"], Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
