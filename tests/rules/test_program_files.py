"""Program files: every mistake with its line and column, and nothing that a hostile file could spend."""

import json
from pathlib import Path

import pytest

from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.programs.library import LARGEST_FILE, TextError, read_program, read_text, read_yaml, shipped
from pathways.rules.documents import DEEPEST, MOST_PROBLEMS, MOST_VALUES, Problem
from pathways.rules.programs import canonical, parse
from pathways.rules.programs.parse import MOST_PHASES
from pathways.rules.programs.positions import Position, placed
from pathways.rules.programs.spelling import spell

FOLDER = Path(__file__).parents[2] / "pathways/programs"


def refused(text: str) -> list[tuple[str, int, int, str]]:
    with pytest.raises(TextError) as error:
        read_text(text)
    return [(each.path, each.line, each.column, short(each.sentence)) for each in error.value.placed]


def refused_program(text: str) -> list[tuple[str, int, int, str]]:
    with pytest.raises(TextError) as error:
        read_program("odd", text)
    return [(each.path, each.line, each.column, short(each.sentence)) for each in error.value.placed]


def short(said) -> str:
    assert say(said) != say(said, "es")
    return said.code.rsplit(".", 1)[1]


def kratom() -> str:
    return (FOLDER / "kratom-outpatient.yaml").read_text(encoding="utf-8")


# Places


def test_every_value_of_a_file_has_its_line_and_column():
    read = read_text("schema: 1\nphases:\n  - key: first\n    goals: [one, two]\n  - {key: second, level: x}\n")
    at = read.positions.at
    assert at("schema") == Position(1, 9)
    assert at("phases") == Position(2, 1)
    assert at("phases[0]") == Position(3, 5)
    assert at("phases[0].key") == Position(3, 10)
    assert at("phases[0].goals[1]") == Position(4, 18)
    assert at("phases[1].level") == Position(5, 26)
    assert read.positions.of_key("phases[1].level") == Position(5, 19)


def test_what_is_missing_stands_where_it_belongs():
    at = read_text("phases:\n  - title: A\n").positions.at
    assert at("phases[0].key") == Position(2, 5)
    assert at("phases[3].exit.criteria[2]") == Position(1, 1)
    assert at("nowhere") == Position(1, 1)


def test_every_value_of_every_shipped_program_can_be_pointed_at():
    for each in shipped():
        positions = read_text((FOLDER / f"{each.name}.yaml").read_text(encoding="utf-8")).positions
        paths = [at.path for at in (*each.program.phases, *each.program.criteria(), *each.program.transitions)]
        assert all(path in positions.values for path in paths)


def test_problems_are_told_in_the_order_of_the_text():
    positions = read_text("a: 1\nb: 2\n").positions
    told = placed([Problem("b", sentence("program.problem.not_text")), Problem("a.c", sentence("x"))], positions)
    assert [(each.path, each.line) for each in told] == [("a.c", 1), ("b", 2)]


# Mistakes of form, each where it stands


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: 2\na: 3\n", ("a", 3, 1, "key_twice")),
        ("a:\n  b: 1\n  b: {c: 1}\n", ("a.b", 3, 3, "key_twice")),
        ("a: &here {b: 1}\n", ("a", 1, 4, "alias")),
        ("a:\n  - *there\n", ("a[0]", 2, 5, "alias")),
        ("a:\n  <<: {b: 1}\n", ("a", 2, 3, "merge_key")),
        ("a: !!str 1\n", ("a", 1, 4, "tag")),
        ("a: !!python/object/apply:os.getcwd []\n", ("a", 1, 4, "tag")),
        ("a: !own {b: 1}\n", ("a", 1, 4, "tag")),
        ("a:\n  1: one\n", ("a", 2, 3, "key_not_text")),
        ("a:\n  yes: one\n", ("a", 2, 3, "key_not_text")),
        ("? [a, b]\n: one\n", ("", 1, 3, "key_not_text")),
        ("? {a: b}\n: one\n", ("", 1, 3, "key_not_text")),
        ('a: "null \\0"\n', ("a", 1, 4, "unprintable")),
        ("a: 1\nb: \x00\n", ("", 2, 4, "unprintable")),
        ("a: \ud800\n", ("", 1, 4, "unprintable")),
        ("a: .nan\n", ("a", 1, 4, "odd_number")),
        ("a: -.inf\n", ("a", 1, 4, "odd_number")),
        ("a: 1e999\n", ("a", 1, 4, "odd_number")),
        (f"a: {'9' * 5000}\n", ("a", 1, 4, "odd_number")),
        ("- a\n- b\n", ("", 1, 1, "not_a_mapping")),
        ("", ("", 1, 1, "not_a_mapping")),
        ("text", ("", 1, 1, "not_a_mapping")),
        ("# nothing but a comment\n", ("", 1, 1, "not_a_mapping")),
    ],
)
def test_a_mistake_of_form_is_told_with_its_place(text, found):
    assert refused(text) == [found]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: [1, 2\n", 3), ("a: 1\n\tb: 2\n", 2), ("a: 1\n---\nb: 2\n", 2), ("a: b: c\n", 1), ('a: "open\n', 2)],
)
def test_what_is_no_yaml_is_told_with_its_line(text, line):
    ((_, found, _, code),) = refused(text)
    assert code == "not_yaml"
    assert abs(found - line) <= 1


