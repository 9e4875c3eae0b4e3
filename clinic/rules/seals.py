"""The chain over the audit: what a digest covers, the same on every machine."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime


def digest(previous: str, entries: Iterable[Mapping[str, object]]) -> str:
    """SHA-256, in hexadecimal, over the digest before and every column of every entry in the given order."""
    covered = hashlib.sha256(previous.encode())
    for entry in entries:
        covered.update(canonical(entry))
    return covered.hexdigest()


def canonical(entry: Mapping[str, object]) -> bytes:
    """One entry as bytes: sorted columns, times in UTC to the microsecond, one line."""
    columns = {name: _plain(value) for name, value in entry.items()}
    return json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, int | str | dict) else str(value)
