"""The folder channel: writes each message whole or not at all, and once, whoever asks how often."""

import json
import os
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pathways.delivery.channel import Channel
from pathways.delivery.messages import Answer, Detail, Message, Outcome, temporary
from pathways.rules.reminders import Finding, OutcomeKind


def _real_now() -> datetime:
    return datetime.now(UTC)


class MailboxChannel(Channel):
    """Messages become files `<reference>.json`, readable by the owner alone. A message already there is
    left as it is.

    Nothing leaves the machine, so the latch is not asked. `clock` gives the time written into the file.
    """

    name = "mailbox"
    connections = 0

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = _real_now) -> None:
        self.folder = folder
        self._clock = clock

    def find(self, message: Message, *, since: datetime, known: Collection[str] = ()) -> Answer:
        if self._path(message).exists():
            return Answer(Finding.FOUND, OutcomeKind.DELIVERED, message.reference)
        return Answer(Finding.NOT_FOUND if self.folder.is_dir() else Finding.UNKNOWN)

    def close(self) -> None:
        """Nothing is held open."""

    def _path(self, message: Message) -> Path:
        return self.folder / f"{message.reference}.json"

    def carry(self, message: Message) -> Outcome:
        path = self._path(message)
        draft = self.folder / f".{message.reference}.{uuid4().hex}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                self._write(draft, message)
                _keep_the_first(draft, path)
        except (OSError, UnicodeError):
            with suppress(OSError):
                draft.unlink()
            return temporary(Detail.NO_ROOM)
        return Outcome(OutcomeKind.DELIVERED, provider_id=message.reference)

    def _write(self, draft: Path, message: Message) -> None:
        document = {**asdict(message), "delivered_at": self._clock().isoformat()}
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)


def _keep_the_first(draft: Path, path: Path) -> None:
    """Gives the finished file its name, unless another worker was first: a link never replaces, unlike a
    rename.
    """
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    except OSError:  # a folder without links: the same reference has the same words, so replacing loses nothing
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
