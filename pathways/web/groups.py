"""Today's list in its groups: what is counted, and what is shown of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from clinic.rules.sentences import sentence
from clinic.wording import label, say
from pathways.queries.worklist import Chosen, Owed
from pathways.rules.worklist import LineGroup, tally
from pathways.web.lines import Reader, Shown, shown

SHOWN_PER_GROUP = 25
"""Lines of a group before "show all"."""
TONE = {LineGroup.SAFETY: "emergency"}


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups with the lines that are shown of each, and the lines to sign."""

    groups: tuple[Shown, ...]
    to_sign: tuple[Shown, ...]

    @property
    def lines(self) -> list[Shown]:
        return [line for group in self.groups for line in group["lines"]] + list(self.to_sign)


def grouped(chosen: Chosen, owed: Owed, whole: str, reader: Reader) -> Groups:
    """`whole`: the group that is shown to its end."""
    counts = tally(chosen.lines)
    parts = {group: [line for line in chosen.lines if line.group is group] for group in LineGroup}
    cut = {group: lines if whole == group else lines[:SHOWN_PER_GROUP] for group, lines in parts.items()}
    drawn = iter(shown([line for lines in cut.values() for line in lines] + list(chosen.to_sign), owed, reader))
    groups = tuple(
        {"key": group.value, "label": group, "count": counts[group], "lines": [next(drawn) for _line in lines]}
        for group, lines in cut.items()
    )
    return Groups(groups, tuple(drawn))


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
