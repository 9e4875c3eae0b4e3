"""What a definition as a whole must satisfy, so that scoring can rely on it."""

from collections.abc import Iterable

from patients.rules.instruments.conditions import Always, Condition, bands_named, comparisons
from patients.rules.instruments.definition import (
    DEFAULT_GROUP,
    Band,
    Definition,
    Item,
    Score,
    ScoringType,
    score_comparisons,
)

TOTAL = "total"
ONLY_GROWS = (">", ">=")


def check(definition: Definition) -> None:
    """Raises ValueError with the place where the definition contradicts itself."""
    _unique(f"{definition.key}.items", [item.key for item in definition.items])
    _unique(f"{definition.key}.scores", [score.key for score in definition.scoring.scores])
    _unique(f"{definition.key}.alerts", [alert.key for alert in definition.alerts])
    if definition.definition_version < 1:
        raise ValueError(f"{definition.key}: definition_version starts at 1")
    _check_scoring(definition)
    for score in definition.scoring.scores:
        _check_score(definition, score)
    for item in definition.items:
        _check_item(definition, item)
    for alert in definition.alerts:
        _check_names(definition, alert.when, f"{definition.key}.alerts.{alert.key}")


def _check_item(definition: Definition, item: Item) -> None:
    where = f"{definition.key}.items.{item.key}"
    _unique(f"{where} option codes", [option.code for option in item.options])
    if item.is_number and item.scored:
        raise ValueError(f"{where}: a number item cannot be scored")
    if item.minimum is not None and item.maximum is not None and item.minimum > item.maximum:
        raise ValueError(f"{where}: min is above max")
    if item.visible_if is not None:
        _check_names(definition, item.visible_if, where)
        _check_order(definition, item, item.visible_if, where)


def _check_order(definition: Definition, item: Item, condition: Condition, where: str) -> None:
    """An item may depend only on what stands before it: the form is read once, from top to bottom."""
    keys = [each.key for each in definition.items]
    before = set(keys[: keys.index(item.key)])
    tested = score_comparisons(condition)
    needed = set(item.gates) | {key for part in tested for key in definition.score(part.key).items}
    if not needed <= before:
        raise ValueError(f"{where}: visible_if may only name what stands before it")
    if any(part.op not in ONLY_GROWS for part in tested):
        raise ValueError(f"{where}: a score can only show an item with > or >=")


def _check_names(definition: Definition, condition: Condition, where: str) -> None:
    items = {item.key for item in definition.items}
    scores = {score.key for score in definition.scoring.scores}
    bands = {band.label for band in definition.bands if band.score is None}
    for part in comparisons(condition):
        known = items if part.subject == "item" else scores
        if part.key not in known:
            raise ValueError(f"{where}: there is no {part.subject} {part.key!r}")
    for band in bands_named(condition):
        if band not in bands:
            raise ValueError(f"{where}: there is no triage band {band!r}")


def _check_scoring(definition: Definition) -> None:
    spec, where = definition.scoring, f"{definition.key}.scoring"
    keys = [score.key for score in spec.scores]
    if spec.type is ScoringType.SUM and keys != [TOTAL]:
        raise ValueError(f"{where}: a sum has exactly one score, called total")
    if spec.type is ScoringType.SUBSCALES and (not keys or TOTAL in keys):
        raise ValueError(f"{where}: subscales have scores, but no total")
    if spec.type in (ScoringType.TRIAGE, ScoringType.NONE) and keys:
        raise ValueError(f"{where}: {spec.type} has no scores")
    if spec.gate is not None:
        _option_values(definition.item(spec.gate.item), spec.gate.value, where)
    _check_triage(definition, where)


def _check_triage(definition: Definition, where: str) -> None:
    rules = definition.scoring.rules
    if (definition.scoring.type is ScoringType.TRIAGE) != bool(rules):
        raise ValueError(f"{where}: a triage has rules, and nothing else has")
    bands = {band.label for band in definition.bands}
    for rule in rules:
        _check_names(definition, rule.when, where)
        if rule.band not in bands:
            raise ValueError(f"{where}: there is no triage band {rule.band!r}")
    if rules and not isinstance(rules[-1].when, Always):
        raise ValueError(f"{where}: the last triage rule must be always")


def _check_score(definition: Definition, score: Score) -> None:
    where = f"{definition.key}.scores.{score.key}"
    _unique(f"{where} items", score.items)
    items = [definition.item(key) for key in score.items]
    if not items or not all(item.scored for item in items):
        raise ValueError(f"{where}: adds up scored items, at least one")
    highest = sum(max(option.value for option in item.options) for item in items)
    lowest = sum(min(option.value for option in item.options) for item in items)
    if (score.minimum, score.maximum) != (lowest, highest):
        raise ValueError(f"{where}: its items give {lowest} to {highest}, not {score.minimum} to {score.maximum}")
    own = [band for band in definition.bands if band.score == score.key]
    groups = {band.applies_to for band in own} or {None}
    if groups != {None} and (None in groups or DEFAULT_GROUP not in groups):
        raise ValueError(f"{where}: grouped bands all name their group and need a default group")
    for group in groups:
        _check_bands(score, [band for band in own if band.applies_to == group], where)


def _check_bands(score: Score, bands: list[Band], where: str) -> None:
    """Bands must cover every possible score once."""
    covered = [value for band in bands for value in _range(band, where)]
    if sorted(covered) != list(range(score.minimum, score.maximum + 1)):
        raise ValueError(f"{where}: bands must cover {score.minimum} to {score.maximum} without gap or overlap")


def _range(band: Band, where: str) -> range:
    if band.minimum is None or band.maximum is None:
        raise ValueError(f"{where}: band {band.label!r} needs min and max")
    return range(band.minimum, band.maximum + 1)


def _option_values(item: Item, value: int, where: str) -> None:
    if value not in [option.value for option in item.options]:
        raise ValueError(f"{where}: {item.key} has no option worth {value}")


def _unique(where: str, keys: Iterable[object]) -> None:
    seen: set[object] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{where}: {key!r} stands twice")
        seen.add(key)
