"""The tests a clinic records: one YAML file, read and checked once.

A code never changes its meaning: observations are kept under it. A test that means something else gets its own code.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from clinic.data_files import read_yaml
from patients.rules.observations import ObservationCategory, ObservationTest, parse_tests

FILE = Path(__file__).parent / "tests.yaml"


class UnknownObservation(ValueError):
    """No such test stands in the catalogue."""


def definition(code: str) -> ObservationTest:
    """The test of this code. Raises UnknownObservation."""
    found = _library().get(code) if isinstance(code, str) else None
    if found is None:
        raise UnknownObservation(f"there is no test {code!r}")
    return found


def definitions(category: ObservationCategory | None = None) -> tuple[ObservationTest, ...]:
    """Every test, or those of one category, in the order of the file."""
    return tuple(each for each in _library().values() if category is None or each.category is category)


def codes() -> frozenset[str]:
    """Every code of the catalogue."""
    return frozenset(_library())


@cache
def _library() -> Mapping[str, ObservationTest]:
    read = parse_tests(read_yaml(FILE))
    return {each.code: each for each in read}
