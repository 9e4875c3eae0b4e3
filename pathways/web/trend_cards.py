"""A person's readings as trend cards: values on the bands of their instrument, all on one time axis."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence
from clinic.wording import codes, say
from pathways.models import Enrollment
from pathways.queries.enrollments import next_gate
from pathways.queries.programs import document_of
from pathways.rules import ribbon
from pathways.rules.gates.facts import TOTAL
from pathways.rules.gates.scores import Comparison, ScoreCompared
from pathways.rules.trends import Band, Reading, Trend, highest, shared_span
from patients.models import Assessment
from patients.queries.assessments import definition_of
from patients.rules.instruments import Band as DefinedBand
from patients.rules.instruments import Definition, Score, ScoringType, band_sentence

Shown = dict[str, Any]
GOOD_WHEN_HIGH = {("barc10", "total"), ("bam", "protective")}
"""Measures of strength: their lowest band is the one to look at (instruments.md)."""
DARKEST = 4
MOST_SCORES = 3
"""An instrument with more scores than this shows only those that were ever above zero."""


@dataclass(frozen=True, slots=True)
class Plots:
    """What all cards of a person share."""

    sex: str
    zone: ZoneInfo
    today: date
    language: str
    course: ribbon.Course | None
    due: Mapping[str, date]
    cuts: Mapping[tuple[str, str], float]

    def day(self, row: Assessment) -> date:
        return row.effective_at.astimezone(self.zone).date()

    def say(self, said: Sentence) -> str:
        return say(said, self.language)


def cards(rows: Sequence[Assessment], plots: Plots) -> list[Shown]:
    """One card for each score of each instrument that was answered completely, those asked last first."""
    complete = [row for row in rows if row.scoring_status == "complete"]
    if not complete:
        return []
    latest = max([plots.due[row.instrument] for row in complete if row.instrument in plots.due], default=None)
    span = shared_span(plots.day(complete[0]), plots.today, latest)
    grouped: dict[str, list[Assessment]] = defaultdict(list)
    for row in reversed(complete):
        grouped[row.instrument].append(row)
    return [
        card for key, each in grouped.items() for card in _of_instrument(definition_of(key), each[::-1], span, plots)
    ]


def due_dates(rows: Iterable[Assessment], row: Enrollment | None, zone: ZoneInfo) -> dict[str, date]:
    """When each instrument of the present phase is asked next: its interval after the last reading."""
    if row is None or row.current_phase is None:
        return {}
    last = {each.instrument: each.effective_at.astimezone(zone).date() for each in rows}
    rules = document_of(row.program_version).phase(row.current_phase.key).assessments
    return {
        rule.instrument: last[rule.instrument] + timedelta(days=rule.every_days)
        for rule in rules
        if rule.instrument in last
    }


def gate_limits(row: Enrollment | None) -> dict[tuple[str, str], float]:
    """The limits the next gate sets, by instrument and score."""
    if row is None:
        return {}
    gate, _ = next_gate(document_of(row.program_version), row.current_phase.key if row.current_phase else None)
    kinds = [each.kind for each in gate.walk()] if gate else []
    scored = [kind for kind in kinds if isinstance(kind, ScoreCompared) and isinstance(kind.value, int)]
    return {(kind.instrument, kind.score): _edge(kind) for kind in scored}


def _edge(kind: ScoreCompared) -> float:
    """Where the line stands: between the last value that is met and the next."""
    value = float(kind.value)  # type: ignore[arg-type]
    return {
        Comparison.BELOW: value - 0.5,
        Comparison.AT_MOST: value + 0.5,
        Comparison.AT_LEAST: value - 0.5,
        Comparison.ABOVE: value + 0.5,
    }.get(kind.op, value)


def _of_instrument(
    definition: Definition, rows: Sequence[Assessment], span: tuple[date, date], plots: Plots
) -> list[Shown]:
    if definition.scoring.type in (ScoringType.TRIAGE, ScoringType.NONE):
        return [_words_card(definition, rows, plots)]
    scores = definition.scoring.scores
    if len(scores) > MOST_SCORES:
        scores = tuple(score for score in scores if any(_value(row, score.key) for row in rows))
    found = [_card(definition, score, rows, span, plots) for score in scores]
    return [card for card in found if card is not None]


def _words_card(definition: Definition, rows: Sequence[Assessment], plots: Plots) -> Shown:
    """A form without a number: its band, and when."""
    last, day = rows[-1], plots.day(rows[-1])
    return {
        "name": definition.short_name,
        "plain": plots.say(definition.said),
        "next": _next(definition.key, plots),
        "value": _band_words(last.band, plots) or plots.say(sentence("chart.change.first", on=day)),
        "of": "",
        "band": "",
        "change": plots.say(sentence("chart.change.first", on=day)) if last.band else "",
        "trend": None,
        "rows": [{"on": plots.day(row), "value": _band_words(row.band, plots), "band": ""} for row in reversed(rows)],
        "href": last.public_id,
    }


def _card(
    definition: Definition, score: Score, rows: Sequence[Assessment], span: tuple[date, date], plots: Plots
) -> Shown | None:
    valued = [(row, value) for row in rows if (value := _value(row, score.key)) is not None]
    if not valued:
        return None
    bands = _bands(definition, score, plots)
    name = _name(definition, score, plots)
    trend = _trend(definition, score, valued, bands, span, plots)
    values = ", ".join(_number(value) for _, value in valued)
    last, value = valued[-1]
    return {
        "name": name,
        "plain": plots.say(definition.said),
        "next": _next(definition.key, plots),
        "value": _number(value),
        "of": score.maximum,
        "band": _word_of(definition, score, value, plots),
        "change": plots.say(_change(valued, plots)),
        "trend": replace(trend, label=plots.say(sentence("chart.trend", name=name, values=values))),
        "rows": [
            {"on": plots.day(row), "value": _number(each), "band": _word_of(definition, score, each, plots)}
            for row, each in reversed(valued)
        ],
        "href": last.public_id,
    }


def _trend(
    definition: Definition,
    score: Score,
    valued: Sequence[tuple[Assessment, float]],
    bands: tuple[Band, ...],
    span: tuple[date, date],
    plots: Plots,
) -> Trend:
    readings = tuple(Reading(plots.day(row), value) for row, value in valued)
    course = plots.course
    return Trend(
        label=definition.short_name,
        start=span[0],
        end=span[1],
        today=plots.today,
        top=highest(readings, bands, score.maximum),
        readings=readings,
        bands=bands,
        cut=plots.cuts.get((definition.key, score.key)),
        due=plots.due.get(definition.key),
        changes=tuple(stay.start for stay in course.stays[1:] if span[0] <= stay.start <= span[1]) if course else (),
        back=_back(course, span) if course else (),
    )


def _back(course: ribbon.Course, span: tuple[date, date]) -> tuple[tuple[date, date], ...]:
    """First and last day of each step back that lies on the axis."""
    stays = [stay for place, stay in enumerate(course.stays) if course.is_back(place)]
    return tuple((max(stay.start, span[0]), course.end_of(stay)) for stay in stays if course.end_of(stay) >= span[0])


def _bands(definition: Definition, score: Score, plots: Plots) -> tuple[Band, ...]:
    own = definition.bands_for(score.key, plots.sex)
    shades = [min(place, DARKEST) for place in range(len(own))]
    if (definition.key, score.key) in GOOD_WHEN_HIGH:
        shades.reverse()
    return tuple(
        Band(float(band.minimum or 0), shade, _plotted(band, plots)) for band, shade in zip(own, shades, strict=True)
    )


def _plotted(band: DefinedBand, plots: Plots) -> str:
    """The band's word beside the plot: a shorter one where its own is long."""
    short = f"chart.{band_sentence(band.label).code}"
    return plots.say(sentence(short) if short in codes() else band_sentence(band.label))


