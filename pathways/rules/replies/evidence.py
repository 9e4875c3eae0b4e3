"""What somebody wrote, as it stands in the evidence of a decision or a stop: read back for people to read.

The record keeps one line with the ids of the reply and of the message it answers (`reply.evidence` in the catalogue);
people are shown the words, the way and the time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pathways.rules.replies.effects import ReplyChannel

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LINE = re.compile(
    r"“(?P<words>.*)”, (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d) UTC, (?P<way>[^,]+), "
    rf"reply (?P<reply>{_ID})(?:, in answer to message {_ID})?"
)


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote, how and when, and the reply that keeps it. `channel`: None where the record names none we
    know."""

    words: str
    at: datetime
    channel: ReplyChannel | None
    reply: UUID


def written(evidence: str, channels: dict[str, ReplyChannel]) -> Written | None:
    """What the evidence says somebody wrote; None where it says something else. `channels`: by the word for each."""
    found = _LINE.fullmatch(evidence)
    if found is None:
        return None
    at = datetime.strptime(found["at"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return Written(found["words"], at, channels.get(found["way"]), UUID(found["reply"]))
