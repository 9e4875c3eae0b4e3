"""One look at a draft: whose, which phase, what is open, where the keyboard is; and where its places are found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from clinic.models import Actor
from clinic.rules.sentences import Sentence
from pathways.models import ProgramVersion
from pathways.queries.programs import DraftRead
from pathways.rules.programs import Problem
from pathways.rules.programs.places import Document, Part, part_around, part_at, steps
from pathways.web.boxes import boxed
from pathways.web.program_rows import Shown
from pathways.web.studio.opened import Opened

Bad = Mapping[str, Sequence[Problem]]
PHASE = "phase"
SECTIONS = {PHASE: "phases", "transitions": "transitions", "follow-ups": "follow_ups", "ladders": "ladders",
            "about": "program"}  # fmt: skip
"""What stands beneath the path, one at a time, and the part of the document it shows."""


@dataclass(frozen=True, slots=True)
class View:
    """One look at a draft: whose, which phase, what is open, where the keyboard is."""

    draft: ProgramVersion
    read: DraftRead
    actor: Actor
    language: str
    phase: int = 0
    section: str = ""
    opened: Opened | None = None
    focus: str = ""
    moved: str = ""
    stale: bool = False
    refused: Sentence | None = None
    blocked_by: tuple[str, ...] = ()

    @property
    def document(self) -> Document:
        """The draft as data."""
        return self.draft.document  # type: ignore[no-any-return]

    @property
    def chosen(self) -> int:
        """The phase that is shown, whatever was asked for."""
        return max(0, min(self.phase, len(self.read.drawn.phases) - 1))

    @property
    def shown(self) -> str:
        """The section beneath the path."""
        return self.section if self.section in SECTIONS else PHASE


def address(view: View, **more: str) -> str:
    """The studio at this phase; `edit` or `add` opens a form."""
    section = section_of(next(iter(more.values()), "")) or view.shown
    return address_of(view, view.chosen, section, **more)


def says(view: View, path: str) -> SafeString | str:
    """What the requirement at this path asks, as a sentence with boxes; "" for other parts."""
    for each in view.read.drawn.criteria() if part_at(path) is Part.CRITERION else ():
        if each.path == path:
            return boxed(each.kind.asks(), view.language)
    return ""


def section_of(path: str) -> str:
    """The section a place of the document is shown in; "" for what is no place."""
    first = path.partition(".")[0].partition("[")[0]
    return next((section for section, part in SECTIONS.items() if part == first), "")


def address_of(view: View, phase: int, section: str, **more: str) -> str:
    """The studio at a phase and a section, whatever is shown now."""
    query = {"phase": str(phase + 1)} | ({"show": section} if section != PHASE else {}) | more
    return f"{reverse('studio', args=[view.draft.program.key])}?{urlencode(query)}"


def anchor(path: str) -> str:
    """The id of a place on the page: `at-phases-1-exit`."""
    return "-".join(["at", *(str(each) for each in steps(path))]).replace("_", "-")


def editable(view: View, bad: Bad, row: Shown) -> Shown:
    """A row with its place on the page, its problems, and the form that is open in it."""
    path = row["path"]
    opened = view.opened if view.opened and not view.opened.adds and view.opened.path == path else None
    return {
        **row,
        "id": anchor(path),
        "edit": address(view, edit=path),
        "problems": bad.get(path, ()),
        "focused": view.focus == path,
        "opened": opened,
    }


def rows_of(view: View, bad: Bad, rows: Iterable[Shown]) -> list[Shown]:
    """Rows that can be edited."""
    return [editable(view, bad, row) for row in rows]


def list_of(view: View, bad: Bad, path: str) -> Shown:
    """A list that may be added to: the address that opens the form, and the form where it is open."""
    opened = view.opened if view.opened and view.opened.adds and view.opened.path == path else None
    return {
        "path": path,
        "id": anchor(path),
        "add": address(view, add=path),
        "opened": opened,
        "problems": bad.get(path, ()),
        "focused": view.focus == path,
    }


def phase_of(path: str, otherwise: int) -> int:
    """Which phase a place belongs to; `otherwise` where it belongs to none."""
    walked = steps(path) if part_around(path) else ()
    if len(walked) > 1 and walked[0] == "phases" and isinstance(walked[1], int):
        return walked[1]
    return otherwise
