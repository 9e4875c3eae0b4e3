"""Where on its ladder a contact goes on when its program is read by another version."""

from dataclasses import dataclass

from pathways.rules.programs import Ladder, ProgramDocument, Rung


@dataclass(frozen=True, slots=True)
class Place:
    """The ladder and the step (from 0) a contact goes on from. `begins_anew`: the step is other work, or somebody
    else's, so that its wait begins now and another message belongs to it."""

    ladder: Ladder
    rung: int
    begins_anew: bool


def place_in(new: ProgramDocument, old: ProgramDocument, *, rule_key: str, ladder: str, rung: int) -> Place | None:
    """Where a contact that stood on this step of the old version goes on in the new one; None where it stands as it is.

    On its own ladder; where the new version lacks it, on the one its rule has now, else on the first. On the same step,
    or on the last one where the ladder has become shorter.
    """
    after = new.ladder_or_first(ladder if _has(new, ladder) else _ladder_of_rule(new, rule_key))
    place = after.place(rung)
    before, stood, stands = old.ladder_or_first(ladder), None, after.rungs[place]
    if rung < len(before.rungs):
        stood = before.rungs[rung]
    if (ladder, rung) == (after.key, place) and (stood, _ends(before, rung)) == (stands, _ends(after, place)):
        return None
    return Place(after, place, stood is None or _work(stood) != _work(stands))


def _has(document: ProgramDocument, ladder: str) -> bool:
    return any(each.key == ladder for each in document.ladders)


def _ladder_of_rule(document: ProgramDocument, rule_key: str) -> str:
    return next((each.ladder for each in document.follow_ups if each.rule_key == rule_key), "")


def _ends(ladder: Ladder, rung: int) -> bool:
    return rung == len(ladder.rungs) - 1


def _work(rung: Rung) -> tuple[object, object]:
    return rung.kind, rung.role
