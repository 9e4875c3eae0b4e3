"""The project's own modules as trees, read once."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("clinic", "patients", "pathways")
DOORS = frozenset({"web", "api", "fhir", "tasks", "admin", "management", "templatetags"})


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module
    lines: int

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders and file below the app, without the ending: ("actions", "verbs")."""
        return self.path.relative_to(ROOT).with_suffix("").parts[1:]

    @property
    def layer(self) -> str:
        return self.parts[0]

    @property
    def is_door(self) -> bool:
        return self.layer in DOORS


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the three apps; migrations are Django's own writing."""
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return tuple(_read(path) for path in paths if "migrations" not in path.parts)


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path, ast.parse(text, str(path)), len(text.splitlines()))


def place(module: Module, node: ast.AST) -> str:
    return f"{module.name}:{getattr(node, 'lineno', 0)}"
