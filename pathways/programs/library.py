"""Reading program files: a safe YAML loader that refuses duplicate keys, and the programs shipped with the product."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from clinic.rules.sentences import sentence
from pathways.rules.programs import DocumentError, Problem, ProgramDocument, canonical, digest, parse

FOLDER = Path(__file__).parent
# A program is some tens of kilobytes; more is not a program.
LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class ShippedProgram:
    """One program file: its name, the document as data, its one spelling and hash, and what it says."""

    name: str
    document: Mapping[str, object]
    canonical: str
    digest: str
    program: ProgramDocument


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, refusing what is written twice, aliases (a document is what one reads) and merge keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            place = _line(key_node.start_mark)
            if not isinstance(key, str):
                raise _refused(place, "program.problem.key_not_text", key=str(key))
            if key in seen:
                raise _refused(place, "program.problem.key_twice", key=key)
            seen.add(key)
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _refused(_line(event.start_mark), "program.problem.alias")
        return super().compose_node(parent, index)


def read_yaml(text: str) -> Mapping[str, object]:
    """A program document from YAML or JSON text. Raises DocumentError for text that is none, with the line."""
    if len(text) > LARGEST_FILE:
        raise _refused("document", "program.problem.too_long", most=LARGEST_FILE)
    try:
        document = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader, stricter
    except yaml.YAMLError as error:
        raise _refused(_line(getattr(error, "problem_mark", None)), "program.problem.not_yaml") from error
    except RecursionError as error:
        raise _refused("document", "program.problem.not_yaml") from error
    if not isinstance(document, dict):
        raise _refused("document", "program.problem.not_a_mapping")
    return document


def read_program(name: str, text: str) -> ShippedProgram:
    """A program from the text of its file. Raises DocumentError with every problem of form."""
    document = read_yaml(text)
    program = parse(document)
    return ShippedProgram(name, document, canonical(document), digest(document), program)


@cache
def shipped() -> tuple[ShippedProgram, ...]:
    """The programs that come with the product, by file name."""
    files = sorted(FOLDER.glob("*.yaml"))
    return tuple(read_program(path.stem, path.read_text(encoding="utf-8")) for path in files)


def _line(mark: object) -> str:
    """Where in the text, as people count lines."""
    line = getattr(mark, "line", None)
    return "document" if line is None else f"line {line + 1}"


def _refused(place: str, code: str, /, **params: object) -> DocumentError:
    return DocumentError((Problem(place, sentence(code, **params)),))
