"""For whom something is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic.models import Actor
from clinic.rules.roles import Permission
from pathways.queries.narrative import reads_words

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom lines are shown: what they may do, their language, the moment, and the zone of the site."""

    actor: Actor
    language: str
    now: datetime
    zone: ZoneInfo

    def may(self, permission: Permission) -> bool:
        return permission in self.actor.permissions

    def reads_words(self, by: int | None) -> bool:
        """Whether they read what somebody (an actor's id) wrote about a person."""
        return reads_words(self.actor, by)
