"""Replies: what people write back is kept, takes effect at once, and is seen to by a person where it has to be."""

from pathways.actions.replies.handling import NOTE_LIMIT, ask_to_call, assign, handle
from pathways.actions.replies.receiving import receive

__all__ = ["NOTE_LIMIT", "ask_to_call", "assign", "handle", "receive"]
