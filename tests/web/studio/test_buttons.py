"""The buttons that move, group, add and remove a part, and those no page offers."""

import pytest
from django.test import Client

from pathways.models import ProgramVersion
from tests.factories import pathways
from tests.web.studio.pages import HTMX, STUDIO, edit, sent, stands, text_of

pytestmark = pytest.mark.django_db


def test_a_phase_moves_along_the_path_by_a_button(browser: Client, draft: ProgramVersion) -> None:
    answer = edit(browser, sent(draft, "up@phases[1]"))
    assert answer["Location"] == f"{STUDIO}?phase=1#at-phases-0"
    assert [each["key"] for each in stands(draft, "phases")][:2] == [
        "behavioral-therapy",
        "assessment-and-stabilization",
    ]
    assert "the wrong way in the order of the phases" in text_of(browser.get(STUDIO))


def test_a_phase_is_dropped_at_a_place(browser: Client, draft: ProgramVersion) -> None:
    assert edit(browser, sent(draft, "place@phases[0]@2"), **HTMX).status_code == 200
    assert stands(draft, "phases[2].key") == "assessment-and-stabilization"


def test_a_requirement_moves_within_its_gate_into_a_group_and_out_again(browser: Client, draft: ProgramVersion) -> None:
    gate = "phases[1].exit"
    first = stands(draft, f"{gate}.criteria[0]")
    edit(browser, sent(draft, f"down@{gate}.criteria[0]"))
    assert stands(draft, f"{gate}.criteria[1]") == first
    edit(browser, sent(draft, f"group-any_of@{gate}.criteria[1]"))
    assert stands(draft, f"{gate}.criteria[1]") == {"key": "any-of", "kind": "any_of", "criteria": [first]}
    edit(browser, sent(draft, f"into@{gate}.criteria[0]@{gate}.criteria[1]"))
    assert len(stands(draft, f"{gate}.criteria[0].criteria")) == 2
    edit(browser, sent(draft, f"ungroup@{gate}.criteria[0]"))
    assert stands(draft, f"{gate}.criteria[0]") == first


def test_a_gate_is_added_and_removed(browser: Client, draft: ProgramVersion) -> None:
    edit(browser, sent(draft, "gate@phases[1].entry"))
    assert stands(draft, "phases[1].entry") == {"title": "", "criteria": []}
    assert edit(browser, sent(draft, "remove@phases[1].entry")).status_code == 303
    assert "entry" not in stands(draft, "phases[1]")


def test_what_others_name_is_not_removed_and_they_are_named(browser: Client, draft: ProgramVersion) -> None:
    answer = edit(browser, sent(draft, "remove@phases[1]"), **HTMX)
    page = text_of(answer)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#studio")
    assert "places still name it" in page
    assert "Stabilization to Therapy" in page
    assert stands(draft) == pathways.document()


@pytest.mark.parametrize(
    "do",
    ["", "nothing", "up", "up@nowhere[1]", "remove@program", "remove@phases", "place@phases[0]@x",
     "gate@phases[0].exit", "group-any_of@phases[0]", "into@phases[1].exit.criteria[0]@phases[1].exit.criteria[1]",
     "save@phases[77]", "add@program", "add@phases[9].exit.criteria", "up@phases[0].goals[0].x"],
)  # fmt: skip
def test_what_no_page_offers_changes_nothing(browser: Client, draft: ProgramVersion, do: str) -> None:
    assert edit(browser, sent(draft, do)).status_code == 409
    assert stands(draft) == pathways.document()
    assert draft.version == 1