def test_all_mistakes_of_form_are_told_at_once():
    text = "a: 1\na: 2\nb: *x\nc: !t 1\nd: .nan\n2: e\n"
    assert [(line, code) for _, line, _, code in refused(text)] == [
        (2, "key_twice"), (3, "alias"), (4, "tag"), (5, "odd_number"), (6, "key_not_text"),
    ]  # fmt: skip


def test_what_stands_behind_a_bad_key_is_read_past():
    found = refused("? {a: [1, {b: 2}]}\n: {c: [3]}\nd: 1\nd: 2\n")
    assert [code for *_, code in found] == ["key_not_text", "key_twice"]


def test_an_unknown_key_is_pointed_at_and_a_wrong_value_as_well():
    text = kratom().replace("    typical_days: 28", "    colour: green\n    typical_days: long", 1)
    line = text[: text.index("colour")].count("\n") + 1
    assert refused_program(text) == [
        ("phases[0].colour", line, 5, "unknown_key"),
        ("phases[0].typical_days", line + 1, 19, "not_whole"),
    ]


def test_a_missing_field_is_pointed_at_where_it_should_stand():
    text = kratom().replace("    short_title: Therapy\n", "", 1)
    line = text[: text.index("key: behavioral-therapy")].count("\n") + 1
    assert refused_program(text) == [("phases[1].short_title", line, 5, "missing")]


def test_a_time_without_quotes_is_told_and_not_guessed():
    ((path, _, _, code),) = refused_program(kratom().replace('at: "10:00"', "at: 10:00", 1))
    assert (path, code) == ("follow_ups[0].at", "not_a_time")


def test_a_date_without_quotes_is_the_text_it_looks_like():
    assert read_yaml("source: 2024-01-01\n") == {"source": "2024-01-01"}


# JSON is another spelling


@pytest.mark.parametrize(
    "written", [canonical, lambda d: json.dumps(d, indent=2), lambda d: json.dumps(d, indent="\t")]
)
def test_json_of_any_layout_is_the_same_program(written):
    for each in shipped():
        assert read_program("same", written(each.document)).digest == each.digest


def test_characters_beyond_sixteen_bits_come_through_json_escapes():
    document = {"a": "\U0001f600 and \\\\ud83d", "b": [1e30, 1.5e-7, -0.0, 2**60], "c/d": "\u2028"}
    assert read_yaml(json.dumps(document)) == document
    assert read_yaml(json.dumps(document, ensure_ascii=False)) == document


def test_half_a_character_is_refused_in_json_too():
    ((_, line, _, code),) = refused('{"a": "\\ud83d"}')
    assert (line, code) == (1, "not_yaml")


def test_a_byte_order_mark_is_no_part_of_the_document():
    assert read_yaml("\ufeffa: 1\n") == {"a": 1}


# Hostile files


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_an_anchor_bomb_is_refused_before_anything_is_expanded():
    found = refused(bomb(60))
    assert {code for *_, code in found} == {"alias"}
    assert found[0][:3] == ("a0", 1, 5)
    assert len(found) == MOST_PROBLEMS


def test_a_file_that_is_too_long_is_not_even_looked_at():
    assert refused("a" * (LARGEST_FILE + 1)) == [("", 1, 1, "too_long")]


@pytest.mark.parametrize("text", ["[" * 400_000, "{a: " * 200_000, "- " * 400_000, "? " * 400_000, '{"a":' * 150_000])
def test_a_file_that_is_too_deep_is_given_up_at_the_limit(text):
    _, line, column, code = refused(text)[-1]
    assert code == "nested_too_deep"
    assert (line, column) < (2, 6 * (DEEPEST + 2))


def test_a_file_that_holds_too_much_is_given_up_at_the_limit():
    found = refused("a: [" + "1," * (MOST_VALUES + 10) + "]\n")
    assert [code for *_, code in found] == ["too_many_values"]


def test_no_more_problems_are_told_than_anybody_reads():
    assert len(refused("a: 1\n" * 10_000)) == MOST_PROBLEMS
    text = kratom() + "".join(f"extra{n}: 1\n" for n in range(5000))
    assert len(refused_program(text)) == MOST_PROBLEMS


def test_ten_thousand_phases_are_refused_in_one_sentence():
    phase = {"key": "p", "title": "P"}
    found = refused_program(spell({**shipped()[0].document, "phases": [phase] * 10_000}))
    assert [(path, code) for path, _, _, code in found] == [("phases", "too_many")]
    assert say(sentence("program.problem.too_many", most=MOST_PHASES)) == f"More than {MOST_PHASES} entries."


def test_a_document_that_is_no_text_keeps_the_same_limits():
    deep: dict = {}
    for _ in range(100_000):
        deep = {"a": deep}
    for document, code in [(deep, "nested_too_deep"), ({"a": [[]] * (MOST_VALUES + 1)}, "too_many_values")]:
        with pytest.raises(ValueError, match=code):
            parse(document)


def test_thirty_phases_with_two_hundred_requirements_are_well_within_the_limits():
    first = shipped()[0].document
    criterion = {"key": "c", "kind": "days_in_phase", "at_least": 1, "source": "local default"}
    phases = []
    for number in range(30):
        criteria = [{**criterion, "key": f"c-{number}-{each}"} for each in range(200)]
        phases.append({**first["phases"][1], "key": f"p-{number}", "exit": {"title": "Out", "criteria": criteria}})
    text = json.dumps({**first, "phases": phases}, separators=(",", ":"))
    assert len(list(read_program("large", text).program.criteria())) == 6000
