"""Replies: what somebody wrote is read, and what it leads to is decided."""

from pathways.rules.replies.effects import (
    ALWAYS_ANSWERED,
    ANSWERS_WITHIN,
    BY_A_PERSON,
    NOT_FROM_THEM,
    ONE_ANSWER_IN,
    Answer,
    Consequence,
    Handling,
    ReplyChannel,
    ReplyEffect,
    ReplyFacts,
    Sender,
    Turn,
    consequence,
    once_known,
)
from pathways.rules.replies.evidence import Written, written
from pathways.rules.replies.quoting import own_words, storable
from pathways.rules.replies.reading import Awaits, Intent, Reading, normalised, read

__all__ = [
    "ALWAYS_ANSWERED",
    "ANSWERS_WITHIN",
    "BY_A_PERSON",
    "NOT_FROM_THEM",
    "ONE_ANSWER_IN",
    "Answer",
    "Awaits",
    "Consequence",
    "Handling",
    "Intent",
    "Reading",
    "ReplyChannel",
    "ReplyEffect",
    "ReplyFacts",
    "Sender",
    "Turn",
    "Written",
    "consequence",
    "normalised",
    "once_known",
    "own_words",
    "read",
    "storable",
    "written",
]