def _word_of(definition: Definition, score: Score, value: float, plots: Plots) -> str:
    own = definition.bands_for(score.key, plots.sex)
    found = next((band for band in reversed(own) if value >= (band.minimum or 0)), None)
    return plots.say(band_sentence(found.label)) if found else ""


def _band_words(band: object, plots: Plots) -> str:
    return plots.say(band_sentence(band)) if isinstance(band, str) else ""


def _value(row: Assessment, score: str) -> float | None:
    found = row.total if score == TOTAL else row.subscores.get(score)
    return None if found is None else float(found)


def _name(definition: Definition, score: Score, plots: Plots) -> str:
    if score.key == TOTAL:
        return definition.short_name
    return plots.say(
        sentence("chart.score_name", name=definition.short_name, score=sentence(f"chart.score.{score.key}"))
    )


def _next(instrument: str, plots: Plots) -> str:
    due = plots.due.get(instrument)
    if due is None:
        return ""
    return plots.say(sentence("chart.next" if due >= plots.today else "chart.next_due", on=due))


def _change(valued: Sequence[tuple[Assessment, float]], plots: Plots) -> Sentence:
    row, value = valued[-1]
    if len(valued) == 1:
        return sentence("chart.change.first", on=plots.day(row))
    before, former = valued[-2]
    code = "same" if value == former else "lower" if value < former else "higher"
    return sentence(f"chart.change.{code}", on=plots.day(row), n=abs(value - former), last=plots.day(before))


def _number(value: float) -> str:
    return f"{value:g}"
