"""From rules back to the data they were read from: a gate or a follow-up rule as a document writes it.

Reading what is written here gives the same rule again. What a document may leave out is left out.
"""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum

from clinic.rules.roles import Role
from pathways.rules.gates import Criterion, Gate, Kind, Requirement
from pathways.rules.gates.groups import AnyOf, AtLeast
from pathways.rules.programs.document import AdaptiveMonths, Every, FollowUpRule, Offsets

Data = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Around:
    """What a criterion takes over from the group it stands in, and so need not say."""

    requirement: Requirement = Requirement.REQUIRED
    overridable_by: tuple[Role, ...] = ()
    cosigned_by: tuple[Role, ...] = ()
    in_choice: bool = False


def write_gate(gate: Gate) -> Data:
    """A gate as a document writes it."""
    return {"title": gate.title, "criteria": [_criterion(each, _Around()) for each in gate.criteria]}


def write_follow_up(rule: FollowUpRule) -> Data:
    """A follow-up rule as a document writes it."""
    said = {
        "rule_key": rule.rule_key,
        "title": rule.title,
        "anchor": rule.anchor,
        "phases": rule.phases,
        **_schedule(rule),
        "at": rule.at,
        "window_days": rule.window_days,
        "purpose": rule.purpose,
        "mode": rule.mode,
        "instrument": rule.instrument,
        "template": rule.template,
        "ladder": rule.ladder,
        "owner": rule.owner,
        "source": rule.source,
    }
    return _data(said)


def _criterion(criterion: Criterion, around: _Around) -> Data:
    kind = criterion.kind
    said: Data = {"key": criterion.key, "kind": kind.KEY, **_parameters(kind)}
    if criterion.requirement is not around.requirement and not around.in_choice:
        said["requirement"] = criterion.requirement
    if criterion.overridable_by != around.overridable_by:
        said["overridable_by"] = criterion.overridable_by
    if not criterion.needs_reason:
        said["needs_reason"] = False
    if criterion.cosigned_by != around.cosigned_by:
        said["cosigned_by"] = criterion.cosigned_by
    said["source"] = criterion.source
    in_choice = around.in_choice or isinstance(kind, AnyOf | AtLeast)
    inside = _Around(criterion.requirement, criterion.overridable_by, criterion.cosigned_by, in_choice)
    children = [_criterion(child, inside) for child in criterion.children]
    return _data(said) | ({"criteria": children} if children else {})


def _parameters(kind: Kind) -> Data:
    return {param.name: getattr(kind, param.name) for param in kind.params()}


def _schedule(rule: FollowUpRule) -> Data:
    match rule.schedule:
        case Offsets(days):
            return {"offsets": days}
        case Every(days, first_day, for_days):
            return {"every": _data({"days": days, "first_day": first_day, "for_days": for_days})}
        case AdaptiveMonths(for_months, first_month):
            return {"adaptive_months": {"for_months": for_months, "first_month": first_month}}
    raise ValueError(f"{rule.rule_key} has no schedule")


def _data(said: Data) -> Data:
    """What JSON has words for; what says nothing is left out."""
    return {key: _plain(value) for key, value in said.items() if value is not None and value not in ("", ())}


def _plain(value: object) -> object:
    match value:
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(each) for each in value]
        case time():
            return f"{value:%H:%M}"
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
    return value
