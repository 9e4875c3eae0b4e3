"""Somebody else was faster: nothing is written over, and nothing that was typed is lost."""

import json

import pytest
from django.test import Client

from clinic.models import Actor
from pathways.actions import programs
from pathways.models import ProgramVersion
from pathways.rules.programs import editing, places
from tests.factories import pathways
from tests.factories.patients import NOW
from tests.web.studio.pages import (
    HTMX,
    MOOD,
    changed_meanwhile,
    edit,
    mood,
    sent,
    stands,
    text_of,
)

pytestmark = pytest.mark.django_db


def seen(draft: ProgramVersion, path: str) -> dict[str, str]:
    return {"seen": json.dumps(places.at(draft.document, path), sort_keys=True), "asked": " ".join(mood())}


def test_a_stale_form_saves_nothing_keeps_what_was_typed_and_shows_what_changed(
    browser: Client, draft: ProgramVersion
) -> None:
    data = sent(draft, "save", MOOD, **mood(value="4", source="my own words")) | seen(draft, MOOD)
    other = changed_meanwhile(draft, lambda document: editing.put(document, f"{MOOD}.value", 12))
    answer = edit(browser, data, **HTMX)
    page = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (412, "#studio")
    assert f"{other.name} changed this draft while you were at it." in text_of(answer)
    assert 'value="my own words"' in page
    assert [(each.mine, each.now) for each in answer.context["opened"].meanwhile] == [("4", "12")]
    assert stands(draft, f"{MOOD}.value") == 12
    again = edit(browser, sent(draft, "save", MOOD, **mood(value="4")))
    assert (again.status_code, stands(draft, f"{MOOD}.value")) == (303, 4)


def test_a_stale_form_without_script_is_the_whole_page_with_what_was_typed(
    browser: Client, draft: ProgramVersion
) -> None:
    data = sent(draft, "save", MOOD, **mood(source="my own words")) | seen(draft, MOOD)
    changed_meanwhile(draft, lambda document: editing.put(document, "phases[0].title", "Arriving"))
    answer = edit(browser, data)
    assert answer.status_code == 412
    assert "<html" in answer.content.decode()
    assert 'value="my own words"' in answer.content.decode()
    assert "This part was not touched by anybody else." in text_of(answer)


def test_a_part_moved_by_somebody_else_is_found_again(browser: Client, draft: ProgramVersion) -> None:
    data = sent(draft, "save", MOOD, **mood(value="4")) | seen(draft, MOOD)
    changed_meanwhile(draft, lambda document: editing.move(document, MOOD, 0))
    opened = edit(browser, data, **HTMX).context["opened"]
    assert (opened.path, opened.verb) == ("phases[1].exit.criteria[0]", "save")


def test_a_part_removed_by_somebody_else_can_be_added_again(browser: Client, draft: ProgramVersion) -> None:
    data = sent(draft, "save", MOOD, **mood(source="my own words")) | seen(draft, MOOD)
    changed_meanwhile(draft, lambda document: editing.remove_at(document, MOOD))
    answer = edit(browser, data, **HTMX)
    opened = answer.context["opened"]
    assert (opened.path, opened.verb, opened.gone) == ("phases[1].exit.criteria", "add", True)
    assert 'value="my own words"' in answer.content.decode()


def test_a_stale_button_changes_nothing_and_shows_how_it_stands(browser: Client, draft: ProgramVersion) -> None:
    data = sent(draft, "up@phases[1]")
    changed_meanwhile(draft, lambda document: editing.put(document, "phases[0].title", "Arriving"))
    answer = edit(browser, data, **HTMX)
    assert answer.status_code == 412
    assert "Arriving" in text_of(answer)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_draft_that_is_gone_leaves_what_was_typed_to_be_copied(
    browser: Client, manager: Actor, draft: ProgramVersion, headers: dict[str, str]
) -> None:
    programs.discard_draft(by=manager, now=NOW, version_id=draft.public_id, expected_version=1)
    answer = edit(browser, sent(draft, "save", MOOD, **mood(source="my own words")), **headers)
    assert answer.status_code == 412
    assert "my own words" in text_of(answer)
    assert "Within days" in text_of(answer) and "within_days" not in text_of(answer)
    assert ("<html" in answer.content.decode()) is not headers


def test_another_draft_in_its_place_is_not_written_over(browser: Client, manager: Actor, draft: ProgramVersion) -> None:
    programs.discard_draft(by=manager, now=NOW, version_id=draft.public_id, expected_version=1)
    fresh = programs.start_draft(by=manager, now=NOW, program_id=draft.program.public_id)
    assert edit(browser, sent(draft, "up@phases[1]")).status_code == 412
    assert stands(fresh) == pathways.document()


@pytest.mark.parametrize("missing", ["draft", "version"])
def test_a_form_that_does_not_say_what_it_saw_changes_nothing(
    browser: Client, draft: ProgramVersion, missing: str
) -> None:
    data = sent(draft, "up@phases[1]")
    del data[missing]
    assert edit(browser, data).status_code == 422
    assert stands(draft) == pathways.document()


@pytest.mark.parametrize("odd", ["[[[", "null", "[]", '{"a":', "x" * 30_000, "[" * 5_000])
def test_what_comes_back_as_seen_is_only_compared_with(browser: Client, draft: ProgramVersion, odd: str) -> None:
    data = sent(draft, "save", MOOD, **mood()) | {"seen": odd, "asked": " ".join(mood())}
    changed_meanwhile(draft, lambda document: editing.put(document, "phases[0].title", "Arriving"))
    assert edit(browser, data, **HTMX).status_code == 412
