"""The readable spelling of a document: YAML as a person would write it, the same text for the same document.

A document is data. Comments, the order of keys, quotes and line breaks of the file it came from are no part of it, so
they do not come back: keys stand in the order below, and any file of the same program is spelled the same.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from pathways.rules.canonical import canonical

WIDEST = 118
WIDEST_ROW = 160  # of the small mappings that read as a table, one below the other
INDENT = "  "
# YAML takes no more than 1,024 characters as a key before its colon, unless "?" announces it.
LONGEST_KEY = 1000

# The order of keys. `...` is the place of every other key, by the alphabet.
ORDER: Mapping[str, tuple[object, ...]] = {
    "document": ("schema", "program", "phases", "transitions", "follow_ups", "ladders", ...),
    "program": ("key", "title", "substance", "summary", ...),
    "phase": ("key", "title", "short_title", "level", "typical_days", "source", "goals", ...,
              "entry", "exit", "assessments", "activities"),
    "gate": ("title", ..., "criteria"),
    "criterion": ("key", "kind", "title", "n", "instrument", "score", "tests", "attestation", "statement", "roles",
                  "plan", "element", "state", "measure", "what", "modalities", "purposes", "purpose", "recipient",
                  "categories", "level", "basis", "severity", "op", "value", "times_upper_limit", "at_least", "last",
                  "hours_between", "within_days", "valid_days", ..., "requirement", "overridable_by", "needs_reason",
                  "cosigned_by", "source", "criteria"),
    "assessment": ("instrument", "every_days", ..., "source"),
    "activity": ("modality", "title", "per_week", "minutes", "adjunct", ..., "source"),
    "transition": ("kind", "from", "to", "roles", "reasons", "gate", "needs_note", ...),
    "follow_up": ("rule_key", "title", "anchor", "phases", "offsets", "every", "adaptive_months", "at", "window_days",
                  "purpose", "mode", "instrument", "template", ..., "ladder", "owner", "source"),
    "every": ("days", "first_day", "for_days", ...),
    "adaptive": ("for_months", "first_month", ...),
    "ladder": ("key", "title", "source", ..., "rungs"),
    "rung": ("kind", "wait_hours", "tries", "role", "template", ...),
}  # fmt: skip
# What stands under a key of a section, for the order of its own keys.
INSIDE: Mapping[tuple[str, str], str] = {
    ("document", "program"): "program",
    ("document", "phases"): "phase",
    ("document", "transitions"): "transition",
    ("document", "follow_ups"): "follow_up",
    ("document", "ladders"): "ladder",
    ("phase", "entry"): "gate",
    ("phase", "exit"): "gate",
    ("phase", "assessments"): "assessment",
    ("phase", "activities"): "activity",
    ("gate", "criteria"): "criterion",
    ("criterion", "criteria"): "criterion",
    ("follow_up", "every"): "every",
    ("follow_up", "adaptive_months"): "adaptive",
    ("ladder", "rungs"): "rung",
}
ON_ONE_LINE = frozenset({"assessment", "activity", "every", "adaptive", "rung"})
SPACED = frozenset({"phase"})

# A plain text: words that nothing in YAML reads as something else. Everything beyond this is quoted.
PLAIN = re.compile(r"[^\W\d_](?:[\w.%/+()'-]| (?=[\w(+]))*(?:[,;] [\w(](?:[\w.%/+()'-]| (?=[\w(+]))*)*\Z")
SHORT_WORD = re.compile(r"[^\W\d_][\w.-]*\Z")
RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
KEYS = frozenset(key for order in ORDER.values() for key in order if isinstance(key, str))
# Beyond what JSON escapes: what YAML takes as a line break, or does not take at all.
ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
BESIDE_LINES = re.compile("[\x00-\x09\x0b-\x1f]")


def spell(document: Mapping[str, object]) -> str:
    """The document as YAML text, ending in a line break; `read_yaml` reads the same document from it.

    Comments are not part of a document, so none come back. Raises ValueError for what JSON has no word for (a date, a
    NaN, a key that is no text, half of a character).
    """
    canonical(document).encode("utf-8")
    return "\n".join(_root(document)) + "\n"


def _root(document: Mapping[str, object]) -> Iterator[str]:
    if not document:
        yield "{}"
        return
    keys = _ordered("document", document)
    for place, key in enumerate(keys):
        if place and isinstance(document[key], Mapping | list | tuple):
            yield ""
        yield from _entry("document", key, document[key], "")


def _ordered(section: str, data: Mapping[str, object]) -> list[str]:
    order = ORDER.get(section, (...,))
    rank = {key: place for place, key in enumerate(order)}
    return sorted(data, key=lambda key: (rank.get(key, rank[...]), "" if key in rank else key))


def _entry(section: str, key: str, value: object, indent: str) -> Iterator[str]:
    """`key: value`, with what does not fit on the line below it."""
    inner = INSIDE.get((section, key), "")
    name = key if key in KEYS else _scalar(key, flow=True)
    head = f"{indent}{name}:"
    if len(name) > LONGEST_KEY:
        yield f"{indent}? {name}"
        head = f"{indent}:"
    line = _one_line(inner, value, len(head) + 1)
    if line is not None:
        yield f"{head} {line}"
    elif isinstance(value, str):
        yield f"{head} |-"
        yield from (f"{indent}{INDENT}{line}" if line else "" for line in value.split("\n"))
    else:
        yield head
        yield from _block(inner, value, indent + INDENT)


def _block(section: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key in _ordered(section, value):
            yield from _entry(section, key, value[key], indent)
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            if place and section in SPACED:
                yield ""
            yield from _item(section, item, indent)


def _item(section: str, item: object, indent: str) -> Iterator[str]:
    """`- value`; a mapping begins beside its dash."""
    line = _one_line(section, item, len(indent) + 2)
    if line is not None:
        yield f"{indent}- {line}"
        return
    if isinstance(item, str):
        yield f"{indent}- |-"
        yield from (f"{indent}{INDENT}{line}" if line else "" for line in item.split("\n"))
        return
    lines = _block(section, item, indent + INDENT)
    yield f"{indent}- {next(lines)[len(indent) + 2 :]}"
    yield from lines


def _one_line(section: str, value: object, used: int) -> str | None:
    """What stands on one line, or None where it is better written out below."""
    if isinstance(value, str):
        return None if _written_out(value) else _scalar(value, flow=False)
    if not isinstance(value, Mapping | list | tuple):
        return _scalar(value, flow=False)
    if not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    line = _flow(section, value)
    widest = WIDEST_ROW if section in ON_ONE_LINE else WIDEST
    return line if line is not None and used + len(line) <= widest else None


def _written_out(text: str) -> bool:
    """Whether a text of several lines can stand as it is, line under line."""
    if "\n" not in text or BESIDE_LINES.search(text) or ESCAPED.search(text):
        return False
    return all(line == line.strip() for line in text.split("\n")) and text.strip("\n") == text


def _flow(section: str, value: Mapping[str, object] | Sequence[object]) -> str | None:
    """A short list of words and numbers, or one of the small mappings, in brackets."""
    if isinstance(value, Mapping):
        if section not in ON_ONE_LINE or any(isinstance(each, Mapping | list | tuple) for each in value.values()):
            return None
        pairs = (f"{_scalar(key, flow=True)}: {_scalar(value[key], flow=True)}" for key in _ordered(section, value))
        return f"{{{', '.join(pairs)}}}"
    if not all(_is_short(each) for each in value):
        return None
    return f"[{', '.join(_scalar(each, flow=True) for each in value)}]"


def _is_short(value: object) -> bool:
    return bool(SHORT_WORD.match(value)) if isinstance(value, str) else not isinstance(value, Mapping | list | tuple)


def _scalar(value: object, *, flow: bool) -> str:
    if isinstance(value, str):
        return value if _is_plain(value, flow) else _quoted(value)
    text = json.dumps(value, allow_nan=False)
    if isinstance(value, float) and "." not in text:
        return text.replace("e", ".0e")
    return text


def _is_plain(text: str, flow: bool) -> bool:
    if not PLAIN.match(text) or text.casefold() in RESERVED or ESCAPED.search(text):
        return False
    return not (flow and "," in text)


def _quoted(text: str) -> str:
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
