"""The readable spelling of a program: one text per document, and the same document back from it."""

import copy
import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.programs.library import read_yaml, shipped
from pathways.rules.programs import canonical, digest
from pathways.rules.programs.spelling import spell

# What YAML reads as something else, or trips over, unless it stands in quotes.
AWKWARD = [
    "yes", "No", "on", "OFF", "null", "~", "true", "y", "n", "10:00", "1", "1.0", "1e5", "0x1f", "0o7", "1_000", "-1",
    ".5", ".inf", ".nan", "+1", "2024-01-01", "2024-01-01T10:00:00Z", "<<", "=", "", " ", "  leading", "trailing  ",
    "a: b", "a:b", "a :b", "key:", "- dash", "-", "--- ", "...", "? mark", "! tag", "!tag", "&anchor", "*alias", "# no",
    "a # comment", "a #b", "%directive", "@at", "`tick`", "{a: b}", "[a, b]", "a, b", "a; b", "\"double\"", "'single'",
    "it's", "back\\slash", "\\n", "tab\there", "line\nbreak", "two\n\nbreaks", "end\n", "\nstart", "a\n  indented\nb",
    "a \nb", "a\r\nb", "\u00a0", "caf\u00e9", "\u00bfQu\u00e9?", "\u00ab\u00bb", "next\u0085line", "line\u2028sep",
    "para\u2029sep", "\ufeffmark", "\U0001f600", "a\U0001f600b", "\u0661\u0662", "\u200f", "e\u0301", "|", ">",
    "|-\n a",
    "x" * 300, "word " * 80 + "end", "https://example.org/a?b=c&d", "50%", "50 %", "(a)", "a (b: c)",
]  # fmt: skip

SAFE = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(
    "\n\t\r\x85\u2028\u2029\ufeff :#-'\"{}[],&*!|>%@`?"
)
TEXTS = st.sampled_from(AWKWARD) | st.text(SAFE, max_size=40)
KEYS = st.sampled_from(["key", "kind", "source", "criteria", "n", "phases", "every", *AWKWARD]) | st.text(
    SAFE, max_size=20
)
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


@pytest.fixture(scope="module")
def programs() -> list[dict]:
    return [copy.deepcopy(dict(each.document)) for each in shipped()]


def test_every_shipped_program_comes_back_as_it_was(programs):
    for document in programs:
        assert canonical(read_yaml(spell(document))) == canonical(document)


def test_the_order_in_which_a_document_is_kept_does_not_change_its_spelling(programs):
    for document in programs:
        assert spell(json.loads(canonical(document))) == spell(document)


def test_a_spelling_spelled_again_is_the_same_text(programs):
    for document in programs:
        assert spell(read_yaml(spell(document))) == spell(document)


def test_it_reads_as_a_person_would_write_it(programs):
    kratom = next(each for each in programs if each["program"]["key"] == "kratom-outpatient")
    lines = spell(kratom).split("\n")
    assert lines[:4] == ["schema: 1", "", "program:", "  key: kratom-outpatient"]
    assert '  title: "Kratom recovery: outpatient"' in lines
    assert "          overridable_by: [clinician, supervisor]" in lines
    assert '    at: "10:00"' in lines
    assert "    offsets: [2, 14, 30]" in lines
    assert "      - {kind: message, wait_hours: 24}" in lines
    assert "      - Agree on a plan in the patient's own words" in lines
    assert max(map(len, lines)) <= 160


def test_a_text_of_several_lines_stands_line_under_line():
    assert spell({"program": {"summary": "First line\n\nthen: another"}}) == (
        "program:\n  summary: |-\n    First line\n\n    then: another\n"
    )


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_text_comes_back_letter_by_letter(text):
    document = {text: text, "list": [text, [text]], "inside": {"goals": [text], text: {text: text}}}
    assert read_yaml(spell(document)) == document


def test_what_is_awkward_for_yaml_stands_in_quotes_for_every_reader():
    document = {"schema": ["yes", "10:00", "2024-01-01", "1e5", "0x1f", "no", "~"]}
    assert yaml.safe_load(spell(document)) == document


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_document_is_read_back_with_the_same_hash(document):
    text = spell(document)
    assert canonical(read_yaml(text)) == canonical(document)
    assert digest(read_yaml(text)) == digest(document)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_program_with_any_texts_is_read_back_with_the_same_hash(programs, data):
    document = copy.deepcopy(data.draw(st.sampled_from(programs)))
    document["program"]["summary"] = data.draw(TEXTS)
    document["phases"][0]["goals"] = data.draw(st.lists(TEXTS, max_size=3))
    document["phases"][0]["exit"]["criteria"][0]["source"] = data.draw(TEXTS)
    document["phases"][0]["activities"][0]["title"] = data.draw(TEXTS)
    document["ladders"][0]["rungs"][0]["template"] = data.draw(TEXTS)
    assert digest(read_yaml(spell(document))) == digest(document)


def test_a_very_long_key_is_announced():
    document = {"k" * 2000: {"v" * 2000: 1}}
    assert read_yaml(spell(document)) == document


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, {3, 4}, object(), "half \ud800"])
def test_what_json_has_no_word_for_is_not_spelled(value):
    with pytest.raises(ValueError):
        spell({"key": value})
