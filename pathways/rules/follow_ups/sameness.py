"""Whether two versions of a program owe the same contacts, and how they differ."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pathways.rules.programs import AnchorKind, FollowUpRule, ProgramDocument


def same_contacts(old: ProgramDocument, new: ProgramDocument) -> bool:
    """Whether every follow-up rule and every ladder reads the same in both, wherever it stands in its document."""
    return _contacts(old) == _contacts(new)


def _contacts(document: ProgramDocument) -> tuple[frozenset[object], frozenset[object]]:
    rules = frozenset(replace(each, path="") for each in document.follow_ups)
    return rules, frozenset(replace(each, path="") for each in document.ladders)


@dataclass(frozen=True, slots=True)
class FollowUpChange:
    """How a version changes the contacts of somebody, rule by rule: what they are no longer owed, what they newly are,
    and what comes at another time or another way. Titles of the rules; `open_ended` counts open contacts that end."""

    ended: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    open_ended: int = 0

    @property
    def nothing(self) -> bool:
        return not (self.ended or self.new or self.changed)


def contacts_changed(
    old: ProgramDocument, new: ProgramDocument, here: str | None, there: str | None, open_by_rule: Mapping[str, int]
) -> FollowUpChange:
    """What changes for somebody in phase `here` who goes on in `there`. `open_by_rule`: their open contacts."""
    before, after = _owed(old, here), _owed(new, there)
    gone = [key for key in before if key not in after]
    return FollowUpChange(
        ended=tuple(before[key].title for key in gone),
        new=tuple(after[key].title for key in after if key not in before),
        changed=tuple(after[key].title for key in after if key in before and _reads(before[key]) != _reads(after[key])),
        open_ended=sum(open_by_rule.get(key, 0) for key in gone),
    )


def _owed(document: ProgramDocument, phase: str | None) -> dict[str, FollowUpRule]:
    """The rules that concern somebody in a phase: those of the admission, of the phase, and of what may come."""
    return {
        rule.rule_key: rule
        for rule in document.follow_ups
        if rule.anchor is not AnchorKind.PHASE_ENTRY or not rule.phases or phase in rule.phases
    }


def _reads(rule: FollowUpRule) -> FollowUpRule:
    """The rule wherever it stands, and whichever other phases it is for."""
    return replace(rule, path="", phases=())
