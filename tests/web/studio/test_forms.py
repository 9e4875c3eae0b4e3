"""The forms of a draft's parts: each opens, takes an entry, and keeps what was typed when it is refused."""

from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from pathways.models import ProgramVersion
from pathways.rules.gates import KINDS
from pathways.rules.programs import canonical, places
from tests.factories import pathways
from tests.web.studio.pages import HTMX, MOOD, STUDIO, edit, fields_of, mood, sent, stands, text_of

pytestmark = pytest.mark.django_db


def plain(part: Any) -> Any:
    """A part without what says no more than its default does."""
    defaults = {"last": 1, "hours_between": 0, "score": "total", "needs_reason": True, "requirement": "required"}
    defaults |= {"mode": "phone", "at": "10:00", "window_days": 0, "tries": 1, "adjunct": False, "first_month": 1}
    return {key: value for key, value in part.items() if key not in defaults or defaults[key] != value}


@pytest.mark.parametrize(
    "path",
    [
        "program",
        "phases[0]",
        "phases[1].exit",
        "phases[1].exit.criteria[0]",
        "phases[0].exit.criteria[0]",
        "phases[0].exit.criteria[0].criteria[1]",
        "phases[0].assessments[0]",
        "phases[0].activities[0]",
        "transitions[0]",
        "transitions[5]",
        "follow_ups[0]",
        "follow_ups[3]",
        "ladders[0]",
        "ladders[0].rungs[0]",
    ],
)
def test_every_part_opens_in_a_form_and_saved_unchanged_stays_what_it_was(
    browser: Client, draft: ProgramVersion, path: str
) -> None:
    page = browser.get(f"{STUDIO}?edit={path}")
    answer = edit(browser, sent(draft, "save", path) | fields_of(page))
    assert answer.status_code == 303, text_of(answer)
    assert canonical({"part": plain(stands(draft, path))}) == canonical(
        {"part": plain(places.at(pathways.document(), path))}
    )


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_requirement_has_its_form(browser: Client, draft: ProgramVersion, kind: str) -> None:
    data = sent(draft, "form", "phases[1].exit.criteria", kind=kind) | {"was": "add", "asked": "kind"}
    answer = edit(browser, data, **HTMX)
    assert answer.status_code == 200
    names = set(answer.context["opened"].form.fields)
    assert {param.name for param in KINDS[kind].params()} <= names
    assert stands(draft)["phases"] == pathways.document()["phases"]


def test_what_was_typed_for_another_kind_is_carried_along(browser: Client, draft: ProgramVersion) -> None:
    data = sent(draft, "form", "phases[1].exit.criteria", kind="days_in_phase", statement="Family was told")
    page = edit(browser, data | {"was": "add", "asked": "kind statement"}, **HTMX).content.decode()
    assert '<input type="hidden" name="part-statement" value="Family was told">' in page


def test_a_requirement_is_changed_in_place(browser: Client, draft: ProgramVersion) -> None:
    answer = edit(browser, sent(draft, "save", MOOD, **mood(value="4", last="2")))
    assert (answer.status_code, answer["Location"]) == (303, f"{STUDIO}?phase=2#at-phases-1-exit-criteria-1")
    found = stands(draft, MOOD)
    assert (found["value"], found["last"], draft.version) == (4, 2, 2)
    assert "PHQ-9 of 4 or less" in text_of(browser.get(f"{STUDIO}?phase=2"))


