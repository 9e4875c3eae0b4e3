"""The parts of an instrument's definition, as frozen facts (FHIR: Questionnaire)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from patients.rules.instruments.conditions import Comparison, Condition, Subject, comparisons

DEFAULT_GROUP = "default"
"""The band group for everyone whose context.sex has no group of its own (unknown included)."""


class ScoringType(StrEnum):
    SUM = "sum"
    SUBSCALES = "subscales"
    TRIAGE = "triage"
    NONE = "none"


class Severity(StrEnum):
    """How soon a person must look at an alert; later members are more urgent."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for a note, 3 for an emergency."""
        return list(Severity).index(self)

    def at_least(self, other: "Severity") -> bool:
        """Whether this is as serious as the other, or more."""
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: the code that is given and stored, and the points it is worth."""

    code: str | int
    value: int
    label: str
    loinc_answer: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Options are sparse: only the listed codes are answers. A number item has none, but limits."""

    key: str
    label: str
    options: tuple[Option, ...]
    loinc: str | None
    visible_if: Condition | None
    scored: bool
    required: bool
    exclude_if_prescribed: bool
    reverse: bool
    scale: str | None
    minimum: float | None
    maximum: float | None
    unit: str | None

    @property
    def is_number(self) -> bool:
        return not self.options

    @property
    def hidden_by_score(self) -> bool:
        """Whether a score, not another item, decides if this is asked (PHQ-9 item 10)."""
        if self.visible_if is None:
            return False
        return any(part.subject is Subject.SCORE for part in comparisons(self.visible_if))

    @property
    def gates(self) -> tuple[str, ...]:
        """The items whose answers decide if this one is asked."""
        if self.visible_if is None:
            return ()
        return tuple(part.key for part in comparisons(self.visible_if) if part.subject is Subject.ITEM)


@dataclass(frozen=True, slots=True)
class Score:
    """A sum over items, with its lowest and highest possible value."""

    key: str
    items: tuple[str, ...]
    minimum: int
    maximum: int
    loinc: str | None


@dataclass(frozen=True, slots=True)
class TriageRule:
    """First match wins; the band it gives."""

    when: Condition
    band: str


@dataclass(frozen=True, slots=True)
class Gate:
    """An answer that settles every score at once (PC-PTSD-5: no exposure, score 0)."""

    item: str
    value: int
    score: int


@dataclass(frozen=True, slots=True)
class ScoreSpec:
    type: ScoringType
    scores: tuple[Score, ...]
    rules: tuple[TriageRule, ...]
    gate: Gate | None
    missing: str
    incomplete_alerts: str | None
    notes: str
    algorithm: str
    exclusion: str


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of a score (both ends included). A triage band has only its name."""

    label: str
    score: str | None
    minimum: int | None
    maximum: int | None
    applies_to: str | None

    @property
    def said(self) -> Sentence:
        """Its name as a sentence of the catalogue, for pages in another language."""
        return band_sentence(self.label)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something a person must act on, raised by an answer, a score or a triage band, whatever the band says."""

    key: str
    severity: Severity
    when: Condition
    action: str
    basis: str

    @property
    def said(self) -> Sentence:
        """What was found and what to do, as a sentence of the catalogue."""
        return sentence(f"alert.{self.key}")


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of an instrument. `version` names the published form; `definition_version` is our own count."""

    key: str
    title: str
    short_name: str
    measures: str
    version: str
    definition_version: int
    digest: str
    administration: str
    window: str
    source: str
    licence: str
    preface: str
    loinc: str | None
    loinc_total: str | None
    scoring: ScoreSpec
    bands: tuple[Band, ...]
    alerts: tuple[Alert, ...]
    items: tuple[Item, ...]
    repeat_days: int | None
    repeat: Mapping[str, object]
    min_interval_days: int | None
    confidence: Mapping[str, str]

    @property
    def said(self) -> Sentence:
        """What it measures, as a sentence of the catalogue."""
        return sentence(f"instrument.{self.key}.measures")

    @property
    def by_patient(self) -> bool:
        """Whether the person may fill it in themselves, as its authors say."""
        return "patient" in self.administration.split()

    def item(self, key: str) -> Item:
        """The item of that key. Raises ValueError."""
        for item in self.items:
            if item.key == key:
                return item
        raise ValueError(f"{self.key} has no item {key!r}")

    def score(self, key: str) -> Score:
        """The score of that key. Raises ValueError."""
        for score in self.scoring.scores:
            if score.key == key:
                return score
        raise ValueError(f"{self.key} has no score {key!r}")

    def alert(self, key: str) -> Alert:
        """The alert of that key. Raises ValueError."""
        for alert in self.alerts:
            if alert.key == key:
                return alert
        raise ValueError(f"{self.key} has no alert {key!r}")

    def bands_for(self, score: str, sex: object = None) -> tuple[Band, ...]:
        """The bands of a score, lowest first, for a sex for clinical use; the default group for all not listed."""
        own = [band for band in self.bands if band.score == score]
        group = sex if any(band.applies_to == sex for band in own) else DEFAULT_GROUP
        chosen = [band for band in own if band.applies_to in (None, group)]
        return tuple(sorted(chosen, key=lambda band: band.minimum or 0))


def band_sentence(label: str) -> Sentence:
    """A band's label as a sentence of the catalogue ("none or minimal": band.none_or_minimal)."""
    return sentence(f"band.{'_'.join(re.findall('[a-z0-9]+', label.lower()))}")


def score_comparisons(condition: Condition) -> tuple[Comparison, ...]:
    """The comparisons with a score inside a condition."""
    return tuple(part for part in comparisons(condition) if part.subject is Subject.SCORE)
