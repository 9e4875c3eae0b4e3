"""Reading the folder back, newest first, a page at a time."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from pathlib import Path

from pathways.delivery.messages import Message


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message in the folder. `place` orders them and is what the next page begins `before`."""

    message: Message
    delivered_at: datetime
    place: str


def read(folder: Path, *, limit: int = 50, before: str | None = None) -> list[Delivered]:
    """The newest messages first, at most `limit`, all older than `before` (the `place` of the last one seen).

    A file that is no message is left out; a folder that is not there is empty.
    """
    places = (each for each in _places(folder) if before is None or each < before)
    found = (_opened(folder, place) for place in nlargest(limit, places))
    return [each for each in found if each is not None]


def _places(folder: Path) -> Iterator[str]:
    """Nanoseconds of writing in twenty digits, then the file's name: sorts by time without opening a file."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.name.endswith(".json") and not entry.name.startswith("."):
                yield f"{entry.stat().st_mtime_ns:020d} {entry.name}"


def _opened(folder: Path, place: str) -> Delivered | None:
    try:
        document = json.loads((folder / place.split(" ", 1)[1]).read_text(encoding="utf-8"))
        delivered_at = datetime.fromisoformat(document.pop("delivered_at"))
        return Delivered(Message(**document), delivered_at, place)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
