"""A draft leaves as a file and comes back as one, or is refused with its line and its text kept."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pathways.models import Program, ProgramVersion
from pathways.programs.library import read_yaml
from pathways.rules.programs import canonical, editing
from pathways.rules.programs.spelling import spell
from tests.factories import pathways
from tests.web.studio.pages import STUDIO, stands, text_of

pytestmark = pytest.mark.django_db


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
