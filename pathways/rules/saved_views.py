"""What a list can be narrowed to, and what may be kept of it under a name: codes and public ids, never a person."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.holders import Scope
from pathways.rules.levels import Level
from pathways.rules.worklist import Line, LineKind, Risk

NOBODY = "nobody"
"""Stands where an owner's public id would: what nobody has."""
LONGEST_NAME = 60
MOST_VIEWS = 40  # local default: of one person on one page
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}\Z")


class ViewPage(StrEnum):
    """Pages that keep views."""

    TODAY = "today"
    PATIENTS = "patients"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; "" means anything. Every value is a code, or the public id of staff or of a site."""

    scope: str = ""
    kind: str = ""
    owner: str = ""
    program: str = ""
    phase: str = ""
    level: str = ""
    counselor: str = ""
    risk: str = ""
    site: str = ""

    @property
    def given(self) -> dict[str, str]:
        """What is set, by name."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}

    @property
    def narrows(self) -> bool:
        """Whether anything but whose list it is has been chosen."""
        return bool(self.given.keys() - {"scope"})


NOTHING = Wanted()


def _of(members: type[StrEnum], but: frozenset[str] = frozenset()) -> Callable[[str], bool]:
    known = {each.value for each in members} - but
    return lambda value: value in known


def _key(value: str) -> bool:
    return bool(_KEY.match(value))


def _public_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def _person(value: str) -> bool:
    return value == NOBODY or _public_id(value)


OF_A_PERSON = frozenset({Risk.EARLY_WARNING.value, Risk.LAPSING.value})
"""Said by a line, not by what is known of a person: a list of people cannot be narrowed to them."""
FIELDS: Mapping[ViewPage, Mapping[str, Callable[[str], bool]]] = {
    ViewPage.TODAY: {
        "scope": _of(Scope), "kind": _of(LineKind), "owner": _person, "program": _key, "phase": _key, "risk": _of(Risk),
    },
    ViewPage.PATIENTS: {
        "site": _public_id, "program": _key, "phase": _key, "level": _of(Level), "counselor": _person,
        "risk": _of(Risk, OF_A_PERSON),
    },
}  # fmt: skip


def read(page: ViewPage, given: Mapping[str, Any]) -> tuple[Wanted, dict[str, Sentence]]:
    """What is wanted of a page, and what of it cannot be understood, by name: an unknown name, another type, a value
    the page does not know. What is empty is left out."""
    known, found = FIELDS[page], {}
    problems: dict[str, Sentence] = {}
    for name, value in given.items():
        if name not in known:
            problems[str(name)] = sentence("saved_view.refused.field")
        elif value in ("", None):
            continue
        elif not isinstance(value, str) or not known[name](value):
            problems[name] = sentence("saved_view.refused.value")
        else:
            found[name] = value
    return Wanted(**found), problems


def keeps(wanted: Wanted, line: Line, *, holder: str, program: str, phase: str) -> bool:
    """Whether a line is among what is wanted. `holder`: the public id of whose it is today, or "nobody"."""
    return (
        wanted.kind in ("", line.item.kind)
        and wanted.owner in ("", holder)
        and wanted.program in ("", program)
        and wanted.phase in ("", phase)
        and (not wanted.risk or wanted.risk in line.risks)
    )


def name_problem(name: str, taken: bool, number: int) -> Sentence | None:
    """Why a view cannot be kept under a name; None where it can. `number`: views the person keeps already."""
    if not name.strip() or len(name) > LONGEST_NAME:
        return sentence("saved_view.refused.name", most=LONGEST_NAME)
    if taken:
        return sentence("saved_view.refused.taken")
    return sentence("saved_view.refused.many", most=MOST_VIEWS) if number >= MOST_VIEWS else None
