"""A sentence whose variable parts stand in boxes, so that one sees what can be set."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from clinic.rules.sentences import Sentence
from clinic.wording import label, number, say

# Letters no text of ours holds: they stand for the box until the sentence is put together.
OPEN, CLOSE = "\ue000", "\ue001"


class _Number(int):
    """A whole number that is written in a box and still counts for the plural."""

    def __format__(self, spec: str) -> str:
        return f"{OPEN}{int(self)}{CLOSE}"


def boxed(said: Sentence, language: str) -> SafeString:
    """The sentence as markup: `PHQ-9 of <span class="tok">9 or less</span>`."""
    text = str(escape(say(_marked(said, language), language)))
    return mark_safe(text.replace(OPEN, '<span class="tok">').replace(CLOSE, "</span>"))  # noqa: S308  # escaped above


def _marked(said: Sentence, language: str) -> Sentence:
    params: Mapping[str, object] = {name: _mark(value, language) for name, value in said.params.items()}
    return Sentence(said.code, params)


def _mark(value: object, language: str) -> object:
    match value:
        case Sentence():
            return _marked(value, language)
        case bool():
            return value
        case StrEnum():
            return _box(label(value, language))
        case str():
            return _box(value)
        case int():
            return _Number(value)
        case Decimal() | float():
            return _box(number(value))
        case list() | tuple():
            return tuple(_mark(each, language) for each in value)
    return value


def _box(text: str) -> str:
    bare = text.replace(OPEN, "").replace(CLOSE, "")
    return f"{OPEN}{bare}{CLOSE}" if bare else bare
