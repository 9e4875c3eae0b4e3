"""What a test is: how it is answered, in which unit, what is plausible, what is usual, what it warns of (frozen)."""

from dataclasses import dataclass
from decimal import Decimal

from clinic.rules.sentences import Sentence, sentence
from patients.rules.instruments import Severity
from patients.rules.observations.words import Mark, ObservationCategory, ObservationResult, Specimen, ValueKind


@dataclass(frozen=True, slots=True)
class Loinc:
    """The public code of the test, and how sure it is: `check_method` is to be chosen by the laboratory's method."""

    code: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Limits:
    """A range with both ends included; an end may be open."""

    low: Decimal | None
    high: Decimal | None

    def hold(self, value: Decimal) -> bool:
        """Whether the value lies within."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class TypicalRange:
    """What is usual in an adult: general knowledge, for a result that came without the laboratory's own range."""

    everyone: Limits
    female: Limits | None

    def of(self, sex: str) -> Limits:
        """The range for a person of this sex for clinical use; everybody's where there is no own one."""
        return self.female if sex == "female" and self.female is not None else self.everyone


@dataclass(frozen=True, slots=True)
class OtherUnit:
    """Another unit people measure in: (value - minus) x times / over gives the test's own."""

    unit: str
    minus: Decimal
    times: Decimal
    over: Decimal

    def own(self, value: Decimal) -> Decimal:
        """The value in the unit of the test, to four places."""
        return ((value - self.minus) * self.times / self.over).quantize(Decimal("0.0001"))


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One threshold of one test. Every part that is given has to hold."""

    key: str
    severity: Severity
    mark: Mark
    above: Decimal | None
    at_least: Decimal | None
    below: Decimal | None
    above_times_upper: Decimal | None
    rise_at_least: Decimal | None
    result: ObservationResult | None

    @property
    def sentence(self) -> Sentence:
        """What somebody is to do about it."""
        return alert_sentence(self.key)


@dataclass(frozen=True, slots=True)
class ObservationTest:
    """One test of the catalogue (FHIR: ObservationDefinition). `detects_kratom`: only such a test can say "no kratom".

    `unit` is as people write it, empty for a plain number; `ucum` is its code for machines.
    `whole`: the number has no fraction. `self_reported`: what the person said, measured by nobody.
    """

    code: str
    category: ObservationCategory
    kind: ValueKind
    unit: str
    ucum: str
    other_units: tuple[OtherUnit, ...]
    whole: bool
    loinc: Loinc | None
    specimen: Specimen | None
    plausible: Limits | None
    typical: TypicalRange | None
    choices: tuple[str, ...]
    has_cut_off: bool
    detects_kratom: bool
    has_note: bool
    alerts: tuple[AlertRule, ...]

    @property
    def title(self) -> Sentence:
        """What it is called."""
        return sentence(f"observation.test.{self.code}")

    @property
    def note(self) -> Sentence | None:
        """What to keep in mind when reading it."""
        return sentence(f"observation.note.{self.code}") if self.has_note else None

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit it may be entered in, its own first."""
        return (self.unit, *(each.unit for each in self.other_units)) if self.ucum else ()

    @property
    def self_reported(self) -> bool:
        """Whether it is what the person said."""
        return self.category is ObservationCategory.EXPOSURE

    def choice_title(self, choice: str) -> Sentence:
        """What one of the choices is called."""
        return sentence(f"observation.choice.{self.code}.{choice}")


def alert_sentence(key: str) -> Sentence:
    """What an alert says is to be done."""
    return sentence(f"alert.{key}")
