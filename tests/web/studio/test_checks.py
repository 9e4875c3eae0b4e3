"""A draft is checked as one types, and nothing of it is stored."""

import pytest
from django.test import Client

from pathways.models import ProgramVersion
from pathways.rules.programs import editing
from tests.factories import pathways
from tests.web.studio.pages import HTMX, MOOD, STUDIO, changed_meanwhile, mood, sent, stands, text_of

pytestmark = pytest.mark.django_db


def test_the_problems_are_listed_as_one_types_and_nothing_is_stored(browser: Client, draft: ProgramVersion) -> None:
    answer = browser.post(f"{STUDIO}check", sent(draft, "save", MOOD, **mood(within_days="7")), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "it would lapse before it is due" in text_of(answer)
    assert f"edit={MOOD}".replace("[", "%5B").replace("]", "%5D") in page
    assert 'id="studio-said" hx-swap-oob' in page
    assert stands(draft) == pathways.document()
    assert draft.version == 1


def test_what_cannot_be_written_down_is_said_while_one_types(browser: Client, draft: ProgramVersion) -> None:
    answer = browser.post(f"{STUDIO}check", sent(draft, "save", MOOD, **mood(within_days="soon")), headers=HTMX)
    assert "Within daysA whole number is expected here." in text_of(answer)
    assert "Nothing stands against publishing" not in text_of(answer)


def test_checking_a_draft_that_is_another_one_by_now_says_nothing(browser: Client, draft: ProgramVersion) -> None:
    data = sent(draft, "save", MOOD, **mood())
    changed_meanwhile(draft, lambda document: editing.put(document, "phases[0].title", "Arriving"))
    assert browser.post(f"{STUDIO}check", data, headers=HTMX).status_code == 204


@pytest.mark.parametrize("do", ["save@nowhere", "up@phases[1]", "", "add@program"])
def test_checking_what_is_not_there_lists_what_stands(browser: Client, draft: ProgramVersion, do: str) -> None:
    assert browser.post(f"{STUDIO}check", sent(draft, do), headers=HTMX).status_code == 200
