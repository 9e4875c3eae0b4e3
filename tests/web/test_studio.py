"""The studio: a draft edited in place by small forms, checked as one types, never losing what was typed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import Program, ProgramVersion
from pathways.programs.library import read_yaml
from pathways.rules.gates import KINDS
from pathways.rules.programs import canonical, editing, places
from pathways.rules.programs.spelling import spell
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
STUDIO = "/programs/kratom-outpatient/studio/"
MOOD = "phases[1].exit.criteria[1]"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def manager(site: Site) -> Actor:
    return clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])


@pytest.fixture
def browser(client: Client, manager: Actor) -> Client:
    return clinic.sign_in(client, manager.staff_member)


@pytest.fixture
def draft(manager: Actor) -> ProgramVersion:
    return begun(manager)


def begun(by: Actor, change: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> ProgramVersion:
    """A fresh draft of the kratom program, changed before anybody looks."""
    program = pathways.program().program
    draft = programs.start_draft(by=by, now=NOW, program_id=program.public_id)
    if change is None:
        return draft
    changed = change(draft.document)
    return programs.save_draft(by=by, now=NOW, version_id=draft.public_id, document=changed, expected_version=1)


def text_of(answer: Any) -> str:
    """The words of a page, without its markup."""
    return " ".join(strip_tags(answer.content.decode()).split())


def stands(draft: ProgramVersion, path: str = "") -> Any:
    draft.refresh_from_db()
    return places.at(draft.document, path) if path else draft.document


def sent(draft: ProgramVersion, do: str, path: str = "", **fields: Any) -> dict[str, Any]:
    """What a form of the page posts. Fields of the part are named without their prefix."""
    base = {"draft": str(draft.public_id), "version": draft.version, "phase": 2, "do": do, "path": path}
    return base | {f"part-{name}": value for name, value in fields.items()}


def edit(browser: Client, data: dict[str, Any], **headers: str) -> Any:
    return browser.post(f"{STUDIO}edit", data, headers=headers)


def mood(**changes: Any) -> dict[str, Any]:
    """The fields of the requirement about PHQ-9."""
    return {
        "kind": "score_compared",
        "key": "mood-steady",
        "instrument": "phq9",
        "score": "total",
        "op": "at_most",
        "value": "9",
        "within_days": "30",
        "last": "1",
        "hours_between": "0",
        "requirement": "overridable",
        "overridable_by": ["clinician", "supervisor"],
        "needs_reason": "on",
        "source": "PHQ-9 below the moderate band",
    } | changes


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_draws_the_path_and_shows_the_chosen_phase_with_its_gates(
    browser: Client, draft: ProgramVersion
) -> None:
    page = text_of(browser.get(f"{STUDIO}?phase=2"))
    for said in (
        "draft 2, from version 1",
        "2 Behavioral therapy and relapse prevention",
        "Gate to Aftercare",
        "PHQ-9 of 9 or less, within 30 days",
        "Nothing is asked before this phase",
        "Nothing stands against publishing",
        "clinical minutes a week",
        "local defaults. A clinician must confirm them before use",
    ):
        assert said in page, said


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("transitions", "every move there is, who may make it, and why"),
        ("follow-ups", "After discharge: on day 2, 14 and 30"),
        ("ladders", "then wait 3 hours"),
        ("about", "kratom-outpatient"),
    ],
)
def test_ways_contacts_and_ladders_stand_in_sections_of_their_own(
    browser: Client, draft: ProgramVersion, section: str, said: str
) -> None:
    assert said in text_of(browser.get(f"{STUDIO}?show={section}"))


def test_a_program_nobody_is_editing_offers_to_begin_a_draft(browser: Client) -> None:
    pathways.program()
    assert "Begin a draft" in text_of(browser.get(STUDIO))
    answer = browser.post(f"{STUDIO}start", {"from": "1"})
    assert (answer.status_code, answer["Location"]) == (303, STUDIO)
    assert ProgramVersion.objects.get(status="draft").based_on is not None


@pytest.mark.parametrize("query", ["?phase=99", "?phase=x", "?phase=-1", "?show=nowhere", "?at=x[", "?phase=%00"])
def test_an_odd_address_still_shows_the_draft(browser: Client, draft: ProgramVersion, query: str) -> None:
    assert browser.get(f"{STUDIO}{query}").status_code == 200


def test_a_place_that_is_not_there_opens_nothing_and_says_so(browser: Client, draft: ProgramVersion) -> None:
    page = text_of(browser.get(f"{STUDIO}?edit=phases[9].exit"))
    assert "is not in the draft any more" in page


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


def plain(part: Any) -> Any:
    """A part without what says no more than its default does."""
    defaults = {"last": 1, "hours_between": 0, "score": "total", "needs_reason": True, "requirement": "required"}
    defaults |= {"mode": "phone", "at": "10:00", "window_days": 0, "tries": 1, "adjunct": False, "first_month": 1}
    return {key: value for key, value in part.items() if key not in defaults or defaults[key] != value}


def fields_of(page: Any) -> dict[str, Any]:
    """What the open form of a page holds, as a browser would send it."""
    form = page.context["opened"].form
    return {
        f"part-{name}": form.initial[name] for name in form.fields if form.initial[name] not in ("", None, False, [])
    }


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


# -- editing ----------------------------------------------------------------------------------------------------------


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


def test_a_publication_that_comes_too_late_leads_back_to_the_page_it_was_asked_on(
    browser: Client, draft: ProgramVersion
) -> None:
    address = f"/programs/{draft.program.key}/versions/{draft.number}/publish"
    page = f"http://testserver{STUDIO}"
    late = browser.post(address, {"version": draft.version + 1}, headers={"Referer": page})
    assert late.status_code == 412 and f'href="{page}"' in late.content.decode()
    elsewhere = browser.post(address, {"version": 9}, headers={"Referer": "https://elsewhere.example/"})
    assert "elsewhere.example" not in elsewhere.content.decode()


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


# -- somebody else was faster -----------------------------------------------------------------------------------------


def changed_meanwhile(draft: ProgramVersion, change: Callable[[Any], Any]) -> Actor:
    other = clinic.actor(roles=[Role.SUPERVISOR])
    programs.save_draft(
        by=other, now=NOW, version_id=draft.public_id, document=change(draft.document), expected_version=draft.version
    )
    return other


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


# -- checked as one types ---------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"phases": "none", "transitions": 3, "ladders": {"a": 1}, "program": []},
        {"phases": [1, None, {"exit": {"criteria": [{"kind": "any_of"}, 4]}}], "follow_ups": [{}], "ladders": [{}]},
        {"phases": [{"key": "a", "exit": {"criteria": [{"kind": each} for each in sorted(KINDS)]}}],
         "transitions": [{"kind": "advance", "from": "a", "to": "b", "gate": ["exit"]}]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("section", ["phase", "transitions", "follow-ups", "ladders", "about"])
def test_whatever_a_draft_holds_its_page_can_be_read(
    browser: Client, manager: Actor, document: dict[str, Any], section: str
) -> None:
    begun(manager, lambda _: document)
    assert browser.get(f"{STUDIO}?show={section}&phase=3").status_code == 200


# -- publishing, discarding, files ------------------------------------------------------------------------------------


def test_a_draft_without_problems_is_published_from_the_page(browser: Client, draft: ProgramVersion) -> None:
    page = browser.get(STUDIO).content.decode()
    assert f'action="/programs/{pathways.KRATOM}/versions/2/publish"' in page
    answer = browser.post(f"/programs/{pathways.KRATOM}/versions/2/publish", {"version": draft.version})
    assert answer.status_code == 303
    draft.refresh_from_db()
    assert draft.is_current


def test_a_draft_is_discarded_after_one_question(browser: Client, draft: ProgramVersion) -> None:
    assert "Discard draft 2?" in text_of(browser.get(f"{STUDIO}discard/"))
    seen = {"draft": str(draft.public_id), "version": draft.version}
    assert browser.post(f"{STUDIO}discard/", seen | {"version": 7}).status_code == 412
    assert browser.post(f"{STUDIO}discard/", seen)["Location"] == f"/programs/{pathways.KRATOM}/"
    assert not ProgramVersion.objects.filter(status="draft").exists()


def test_a_draft_is_exported_as_a_file_and_read_back_without_loss(browser: Client, draft: ProgramVersion) -> None:
    answer = browser.get(f"/programs/{pathways.KRATOM}/versions/2/document.yaml")
    assert answer["Content-Disposition"] == 'attachment; filename="kratom-outpatient-2.yaml"'
    assert canonical(read_yaml(answer.content.decode())) == canonical(draft.document)


def test_a_file_that_is_pasted_takes_the_place_of_the_draft(browser: Client, draft: ProgramVersion) -> None:
    text = spell(editing.put(draft.document, "phases[0].title", "Arriving"))
    assert "is replaced by what the file says" in text_of(browser.get(f"{STUDIO}import/"))
    assert browser.post(f"{STUDIO}import/", {"text": text, "version": draft.version}).status_code == 303
    assert stands(draft, "phases[0].title") == "Arriving"


def test_a_file_that_is_chosen_becomes_a_new_program(browser: Client) -> None:
    chosen = SimpleUploadedFile("ours.yaml", spell(pathways.document()).encode())
    answer = browser.post("/program-import/", {"file": chosen})
    assert (answer.status_code, answer["Location"]) == (303, STUDIO)
    assert Program.objects.get().key == pathways.KRATOM


def test_a_file_with_mistakes_is_refused_with_line_and_column_and_the_text_stays(browser: Client) -> None:
    text = "schema: 1\nprogram: {key: x, key: y}\nsurprise: <b>\n"
    answer = browser.post("/program-import/", {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "nothing was stored" in page
    assert 'data-line="2" data-column="' in page
    assert "surprise: &lt;b&gt;" in page
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Paste the text of a program, or choose a file."),
        ({"file": SimpleUploadedFile("x.yaml", b"\xff\xfe\x00")}, "This file is not text in UTF-8."),
        ({"file": SimpleUploadedFile("x.yaml", b"a" * 1_000_001)}, "This file is larger than 1000000 bytes."),
        ({"text": "- a\n"}, "Fields with names are expected here."),
    ],
)
def test_what_is_no_program_file_is_refused_with_a_sentence(browser: Client, given: dict[str, Any], said: str) -> None:
    answer = browser.post("/program-import/", given)
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_a_stale_import_keeps_the_text(browser: Client, draft: ProgramVersion) -> None:
    answer = browser.post(f"{STUDIO}import/", {"text": spell(pathways.document(schema=1)), "version": 9})
    assert answer.status_code == 412
    assert "Somebody changed this while you were working on it" in text_of(answer)
    assert "kratom-outpatient" in answer.context["form"]["text"].value()


# -- versions ---------------------------------------------------------------------------------------------------------


def test_two_versions_are_compared_in_words_and_side_by_side(browser: Client, manager: Actor) -> None:
    begun(manager, lambda document: editing.put(document, f"{MOOD}.value", 4))
    page = text_of(browser.get(f"/programs/{pathways.KRATOM}/compare/"))
    assert "Version 1 and version 2" in page
    assert "PHQ-9" in page
    assert "Both say the same." in text_of(browser.get(f"/programs/{pathways.KRATOM}/compare/?from=1&to=1"))
    assert browser.get(f"/programs/{pathways.KRATOM}/compare/?from=1&to=77").status_code == 404
    assert browser.get(f"/programs/{pathways.KRATOM}/compare/?from=x&all=1").status_code == 200


def test_a_shipped_program_is_copied_to_one_of_our_own(browser: Client) -> None:
    pathways.program()
    address = f"/programs/{pathways.KRATOM}/versions/1/copy/"
    assert browser.get(address).status_code == 200
    taken = browser.post(address, {"key": pathways.KRATOM, "title": "Ours"})
    assert taken.status_code == 409
    assert "There is a program “kratom-outpatient” already." in text_of(taken)
    assert browser.post(address, {"key": "ours", "title": ""}).status_code == 422
    assert browser.post(address, {"key": "No Key", "title": "Ours"}).status_code == 422
    answer = browser.post(address, {"key": "", "title": "Our own"})
    assert (answer.status_code, answer["Location"]) == (303, "/programs/our-own/studio/")


def test_a_clinician_confirms_the_clinical_defaults_on_the_page(client: Client, site: Site) -> None:
    version = pathways.program()
    clinician = clinic.sign_in(client, clinic.staff(roles=[Role.CLINICIAN], sites=[site], name="Ruth Example"))
    assert "Confirm the defaults" in text_of(clinician.get(f"/programs/{pathways.KRATOM}/"))
    clinician.post(f"/programs/{pathways.KRATOM}/versions/1/confirm", {"version": version.version})
    assert "Confirmed by Ruth Example" in text_of(clinician.get(f"/programs/{pathways.KRATOM}/"))


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.NURSE, Role.FRONT_DESK, Role.SYSTEM_ADMINISTRATOR])
def test_who_may_not_write_programs_opens_no_studio(
    client: Client, site: Site, draft: ProgramVersion, role: Role
) -> None:
    other = clinic.sign_in(client, clinic.staff(roles=[role], sites=[site]))
    assert other.get(STUDIO).status_code == 403
    assert other.post(f"{STUDIO}edit", sent(draft, "up@phases[1]")).status_code == 403


def test_the_studio_can_be_read_in_spanish(client: Client, site: Site, draft: ProgramVersion) -> None:
    member = clinic.staff(roles=[Role.PROGRAM_MANAGER], sites=[site], language="es")
    page = text_of(clinic.sign_in(client, member).get(f"{STUDIO}?phase=2&edit={MOOD}"))
    assert "Tipo de requisito" in page
    assert "se puede dejar de lado con un motivo" in page


def test_the_studio_asks_as_much_for_thirty_phases_as_for_three(browser: Client, manager: Actor) -> None:
    draft = begun(manager)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    compare = f"/programs/{pathways.KRATOM}/compare/"
    queries(STUDIO), queries(compare)
    before = queries(STUDIO), queries(compare)
    document = pathways.document()
    for place in range(27):
        document = editing.add_phase(document, json.loads(json.dumps(document["phases"][0])) | {"key": f"p-{place}"})
    programs.save_draft(by=manager, now=NOW, version_id=draft.public_id, document=document, expected_version=1)
    assert (queries(STUDIO), queries(compare)) == before
