"""What a draft may hold at all, whatever its sense: that it can be stored, shown and written out again."""

from collections.abc import Iterator, Mapping

from clinic.rules.sentences import sentence
from pathways.rules.documents import UNPRINTABLE, Problem

# Local limits, far above any program: a shipped one holds some 20,000 characters, six levels and lists of a dozen.
LARGEST = 1_000_000
DEEPEST = 16
LONGEST_LIST = 500
LONGEST_TEXT = 4_000
LARGEST_NUMBER = 10**9


def limits(document: Mapping[str, object]) -> tuple[Problem, ...]:
    """Why this cannot even be a draft, place by place; empty where it can.

    Refused are: more than `LARGEST` characters in all, lists, texts, numbers and depth beyond their limits, characters
    that cannot be printed, and what JSON has no word for.
    """
    found, size = [], 0
    for problem, length in _walked(document, "", 1):
        size += length
        if problem is not None:
            found.append(problem)
    if size > LARGEST:
        found.append(Problem("", sentence("program.problem.too_large", most=LARGEST)))
    return tuple(found)


def _walked(value: object, path: str, depth: int) -> Iterator[tuple[Problem | None, int]]:
    """A problem or None for each value, with the room it takes."""
    match value:
        case Mapping() if depth <= DEEPEST:
            yield None, 2
            for key, inner in value.items():
                yield _text(key, path), len(key) if isinstance(key, str) else 0
                yield from _walked(inner, f"{path}.{key}" if path else str(key), depth + 1)
        case list() | tuple() if depth <= DEEPEST:
            yield _list(value, path), 2
            for place, inner in enumerate(value):
                yield from _walked(inner, f"{path}[{place}]", depth + 1)
        case Mapping() | list() | tuple():
            yield Problem(path, sentence("program.problem.nested", most=DEEPEST)), 2
        case _:
            yield _scalar(value, path), len(value) if isinstance(value, str) else 8


def _list(value: list[object] | tuple[object, ...], path: str) -> Problem | None:
    return Problem(path, sentence("program.problem.too_many", most=LONGEST_LIST)) if len(value) > LONGEST_LIST else None


def _scalar(value: object, path: str) -> Problem | None:
    match value:
        case None | bool():
            return None
        case int() | float():
            # NaN is in no order, so it stands beyond the limits as well.
            within = -LARGEST_NUMBER <= value <= LARGEST_NUMBER
            return None if within else Problem(path, sentence("program.problem.too_great", most=LARGEST_NUMBER))
        case str():
            return _text(value, path)
    return Problem(path, sentence("program.problem.not_json"))


def _text(value: object, path: str) -> Problem | None:
    if not isinstance(value, str):
        return Problem(path, sentence("program.problem.key_not_text", key=str(value)[:80]))
    if len(value) > LONGEST_TEXT:
        return Problem(path, sentence("program.problem.too_long", most=LONGEST_TEXT))
    return Problem(path, sentence("program.problem.unprintable")) if UNPRINTABLE.search(value) else None
