"""An address looked up once is the address Django gives for each record."""

from uuid import uuid4

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from clinic.web.addresses import address


@pytest.mark.parametrize("name", ["chart", "call", "follow_up"])
def test_each_record_has_the_address_django_gives_it(name: str) -> None:
    for record in (uuid4(), uuid4()):
        assert address(name, record) == reverse(name, args=[record])


def test_other_parts_stand_where_they_stand() -> None:
    record = uuid4()
    for parts in ((record, "phq9"), (record, "gad7")):
        assert address("assessment_new", *parts) == reverse("assessment_new", args=parts)
    assert address("today_line", "follow_up", record) == reverse("today_line", args=["follow_up", record])


def test_a_prefix_of_the_server_is_kept_and_an_unknown_name_is_an_error() -> None:
    record = uuid4()
    plain = address("chart", record)
    set_script_prefix("/clinic/")
    try:
        assert address("chart", record) == f"/clinic{plain}"
    finally:
        set_script_prefix("/")
    with pytest.raises(NoReverseMatch):
        address("nothing", record)
