"""Today's list in its groups: what is counted, and what is shown of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.http import HttpRequest

from clinic.rules.sentences import sentence
from clinic.wording import label, say
from pathways.queries.worklist import Chosen, Owed
from pathways.rules.worklist import Line, LineGroup
from pathways.web.lines import Reader, Shown, shown

SIGNATURES = "signatures"
"""Stands where the key of a group would: the lines that wait for a second signature."""
SHOWN_OF_EACH = 8
"""Lines of every group before "show all"."""
SHOWN_OF_ONE = 100
"""Lines of the one group that is shown page by page."""
TONE = {LineGroup.SAFETY: "emergency"}


@dataclass(frozen=True, slots=True)
class Part:
    """Which group is shown page by page (its key, or "" where none is), and which page of it, from 1."""

    group: str = ""
    page: int = 1

    @property
    def given(self) -> dict[str, object]:
        """As the parameters of an address."""
        return {"all": self.group, **({"page": self.page} if self.page > 1 else {})} if self.group else {}

    def first(self, key: str, count: int) -> int:
        """The place of the first line that is shown of this group, from 0."""
        last = max(count - 1, 0) // SHOWN_OF_ONE
        return min(self.page - 1, last) * SHOWN_OF_ONE if key == self.group else 0

    def most(self, key: str) -> int:
        """How many lines are shown of this group. Safety is not cut short."""
        return SHOWN_OF_ONE if key in (self.group, LineGroup.SAFETY) else SHOWN_OF_EACH


def part_of(request: HttpRequest) -> Part:
    """The part that is asked for; what is none is not understood as one."""
    group, page = request.GET.get("all", ""), request.GET.get("page", "")
    known = group in {*LineGroup, SIGNATURES}
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    return Part(group, max(number, 1)) if known else Part()


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups with the lines that are shown of each, and those to sign as one more."""

    groups: tuple[Shown, ...]
    to_sign: Shown

    @property
    def lines(self) -> list[Shown]:
        return [line for group in (*self.groups, self.to_sign) for line in group["lines"]]


def grouped(chosen: Chosen, owed: Owed, part: Part, reader: Reader) -> Groups:
    """The lines of each group, as many as are shown of it."""
    parts: dict[str, Sequence[Line]] = {
        group: [line for line in chosen.lines if line.group is group] for group in LineGroup
    }
    parts[SIGNATURES] = chosen.to_sign
    firsts = {key: part.first(key, len(lines)) for key, lines in parts.items()}
    cut = {key: lines[firsts[key] : firsts[key] + part.most(key)] for key, lines in parts.items()}
    drawn = iter(shown([line for lines in cut.values() for line in lines], owed, reader))
    told = [
        _group(key, [next(drawn) for _line in cut[key]], firsts[key], len(lines), part) for key, lines in parts.items()
    ]
    return Groups(tuple(told[:-1]), told[-1])


def _group(key: str, lines: list[Shown], first: int, count: int, part: Part) -> Shown:
    """`whole`: shown page by page; then `before` and `after` are the pages beside it, None where there is none."""
    last, whole = first + len(lines), key == part.group and count > SHOWN_OF_ONE
    page = first // SHOWN_OF_ONE + 1
    return {
        "key": str(key),
        "label": key,
        "count": count,
        "lines": lines,
        "first": first + 1,
        "last": last,
        "whole": whole,
        "cut": not whole and last < count,
        "before": page - 1 if whole and page > 1 else None,
        "after": page + 1 if whole and last < count else None,
    }


def tallied(groups: Groups, language: str) -> list[Shown]:
    """The counts as one strip, each a link to its group."""
    return [
        {
            "href": f"#g-{each['key']}",
            "count": each["count"],
            "label": label(each["label"], language),
            "note": say(sentence(f"today.order.{each['key']}"), language),
            "tone": TONE.get(each["label"], ""),
        }
        for each in groups.groups
    ]


def digest_of(groups: Groups, *others: object) -> str:
    """Short, and other as soon as anything on the list is: a list that has not changed is not sent again."""
    told = ("id", "title", "why", "path", "due", "owner", "action")
    parts: list[object] = [*others, *(group["count"] for group in groups.groups)]
    parts += [[line[name] for name in told] for line in groups.lines]
    return _digest(parts)


def _digest(parts: Iterable[Any]) -> str:
    return sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]