def test_with_script_the_region_comes_back_with_the_keyboard_where_it_was(
    browser: Client, draft: ProgramVersion
) -> None:
    answer = edit(browser, sent(draft, "save", MOOD, **mood(value="4")), **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["HX-Push-Url"] == f"{STUDIO}?phase=2"
    assert "<html" not in page
    assert 'id="edit-at-phases-1-exit-criteria-1"' in page
    assert page.count("data-focus") == 1
    assert 'id="studio-said" hx-swap-oob' in page
    assert "Saved." in text_of(answer)


def test_a_new_requirement_gets_a_key_of_its_own_and_stands_last(browser: Client, draft: ProgramVersion) -> None:
    data = {"kind": "days_in_phase", "at_least": "5", "needs_reason": "on", "source": "local default"}
    assert edit(browser, sent(draft, "add", "phases[1].exit.criteria", **data)).status_code == 303
    last = stands(draft, "phases[1].exit.criteria")[-1]
    assert last == {"key": "days-in-phase", "kind": "days_in_phase", "at_least": 5, "source": "local default"}


@pytest.mark.parametrize(
    ("path", "fields", "written"),
    [
        ("transitions", {"kind": "hold", "roles": ["nurse"], "reasons": ["travel"], "needs_note": "on"},
         {"kind": "hold", "roles": ["nurse"], "reasons": ["travel"], "needs_note": True}),
        ("phases[0].assessments", {"instrument": "phq9", "every_days": "14", "source": "x"},
         {"instrument": "phq9", "every_days": 14, "source": "x"}),
        ("phases[0].activities", {"modality": "cbt", "title": "CBT", "per_week": "1", "minutes": "50", "source": "x"},
         {"modality": "cbt", "title": "CBT", "per_week": 1, "minutes": 50, "source": "x"}),
        ("ladders", {"title": "Softly", "source": "x"}, {"key": "softly", "title": "Softly", "source": "x"}),
        ("ladders[0].rungs", {"kind": "staff_call", "wait_hours": "24", "tries": "2", "role": "nurse"},
         {"kind": "staff_call", "wait_hours": 24, "tries": 2, "role": "nurse"}),
        ("follow_ups", {"title": "Look in", "anchor": "admission", "_when": "offsets", "offsets": "2, 7 14",
                        "at": "09:30", "purpose": "check_in", "mode": "phone", "owner": "nurse", "source": "x"},
         None),
        ("phases", {"title": "Coming home", "goals": "One\n\n two ", "typical_days": "30", "level": "1", "source": "x"},
         {"key": "coming-home", "title": "Coming home", "goals": ["One", "two"], "typical_days": 30, "level": "1",
          "source": "x"}),
    ],
)  # fmt: skip
def test_each_list_takes_a_new_entry(
    browser: Client, draft: ProgramVersion, path: str, fields: dict[str, Any], written: dict[str, Any] | None
) -> None:
    if path == "follow_ups":
        fields |= {"ladder": str(places.at(draft.document, "ladders[0].key"))}
        written = {"rule_key": "look-in", "title": "Look in", "anchor": "admission", "offsets": [2, 7, 14]}
        written |= {"at": "09:30", "purpose": "check_in", "ladder": fields["ladder"], "owner": "nurse", "source": "x"}
    answer = edit(browser, sent(draft, "add", path, **fields))
    assert answer.status_code == 303, text_of(answer)
    assert stands(draft, path)[-1] == written


def test_a_schedule_is_written_as_one_of_three(browser: Client, draft: ProgramVersion) -> None:
    page = browser.get(f"{STUDIO}?edit=follow_ups[0]")
    fields = fields_of(page) | {"part-_when": "every", "part-every__days": "7", "part-every__for_days": "28"}
    assert edit(browser, sent(draft, "save", "follow_ups[0]") | fields).status_code == 303
    rule = stands(draft, "follow_ups[0]")
    assert rule["every"] == {"days": 7, "for_days": 28}
    assert "offsets" not in rule


def test_what_cannot_be_written_down_is_refused_beside_its_field_and_what_was_typed_stays(
    browser: Client, draft: ProgramVersion
) -> None:
    answer = edit(browser, sent(draft, "save", MOOD, **mood(within_days="a fortnight", source="my own words")))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="a fortnight"' in page
    assert 'value="my own words"' in page
    assert "A whole number is expected here." in page
    assert 'href="#id_part-within_days"' in page
    assert stands(draft) == pathways.document()


def test_what_is_missing_is_kept_and_stands_among_the_problems(browser: Client, draft: ProgramVersion) -> None:
    edit(browser, sent(draft, "save", "phases[1]", key="behavioral-therapy", title=""))
    page = text_of(browser.get(f"{STUDIO}?phase=2"))
    assert "Publish: 6 problems left" in page
    assert "“title” is missing." in page
    assert "No title yet" in page


def test_what_stands_against_publishing_in_a_part_is_told_inside_its_form(
    browser: Client, draft: ProgramVersion
) -> None:
    edit(browser, sent(draft, "save", MOOD, **mood(value="99")))
    form = browser.get(f"{STUDIO}?phase=2&edit={MOOD}").content.decode().split('id="part-form"')[1]
    assert "Value: PHQ-9 runs from 0 to 27: everybody meets this." in " ".join(strip_tags(form).split())
    draft.refresh_from_db()
    typed = {**sent(draft, "save", MOOD, **mood(value="4")), "seen": "{}"}
    checked = browser.post(f"{STUDIO}check", typed).content.decode()
    assert 'id="part-wrong"' in checked and "everybody meets this" not in checked
