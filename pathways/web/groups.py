"""Today's list in its groups: what is counted, whose it is, and what is shown of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from clinic.models import Actor
from pathways.models import FollowUp, Reminder
from pathways.queries.worklist import Owed, Scope
from pathways.rules.worklist import Line, LineGroup, LineKind
from pathways.web.lines import Reader, Shown, draw, shown
from patients.models import SafetyFlag

SHOWN_PER_GROUP = 25
"""Lines of a group before "show all"."""
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: whose, of one person perhaps, and the group shown to its end."""

    scope: Scope = Scope.MINE
    owner: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The lines one asked for, those that wait for a second signature apart."""

    lines: Sequence[Line]
    to_sign: Sequence[Line]

    @property
    def number(self) -> int:
        return len(self.lines) + len(self.to_sign)


def choose(owed: Owed, wanted: Wanted, actor: Actor, may_sign: bool) -> Chosen:
    """What of the site's list is shown under these wishes; signatures only to those who may give one."""
    kept = [line for line in owed.lines if _is_wanted(owed, line, wanted, actor)]
    return Chosen(
        [line for line in kept if line.item.kind is not LineKind.COSIGN],
        [line for line in kept if line.item.kind is LineKind.COSIGN and may_sign and not wanted.owner],
    )


def _is_wanted(owed: Owed, line: Line, wanted: Wanted, actor: Actor) -> bool:
    if wanted.owner:
        return owner_key(owed, line) == wanted.owner
    return wanted.scope is Scope.SITE or is_own(owed, line, actor)


def is_own(owed: Owed, line: Line, actor: Actor) -> bool:
    """Theirs by name; or nobody's (also where its owner has left) and theirs by role. Safety is everybody's."""
    subject = owed.subject(line)
    if isinstance(subject, FollowUp):
        by_role = subject.holder is None and subject.owner_role in actor.roles
        return subject.owner_id == actor.pk or by_role
    if isinstance(subject, Reminder):
        return subject.holder in (None, actor)
    return True


def owner_key(owed: Owed, line: Line) -> str:
    """The public id of whoever has it, or "nobody"."""
    owner = _owner(owed, line)
    return str(owner.public_id) if owner else NOBODY


def _owner(owed: Owed, line: Line) -> Actor | None:
    subject = owed.subject(line)
    if isinstance(subject, SafetyFlag):
        return subject.taken_by
    if isinstance(subject, FollowUp):
        return subject.holder
    return subject.holder if isinstance(subject, Reminder) else None


def by_person(owed: Owed, actor: Actor) -> list[dict[str, Any]]:
    """How many lines of each group everybody has at the site: oneself first, then by name, what nobody has last."""
    counts: dict[str, dict[LineGroup, int]] = defaultdict(lambda: dict.fromkeys(LineGroup, 0))
    names = {str(actor.public_id): "", NOBODY: _("Nobody yet")}
    for line in owed.lines:
        if line.item.kind is not LineKind.COSIGN:
            owner = _owner(owed, line)
            key = str(owner.public_id) if owner else NOBODY
            names.setdefault(key, owner.name if owner else "")
            counts[key][line.group] += 1
    me = str(actor.public_id)
    rows = [{"key": key, "name": _("You") if key == me else name, "me": key == me, "counts": list(counts[key].values())}
            for key, name in names.items() if key == me or key in counts]  # fmt: skip
    return sorted(rows, key=lambda row: (not row["me"], row["key"] == NOBODY, row["name"]))


def grouped(chosen: Chosen, owed: Owed, wanted: Wanted, reader: Reader) -> tuple[list[dict[str, Any]], list[Shown]]:
    """The groups with their lines drawn, and the lines to sign."""
    parts = [(group, [line for line in chosen.lines if line.group is group]) for group in LineGroup]
    cut = [(group, lines, lines if wanted.whole == group else lines[:SHOWN_PER_GROUP]) for group, lines in parts]
    seen = [line for _group, _all, some in cut for line in some] + list(chosen.to_sign)
    drawn = draw(seen, owed, reader)

    def drawn_lines(some: Sequence[Line]) -> list[Shown]:
        return [shown(each, owed, drawn, reader) for each in some]

    groups = [
        {"key": group.value, "label": group, "count": len(lines), "lines": drawn_lines(some)}
        for group, lines, some in cut
    ]
    return groups, drawn_lines(chosen.to_sign)


def digest_of(parts: Iterable[object]) -> str:
    """Short, and other as soon as anything on the list is: a list that has not changed is not sent again."""
    return sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]
