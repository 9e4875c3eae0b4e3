"""A file edited by hand with every kind of mistake: each told with its place, and nothing stored."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import Program, ProgramVersion
from pathways.programs.library import FOLDER, TextError, read_program
from pathways.queries.instruments import check_text
from pathways.rules.programs.spelling import spell
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db

# One line of the shipped file, what a hand made of it, and what is told of it: where, in which column, in which words.
MISTAKES = [
    ("    typical_days: 28", "    typical_days: four weeks", "phases[0].typical_days", 19, "A whole number"),
    ('    level: "1"', '    level: "7"', "phases[0].level", 12, "no level of care “7”"),
    ("          severity: emergency", "          severity: awful",
     "phases[0].entry.criteria[0].severity", 21, "“awful” is none of"),
    ("              instrument: cows", "              instrument: cowz",
     "phases[0].exit.criteria[0].criteria[2].instrument", 27, "no instrument “cowz”"),
    ("          op: below", "          op: below\n          colour: green",
     "phases[0].exit.criteria[1].colour", 11, "“colour” is not known here"),
    ("          kind: attestation", "          kind: hearsay",
     "phases[0].exit.criteria[3].kind", 17, "“hearsay” is none of"),
    ("    short_title: Therapy", "", "phases[1].short_title", 5, "“short_title” is missing"),
    ("    to: behavioral-therapy", "    to: the-beach", "transitions[2].to", 9, "no phase “the-beach”"),
    ('    at: "10:00"', "    at: 10:00", "follow_ups[0].at", 9, "in quotes"),
    ("    ladder: contact", "    ladder: rope", "follow_ups[0].ladder", 13, "no ladder “rope”"),
    ("    template: follow_up.welcome", "    template: follow_up.song",
     "follow_ups[0].template", 15, "no message template"),
    ("    offsets: [1, 2, 3, 4, 5]", "    offsets: [1, 2, 2, 4, 5]", "follow_ups[1].offsets", 5, "must rise"),
]  # fmt: skip


def shipped_text() -> str:
    return (FOLDER / "kratom-outpatient.yaml").read_text(encoding="utf-8")


def spoiled() -> tuple[str, list[tuple[str, int, int, str]]]:
    """The file with every mistake in it, and what is to be told: path, line, column, words."""
    text = shipped_text()
    wanted = []
    for written, instead, path, column, words in MISTAKES:
        assert f"\n{written}\n" in text, written
        text = text.replace(f"\n{written}\n", f"\n{instead or '    # nothing'}\n", 1)
        wanted.append((path, instead, column, words))
    lines = text.split("\n")
    return text, [(path, line_of(lines, instead, path), column, words) for path, instead, column, words in wanted]


def line_of(lines: list[str], instead: str, path: str) -> int:
    """The line a mistake stands on; what is missing is told where its part begins."""
    if path.endswith(".short_title"):
        return lines.index("  - key: behavioral-therapy") + 1
    return lines.index(instead.rsplit("\n", 1)[-1]) + 1


def nothing_stored() -> bool:
    return not (Program.objects.exists() or ProgramVersion.objects.exists() or AuditEntry.objects.exists())


def test_every_mistake_of_a_file_is_told_at_once_with_its_line_and_column() -> None:
    text, wanted = spoiled()
    found = {each.path: each for each in check_text(text)}
    for path, line, column, _ in wanted:
        assert (found[path].line, found[path].column) == (line, column), path
    assert set(found) == {path for path, *_ in wanted}


def test_the_command_tells_every_mistake_as_an_editor_finds_it_and_stores_nothing(tmp_path: Path) -> None:
    text, wanted = spoiled()
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(shipped_text(), encoding="utf-8")
    bad.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as error:
        call_command("load_programs", good, bad, publish=True)
    told = str(error.value).split("\n")
    for path, line, column, words in wanted:
        (one,) = [each for each in told if each.startswith(f"{bad}:{line}:{column}: {path}: ")]
        assert words in one
    assert len(told) == len(wanted)
    assert nothing_stored()


@pytest.mark.parametrize(
    ("spoil", "line", "words"),
    [
        (lambda text: text.replace("schema: 1", "schema: 1\nschema: 1", 1), 5, "twice"),
        (lambda text: text.replace("schema: 1", "schema: &one 1", 1), 4, "*name"),
        (lambda text: text.replace("schema: 1", "schema: !!int 1", 1), 4, "!name"),
        (lambda text: text.replace("program:", "program:\n  <<: {a: 1}", 1), 7, "<<"),
        (lambda text: text.replace("schema: 1", "schema: 1\n7: 1", 1), 5, "not text"),
        (lambda text: text.replace("schema: 1", "schema: .nan", 1), 4, "number"),
        (lambda text: text.replace("schema: 1", "\tschema: 1", 1), 4, "YAML"),
        (lambda text: text.replace("schema: 1", "schema: 1 \x07", 1), 4, "printed"),
        (lambda text: "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(300)), 1, "*name"),
        (lambda text: spell({**pathways.document(), "phases": [{}] * 10_000}), 9, "More than 60"),
        (lambda text: "[" * 100_000, 1, "nested"),
        (lambda text: "a: [" + "1," * 200_000 + "1]", 1, "values"),
        (lambda text: "x" * 2_000_000, 1, "longer"),
        (lambda text: text.encode("utf-16-le").decode("latin-1"), 1, "printed"),
    ],
)
def test_what_cannot_even_be_read_is_told_where_it_begins_and_stores_nothing(
    spoil, line, words, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(spoil(shipped_text()), encoding="utf-8")
    with pytest.raises(CommandError) as error:
        call_command("load_programs", bad, publish=True)
    first = str(error.value).split("\n")[0]
    assert first.startswith(f"{bad}:{line}:")
    assert words in first
    assert nothing_stored()


def test_a_file_a_manager_imports_is_refused_with_the_place_of_each_mistake_and_stores_nothing() -> None:
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER])
    text, wanted = spoiled()
    with pytest.raises(Refused) as refused:
        programs.import_draft(by=manager, now=NOW, text=text)
    assert refused.value.status == 422
    told = {each["path"]: (each["line"], each["column"]) for each in refused.value.details["problems"]}
    of_form = {"phases[0].typical_days", "phases[1].short_title", "follow_ups[0].at"}
    assert of_form <= set(told)
    assert told.items() <= {path: (line, column) for path, line, column, _ in wanted}.items()
    assert not (Program.objects.exists() or ProgramVersion.objects.exists())


def test_an_exported_version_is_imported_as_the_same_version() -> None:
    version = pathways.program()
    exported = spell(ProgramVersion.objects.get(pk=version.pk).document)
    assert read_program("exported", exported).digest == version.digest


def test_what_is_no_program_raises_with_its_places() -> None:
    with pytest.raises(TextError) as error:
        read_program("odd", "schema: 2\n")
    assert {each.line for each in error.value.placed} == {1}
