"""What belongs to the house and not to one person: rooms, numbers of places, a program being thought over."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from clinic.actions import rooms
from clinic.models import Room
from clinic.rules.roles import Role
from pathways.actions import capacity, programs
from pathways.demo.cast import HILL_STREET, RIVERBEND
from pathways.demo.stage import Stage
from pathways.demo.steps import EARLY, INTENSIVE, OUTPATIENT
from pathways.models import Program

LARGE, SMALL = "large", "small"
ROOMS: Mapping[tuple[str, str], tuple[str, int]] = {
    (RIVERBEND, LARGE): ("Garden room", 16),
    (RIVERBEND, SMALL): ("Blue room", 4),
    (HILL_STREET, LARGE): ("Hall", 16),
    (HILL_STREET, SMALL): ("Window room", 4),
}
PLACES: tuple[tuple[str, str, int], ...] = (
    (RIVERBEND, OUTPATIENT, 30),
    (RIVERBEND, INTENSIVE, 2),
    (HILL_STREET, OUTPATIENT, 26),
    (HILL_STREET, EARLY, 8),
)
ONE_MORE_PLACE = timedelta(days=45)
"""Before the load: the intensive program took on a third place."""
DRAFT_BEGUN = timedelta(days=6)
SHORTER_THERAPY = 42


def open_rooms(stage: Stage, now: datetime) -> dict[tuple[str, str], Room]:
    """The rooms of both sites."""
    by = stage.who(Role.SYSTEM_ADMINISTRATOR, RIVERBEND)
    return {
        (code, size): rooms.open_room(by=by, now=now, site=stage.sites[code], name=name, seats=seats)
        for (code, size), (name, seats) in ROOMS.items()
    }


def count_places(stage: Stage, now: datetime) -> None:
    """How many places each program has at each site."""
    for code, program, number in PLACES:
        _set(stage, code, program, number, now)


def one_more_place(stage: Stage, now: datetime) -> None:
    _set(stage, RIVERBEND, INTENSIVE, 3, now)


def begin_draft(stage: Stage, now: datetime) -> None:
    """The outpatient program being thought over: six weeks of therapy instead of eight, and evening check-ins.

    It is half-finished: the evening check-in names a ladder that nobody has written yet.
    """
    by = stage.who(Role.PROGRAM_MANAGER, RIVERBEND)
    program = Program.objects.get(key=OUTPATIENT)
    draft = programs.start_draft(by=by, now=now, program_id=program.public_id)
    document = _thought_over(draft.document)
    programs.save_draft(by=by, now=now, version_id=draft.public_id, document=document, expected_version=draft.version)


def _set(stage: Stage, code: str, program: str, number: int, now: datetime) -> None:
    capacity.set_capacity(
        by=stage.who(Role.PROGRAM_MANAGER, code), now=now, site_id=stage.sites[code].public_id, program_key=program,
        number=number,
    )  # fmt: skip


def _thought_over(document: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = deepcopy(dict(document))
    therapy = next(each for each in changed["phases"] if each["key"] == "behavioral-therapy")
    weeks = next(each for each in therapy["exit"]["criteria"] if each["key"] == "weeks-of-therapy")
    weeks |= {"at_least": SHORTER_THERAPY, "source": "local default, to be discussed with the team"}
    weekly = next(each for each in changed["follow_ups"] if each["rule_key"] == "therapy-weekly-check-in")
    evening = {**weekly, "rule_key": "therapy-evening-check-in", "title": "Evening check-in", "at": "18:00",
               "ladder": "evening"}  # fmt: skip
    changed["follow_ups"].insert(changed["follow_ups"].index(weekly) + 1, evening)
    return changed
