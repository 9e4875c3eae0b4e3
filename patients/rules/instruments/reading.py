"""From a data file to a `Definition`: every part read by name and kind, a clear ValueError for what makes no sense."""

import hashlib
import json
from collections.abc import Mapping

from patients.rules.instruments.checking import check
from patients.rules.instruments.conditions import (
    OPERATORS,
    AllOf,
    Always,
    AnyOf,
    BandIs,
    Comparison,
    Condition,
    Subject,
)
from patients.rules.instruments.definition import (
    Alert,
    Band,
    Definition,
    Gate,
    Item,
    Option,
    Score,
    ScoreSpec,
    ScoringType,
    Severity,
    TriageRule,
)
from patients.rules.instruments.fields import Fields

DEEPEST_CONDITION = 8


def parse_definition(data: Mapping[str, object]) -> Definition:
    """A definition from its canonical mapping (the shape of `patients/instruments/*.json`).

    Raises ValueError naming the place: a missing or unknown field, a wrong kind, an unknown operator, an item, score
    or band that does not exist, a key used twice, bands that leave a gap or overlap.
    """
    row = Fields(data, str(data.get("key", "instrument")) if isinstance(data, Mapping) else "instrument")
    found = Definition(
        key=row.text("key"),
        title=row.text("title"),
        short_name=row.text("short_name"),
        measures=row.text("measures"),
        version=row.text("version"),
        definition_version=row.integer("definition_version"),
        digest=digest_of(data),
        administration=row.text("administration"),
        window=row.text("window"),
        source=row.text("source"),
        licence=row.text("licence"),
        preface=row.text_or("preface", ""),
        loinc=row.text_or_none("loinc"),
        loinc_total=row.text_or_none("loinc_total"),
        scoring=_scoring(row.row("scoring")),
        bands=tuple(_band(each) for each in row.rows("bands")),
        alerts=tuple(_alert(each) for each in row.rows("alerts")),
        items=tuple(_item(each) for each in row.rows("items")),
        repeat_days=row.integer_or_none("repeat_days"),
        repeat=row.mapping_or_empty("repeat"),
        min_interval_days=row.integer_or_none("min_interval_days"),
        confidence={name: str(value) for name, value in row.mapping_or_empty("confidence").items()},
    )
    row.nothing_else()
    check(found)
    return found


def digest_of(data: Mapping[str, object]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8): the same facts always give the same digest."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _item(row: Fields) -> Item:
    kind = row.text_or("type", "choice")
    if kind not in ("choice", "number"):
        raise ValueError(f"{row.where}: type must be choice or number, not {kind!r}")
    found = Item(
        key=row.text("key"),
        label=row.text("label"),
        options=tuple(_option(each) for each in row.rows("options")),
        loinc=row.text_or_none("loinc"),
        visible_if=_condition(row.row("visible_if")) if row.has("visible_if") else None,
        scored=row.flag_or("scored", True),
        required=row.flag_or("required", True),
        exclude_if_prescribed=row.flag_or("exclude_if_prescribed", False),
        reverse=row.flag_or("reverse", False),
        scale=row.text_or_none("scale"),
        minimum=row.number("min") if kind == "number" else None,
        maximum=row.number("max") if kind == "number" else None,
        unit=row.text_or_none("unit"),
    )
    row.nothing_else()
    if (kind == "number") == bool(found.options):
        raise ValueError(f"{row.where}: a number item has no options, a choice item at least one")
    return found


def _option(row: Fields) -> Option:
    value = row.integer("value")
    code = row.text("code") if row.has("code") else value
    found = Option(code, value, row.text("label"), row.text_or_none("loinc_answer"))
    row.nothing_else()
    return found


def _scoring(row: Fields) -> ScoreSpec:
    found = ScoreSpec(
        type=row.member("type", ScoringType),
        scores=tuple(_score(each) for each in row.rows("scores")) if row.has("scores") else (),
        rules=tuple(_rule(each) for each in row.rows("rules")) if row.has("rules") else (),
        gate=_gate(row.row("gate")) if row.has("gate") else None,
        missing=row.text("missing"),
        incomplete_alerts=row.text_or_none("incomplete_alerts"),
        notes=row.text_or("notes", ""),
        algorithm=row.text_or("algorithm", ""),
        exclusion=row.text_or("exclusion", ""),
    )
    row.nothing_else()
    return found


def _score(row: Fields) -> Score:
    found = Score(
        key=row.text("key"),
        items=row.texts("items"),
        minimum=row.integer("min"),
        maximum=row.integer("max"),
        loinc=row.text_or_none("loinc"),
    )
    row.nothing_else()
    return found


def _gate(row: Fields) -> Gate:
    found = Gate(row.text("item"), row.integer("value"), row.integer("score"))
    row.nothing_else()
    return found


def _rule(row: Fields) -> TriageRule:
    found = TriageRule(_condition(row.row("when")), row.text("band"))
    row.nothing_else()
    return found


def _band(row: Fields) -> Band:
    found = Band(
        label=row.text("label"),
        score=row.text_or_none("score"),
        minimum=row.integer_or_none("min"),
        maximum=row.integer_or_none("max"),
        applies_to=row.text_or_none("applies_to"),
    )
    row.nothing_else()
    return found


def _alert(row: Fields) -> Alert:
    found = Alert(
        key=row.text("key"),
        severity=row.member("severity", Severity),
        when=_condition(row.row("when")),
        action=row.text("action"),
        basis=row.text("basis"),
    )
    row.nothing_else()
    return found


def _condition(row: Fields, depth: int = 0) -> Condition:
    if depth > DEEPEST_CONDITION:
        raise ValueError(f"{row.where}: conditions are nested too deeply")
    for name, group in (("any", AnyOf), ("all", AllOf)):
        if row.has(name):
            parts = tuple(_condition(each, depth + 1) for each in row.rows(name))
            row.nothing_else()
            if not parts:
                raise ValueError(f"{row.where}: {name} needs at least one part")
            return group(parts)
    return _single(row)


def _single(row: Fields) -> Condition:
    found: Condition
    if row.has("always"):
        if not row.flag_or("always", False):
            raise ValueError(f"{row.where}: always can only be true")
        found = Always()
    elif row.has("band"):
        found = BandIs(row.text("band"))
    else:
        found = _comparison(row)
    row.nothing_else()
    return found


def _comparison(row: Fields) -> Comparison:
    if row.has("item") == row.has("score"):
        raise ValueError(f"{row.where}: a comparison names either an item or a score")
    subject = Subject.ITEM if row.has("item") else Subject.SCORE
    op = row.text("op")
    if op not in OPERATORS:
        raise ValueError(f"{row.where}: unknown operator {op!r}; known are {', '.join(OPERATORS)}")
    return Comparison(subject, row.text(subject.value), op, row.number("value"))
