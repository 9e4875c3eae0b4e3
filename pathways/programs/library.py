"""Program files: what a file says, and the programs shipped with the product."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pathways.programs.reading import LARGEST_FILE, ReadText, TextError, read_text
from pathways.rules.programs import DocumentError, ProgramDocument, canonical, digest, parse
from pathways.rules.programs.positions import Positions, placed

__all__ = [
    "LARGEST_FILE", "ReadText", "ShippedProgram", "TextError", "read_program", "read_text", "read_yaml", "shipped",
]  # fmt: skip

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ShippedProgram:
    """One program file: its name, the document as data, its one spelling and hash, what it says and where."""

    name: str
    document: Mapping[str, object]
    canonical: str
    digest: str
    program: ProgramDocument
    positions: Positions


def read_yaml(text: str) -> Mapping[str, object]:
    """A program document from YAML or JSON text. Raises TextError for text that is none, with each place."""
    return read_text(text).document


def read_program(name: str, text: str) -> ShippedProgram:
    """A program from the text of its file. Raises TextError with every problem of form and its place."""
    read = read_text(text)
    document = read.document
    try:
        program = parse(document)
    except DocumentError as error:
        raise TextError(placed(error.problems, read.positions)) from error
    return ShippedProgram(name, document, canonical(document), digest(document), program, read.positions)


@cache
def shipped() -> tuple[ShippedProgram, ...]:
    """The programs that come with the product, by file name."""
    files = sorted(FOLDER.glob("*.yaml"))
    return tuple(read_program(path.stem, path.read_text(encoding="utf-8")) for path in files)
