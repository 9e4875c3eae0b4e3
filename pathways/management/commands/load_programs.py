"""Load the shipped programs, or program files, as versions."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock
from clinic.actions.jobs import job
from clinic.errors import Refused
from clinic.wording import say
from pathways.actions.programs import load_all
from pathways.programs.library import ShippedProgram, read_program, shipped
from pathways.queries.instruments import check_text
from pathways.rules.programs.positions import PlacedProblem

UTF8 = "utf-8"


class Command(BaseCommand):
    help = (
        "Loads programs. A program that is known changes nothing; a changed one becomes a draft, published only with "
        "--publish. Nobody who is under way is moved to another version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="Program files (YAML or JSON); none: those shipped.")
        parser.add_argument("--publish-first", action="store_true", help="Publish a program's very first version.")
        parser.add_argument("--publish", action="store_true", help="Publish what was changed or is still a draft.")

    def handle(self, *args: Any, files: list[Path], publish: bool, publish_first: bool, **options: Any) -> None:
        """All of the files, or none of them. Exits 1 with the path and sentence of each problem."""
        programs = _read(files) if files else list(shipped())
        now = clock.now()
        documents = [each.document for each in programs]
        try:
            versions = load_all(
                by=job("load_programs"), now=now, documents=documents, publish=publish, publish_first=publish_first
            )
        except Refused as refused:
            raise CommandError(_told(refused)) from refused
        for version in versions:
            became = "published" if version.published_at == now else "kept as a draft"
            changed = now in (version.published_at, version.created_at)
            self.stdout.write(f"{version.program.key}: version {version.number} {became if changed else 'unchanged'}")


def _read(files: list[Path]) -> list[ShippedProgram]:
    return [_read_one(path) for path in files]


def _read_one(path: Path) -> ShippedProgram:
    """The program in a file, if nothing at all is wrong with it; else every problem with its line and column."""
    try:
        text = path.read_text(encoding=UTF8)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: this file cannot be read.") from error
    problems = check_text(text)
    if problems:
        raise CommandError("\n".join(_line(path, each) for each in problems))
    return read_program(path.stem, text)


def _line(path: Path, problem: PlacedProblem) -> str:
    """As editors and compilers write it: `file:line:column: place: what is wrong`."""
    parts = [f"{path}:{problem.line}:{problem.column}", problem.path, say(problem.sentence)]
    return ": ".join(part for part in parts if part)


def _told(refused: Refused) -> str:
    parts = [f"{path}: {say(said)}" for path, said in refused.fields.items()]
    return "\n".join([say(refused.sentence), *parts])
