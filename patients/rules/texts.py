"""What may stand in a line of text about a person."""

from clinic.rules.sentences import Sentence, sentence


def text_problem(text: str, *, limit: int, required: bool = False, lines: bool = False) -> Sentence | None:
    """Why a text cannot be kept: missing, too long, or holding what no database or page can show. None when it can."""
    if required and not text.strip():
        return sentence("refused.required")
    if len(text) > limit:
        return sentence("refused.too_long", limit=limit)
    allowed = "\n\r\t" if lines else ""
    if any(not mark.isprintable() and mark not in allowed for mark in text):
        return sentence("refused.text")
    return None


def plain(text: str) -> str:
    """One line, single spaces, none at the ends."""
    return " ".join(text.split())
