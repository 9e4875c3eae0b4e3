"""Answers that come to a wanted score: what somebody would have ticked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from random import Random

from patients.rules.instruments import Alert, Definition, Facts, Item, ScoringType, Severity, holds
from patients.rules.instruments.conditions import Subject, comparisons
from patients.rules.scoring import drop_hidden, score


def fill(form: Definition, totals: Mapping[str, int], bands: Collection[str], dice: Random) -> dict[str, object]:
    """A complete form whose scores are those wanted, or the nearest that can be had; a triage comes to one of `bands`.

    Items that raise a flag of their own are answered so that they do not, as far as the scores allow.
    """
    if form.scoring.type is ScoringType.TRIAGE:
        return _triage(form, bands)
    points = {item.key: _calm(form, item)[0] for item in form.items if not item.is_number}
    for each in form.scoring.scores:
        items = [form.item(key) for key in each.items]
        choices = {item.key: _calm(form, item) for item in items}
        points |= spread(items, choices, totals.get(each.key, each.minimum), dice)
    return as_given(form, points)


def spread(items: Sequence[Item], choices: Mapping[str, Sequence[int]], total: int, dice: Random) -> dict[str, int]:
    """Points per item, out of its choices, that add up to the total, or to the nearest sum the choices allow."""
    order = list(items)
    dice.shuffle(order)
    offered = [list(choices[item.key]) for item in order]
    reachable = _sums(offered)
    left = min(reachable[0], key=lambda each: (abs(each - total), each))
    found = {}
    for place, item in enumerate(order):
        fitting = [value for value in offered[place] if left - value in reachable[place + 1]]
        found[item.key] = dice.choice(fitting)
        left -= found[item.key]
    return found


def as_given(form: Definition, points: Mapping[str, int]) -> dict[str, object]:
    """Points as the codes of their options, numbers at their least, without what is not asked."""
    numbers = {item.key: _least(item) for item in form.items if item.is_number and item.required}
    return drop_hidden(form, {**numbers, **{key: _code(form.item(key), value) for key, value in points.items()}})


def _least(item: Item) -> int:
    return int(item.minimum or 0)


def _code(item: Item, value: int) -> str | int:
    return next(option.code for option in item.options if option.value == value)


def _values(item: Item) -> list[int]:
    return sorted({option.value for option in item.options})


def _calm(form: Definition, item: Item) -> list[int]:
    """The points of an item that raise no flag by themselves, the least first; all of them where each would."""
    alerts = [each for each in form.alerts if each.severity is not Severity.INFO and _names_only(each, item)]
    values = _values(item)
    calm = [value for value in values if not any(_raises(each, item, value) for each in alerts)]
    return calm or values


def _names_only(alert: Alert, item: Item) -> bool:
    return any(part.subject is Subject.ITEM and part.key == item.key for part in comparisons(alert.when))


def _raises(alert: Alert, item: Item, value: int) -> bool:
    return holds(alert.when, Facts(items={item.key: value})) is True


def _sums(choices: Sequence[Sequence[int]]) -> list[frozenset[int]]:
    """At each place, the sums the items from there on can come to."""
    reachable = [frozenset({0})]
    for values in reversed(choices):
        reachable.insert(0, frozenset(value + rest for value in values for rest in reachable[0]))
    return reachable


def _triage(form: Definition, bands: Collection[str]) -> dict[str, object]:
    """The first form, from the quietest on, that comes to one of the bands; the quietest where none does."""
    tried = [as_given(form, points) for points in _triage_points(form)]
    return next((each for each in tried if score(form, each, {}).band in bands), tried[0])


def _triage_points(form: Definition) -> Iterable[dict[str, int]]:
    items = [item for item in form.items if not item.is_number]
    quiet = {item.key: _values(item)[0] for item in items}
    yield quiet
    worse = dict(quiet)
    for item in items:
        yield {**quiet, item.key: _values(item)[-1]}
        worse[item.key] = _values(item)[-1]
        yield dict(worse)
