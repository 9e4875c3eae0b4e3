"""Everything wrong with a document at once, whatever state it is in.

What makes sense can be told only of what could be read. Where a part is malformed, a harmless value stands in for it;
what that value would say is left out, and so is everything that depends on it.
"""

import re
from collections.abc import Iterable, Mapping

from pathways.rules.documents import MOST_PROBLEMS, Problem
from pathways.rules.programs.known import Known
from pathways.rules.programs.parse import read_as_far
from pathways.rules.programs.problems import problems

_PHASE_KEYS = r"phases(\[\d+\](\.key)?)?\Z"
_WAYS = r"transitions"
_PHASES_OR_WAYS = f"{_PHASE_KEYS}|{_WAYS}"
_GATES = r"phases\Z|phases\[\d+\](\Z|\.entry|\.exit)"
# A problem of sense of this code is told only while nothing of form is wrong at any of these paths.
RESTS_ON: Mapping[str, re.Pattern[str]] = {
    code: re.compile(pattern)
    for code, pattern in {
        "no_such_phase": _PHASE_KEYS,
        "no_such_gate": f"{_PHASE_KEYS}|{_GATES}",
        "wrong_direction": _PHASE_KEYS,
        "unreachable": _PHASES_OR_WAYS,
        "no_way_out": _PHASES_OR_WAYS,
        "no_admission": _WAYS,
        "hold_without_end": _WAYS,
        "ring_without_person": _PHASES_OR_WAYS,
        "no_days_before_admission": _PHASES_OR_WAYS,
        "contradiction": _GATES,
        "choice_never_met": _GATES,
        "option_never_met": _GATES,
        "no_such_ladder": r"ladders(\[\d+\](\.key)?)?\Z",
        "unused_ladder": r"follow_ups(\[\d+\](\.ladder)?)?\Z",
        "no_review": r"follow_ups(\[\d+\](\.anchor)?)?\Z",
    }.items()
}
# The same for what is told by a code of many uses, by where it is told.
RESTS_ON_AT: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    ("key_twice", re.compile(r"transitions\["), re.compile(_WAYS)),
    ("missing", re.compile(r"follow_ups\[\d+\]\.template\Z"), re.compile(r"ladders")),
)

# A name that leads nowhere, or stands for two things: a slip of the pen, whatever the program is meant to be.
SLIPS = re.compile(r"program\.problem\.(no_such_\w+|key_twice)\Z")


def check(document: Mapping[str, object], known: Known) -> tuple[Problem, ...]:
    """Every problem of form, and every problem of sense that can be told beside them; at most `MOST_PROBLEMS`."""
    read, form = read_as_far(document)
    found = problems(read, known)
    if form:
        found = (*form, *(each for each in found if _stands(each, form)))
    return found[:MOST_PROBLEMS]


def slips(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those problems of sense with which a file is refused rather than kept as a draft: names gone wrong."""
    return tuple(each for each in found if SLIPS.match(each.sentence.code))


def _stands(problem: Problem, form: Iterable[Problem]) -> bool:
    """Whether a problem of sense rests on nothing that could not be read."""
    code = problem.sentence.code.rsplit(".", 1)[1]
    rests_on = [RESTS_ON[code]] if code in RESTS_ON else []
    rests_on += [pattern for name, at, pattern in RESTS_ON_AT if name == code and at.match(problem.path)]
    return not any(
        _related(problem.path, each.path) or any(pattern.match(each.path) for pattern in rests_on) for each in form
    )


def _related(path: str, other: str) -> bool:
    """Whether one of two places is the other, or stands in it."""
    shorter, longer = sorted((path, other), key=len)
    return longer == shorter or not shorter or longer.startswith((f"{shorter}.", f"{shorter}["))
