"""The shipped instruments: one JSON file each, read and checked once.

A changed definition is a new `definition_version` in its own file (`cows.json` is version 1, a second one would be
`cows.2.json`): old assessments keep the version they were scored with.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from patients.rules.instruments import Definition, parse_definition

FOLDER = Path(__file__).parent


class UnknownInstrument(ValueError):
    """No instrument, or no such version of it, is shipped."""


def definition(key: str, version: int | None = None) -> Definition:
    """The definition of an instrument: its newest, or the named `definition_version`. Raises UnknownInstrument."""
    versions = _library().get(key, {}) if isinstance(key, str) else {}
    if not versions:
        raise UnknownInstrument(f"there is no instrument {key!r}")
    wanted = max(versions) if version is None else version
    if wanted not in versions:
        raise UnknownInstrument(f"{key} has no definition version {version!r}")
    return versions[wanted]


def definitions() -> tuple[Definition, ...]:
    """The newest definition of every instrument, by key."""
    return tuple(definition(key) for key in sorted(_library()))


@cache
def _library() -> Mapping[str, Mapping[int, Definition]]:
    found: dict[str, dict[int, Definition]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        read = parse_definition(json.loads(path.read_text(encoding="utf-8")))
        if path.name.split(".")[0] != read.key:
            raise ValueError(f"{path.name} holds {read.key}")
        if read.definition_version in found.setdefault(read.key, {}):
            raise ValueError(f"{path.name}: {read.key} version {read.definition_version} stands twice")
        found[read.key][read.definition_version] = read
    return found
