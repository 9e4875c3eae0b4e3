"""Where a contact goes on when its ladder reads otherwise in another version."""

from dataclasses import replace

import pytest

from clinic.rules.roles import Role
from pathways.programs.library import shipped
from pathways.rules.follow_ups import place_in
from pathways.rules.programs import Ladder, ProgramDocument, Rung, RungKind

MESSAGE, CALL = Rung(RungKind.MESSAGE, 24), Rung(RungKind.STAFF_CALL, 72, tries=2)
BOSS = Rung(RungKind.SUPERVISOR, 72, role=Role.SUPERVISOR)


def program(*ladders: tuple[str, tuple[Rung, ...]]) -> ProgramDocument:
    """A program with these ladders, and the rules of the kratom program: the welcome is on `contact`."""
    found = next(each.program for each in shipped() if each.name == "kratom-outpatient")
    return replace(found, ladders=tuple(Ladder(key, key, rungs, "local default") for key, rungs in ladders))


def place(new: ProgramDocument, old: ProgramDocument, rung: int, ladder: str = "contact") -> tuple[object, ...] | None:
    found = place_in(new, old, rule_key="welcome", ladder=ladder, rung=rung)
    return found and (found.ladder.key, found.rung, found.begins_anew)


OLD = program(("first", (BOSS,)), ("contact", (MESSAGE, CALL, BOSS)))


@pytest.mark.parametrize(
    ("rungs", "stood", "goes_on"),
    [
        ((MESSAGE, CALL, BOSS), 1, None),
        ((MESSAGE, CALL), 0, None),
        ((MESSAGE, CALL), 1, ("contact", 1, False)),
        ((MESSAGE, CALL), 2, ("contact", 1, True)),
        ((MESSAGE, CALL, BOSS, BOSS), 2, ("contact", 2, False)),
        ((replace(MESSAGE, wait_hours=48), CALL, BOSS), 0, ("contact", 0, False)),
        ((MESSAGE, MESSAGE, BOSS), 1, ("contact", 1, True)),
        ((MESSAGE, replace(CALL, role=Role.PEER_SUPPORTER), BOSS), 1, ("contact", 1, True)),
    ],
)
def test_a_contact_stays_where_it_stood_unless_its_step_reads_otherwise(
    rungs: tuple[Rung, ...], stood: int, goes_on: tuple[object, ...] | None
) -> None:
    assert place(program(("first", (BOSS,)), ("contact", rungs)), OLD, stood) == goes_on


def test_a_ladder_that_is_gone_gives_way_to_that_of_the_rule_or_to_the_first() -> None:
    old = program(("gone", (MESSAGE, CALL, BOSS)))
    assert place(OLD, old, 1, "gone") == ("contact", 1, False)
    assert place(program(("first", (BOSS,))), old, 0, "gone") == ("first", 0, True)


def test_a_step_past_the_end_of_both_ladders_becomes_the_last() -> None:
    assert place(OLD, OLD, 7) == ("contact", 2, True)
    assert place(OLD, OLD, 0, "never there") == ("contact", 0, True)


def test_a_step_past_the_end_of_a_ladder_is_read_as_its_last() -> None:
    ladder = Ladder("contact", "Contact", (MESSAGE, CALL), "local default")
    assert [ladder.place(number) for number in (0, 1, 7)] == [0, 1, 1]
    assert [ladder.rung_at(number) for number in (0, 1, 7)] == [MESSAGE, CALL, CALL]
