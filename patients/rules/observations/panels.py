"""What a panel warns of, and how its liver values look (domain/kratom.md; defaults a clinician is to confirm)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from clinic.rules.sentences import Sentence
from patients.rules.instruments import Severity
from patients.rules.observations.catalogue import AlertRule, ObservationTest, alert_sentence
from patients.rules.observations.entries import Measured
from patients.rules.observations.ranges import upper_limit
from patients.rules.observations.specimens import CREATININE, GRAVITY, PH, VALIDITY_TESTS, specimen_validity
from patients.rules.observations.words import SpecimenValidity

ALT, AST, ALP, BILIRUBIN = "alt", "ast", "alp", "bilirubin-total"

# domain/kratom.md, Hepatotoxicity: ALT > 3 x ULN together with bilirubin > 2 x ULN (Hy's law).
HYS_LAW = "hys_law"
HYS_LAW_ENZYME = 3
HYS_LAW_BILIRUBIN = 2

# R = (ALT/ULN)/(ALP/ULN): from 5 on hepatocellular, to 2 cholestatic, mixed between.
R_HEPATOCELLULAR = 5
R_CHOLESTATIC = 2

SPECIMEN_ALERTS = {
    SpecimenValidity.ADULTERATED: ("specimen_adulterated", Severity.WARNING),
    SpecimenValidity.SUBSTITUTED: ("specimen_substituted", Severity.WARNING),
    SpecimenValidity.DOUBTFUL: ("specimen_doubtful", Severity.INFO),
    SpecimenValidity.DILUTE: ("specimen_dilute", Severity.INFO),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """A value somebody has to look at: which test, why, and how soon."""

    code: str
    key: str
    severity: Severity

    @property
    def sentence(self) -> Sentence:
        """What somebody is to do about it."""
        return alert_sentence(self.key)


class LiverPattern(StrEnum):
    """What the R value looks like. For display beside the values, never a diagnosis."""

    HEPATOCELLULAR = "hepatocellular"
    MIXED = "mixed"
    CHOLESTATIC = "cholestatic"


@dataclass(frozen=True, slots=True)
class LiverValue:
    """The R value and its pattern."""

    r: Decimal
    pattern: LiverPattern


def alerts_of(
    panel: Sequence[Measured],
    tests: Mapping[str, ObservationTest],
    *,
    sex: str = "",
    earlier: Mapping[str, Decimal] | None = None,
) -> tuple[Alert, ...]:
    """Everything a panel warns of, worst first. `earlier`: the reading before, by test, for those that watch a rise.

    The laboratory's own upper limit goes before the typical one. Raises KeyError for a test that is unknown.
    """
    before = earlier or {}
    single = [
        Alert(each.code, rule.key, rule.severity)
        for each in panel
        for rule in tests[each.code].alerts
        if _holds(rule, each, upper_limit(tests[each.code], each, sex), before.get(each.code))
    ]
    found = [*single, *_hys_law(panel, tests, sex), *_specimen(panel)]
    return tuple(sorted(found, key=lambda each: -each.severity.rank))


def validity_of(panel: Iterable[Measured]) -> SpecimenValidity:
    """What the checks in a panel say about its urine."""
    found = {each.code: each.quantity for each in panel if each.code in VALIDITY_TESTS}
    return specimen_validity(creatinine=found.get(CREATININE), gravity=found.get(GRAVITY), ph=found.get(PH))


def liver_value(panel: Iterable[Measured], tests: Mapping[str, ObservationTest], sex: str = "") -> LiverValue | None:
    """The R value of a panel with ALT and ALP; None where one is missing or has no upper limit, and where neither is
    above it: R tells what kind of harm raised them, and says nothing of values that are not raised."""
    known = {each.code: each for each in panel}
    alt = _times_upper(known.get(ALT), tests, sex)
    alp = _times_upper(known.get(ALP), tests, sex)
    if alt is None or not alp or max(alt, alp) <= 1:
        return None
    r = alt / alp
    if r >= R_HEPATOCELLULAR:
        pattern = LiverPattern.HEPATOCELLULAR
    else:
        pattern = LiverPattern.CHOLESTATIC if r <= R_CHOLESTATIC else LiverPattern.MIXED
    return LiverValue(r.quantize(Decimal("0.01")), pattern)


def _holds(rule: AlertRule, value: Measured, upper: Decimal | None, before: Decimal | None) -> bool:
    if rule.result is not None:
        return value.result is rule.result
    number = value.quantity
    if number is None:
        return False
    parts = [
        rule.above is None or number > rule.above,
        rule.at_least is None or number >= rule.at_least,
        rule.below is None or number < rule.below,
        rule.above_times_upper is None or (upper is not None and number > upper * rule.above_times_upper),
        rule.rise_at_least is None or (before is not None and number - before >= rule.rise_at_least),
    ]
    return all(parts)


def _hys_law(panel: Sequence[Measured], tests: Mapping[str, ObservationTest], sex: str) -> list[Alert]:
    known = {each.code: each for each in panel}
    bilirubin = _times_upper(known.get(BILIRUBIN), tests, sex)
    if bilirubin is None or bilirubin <= HYS_LAW_BILIRUBIN:
        return []
    for code in (ALT, AST):
        times = _times_upper(known.get(code), tests, sex)
        if times is not None and times > HYS_LAW_ENZYME:
            return [Alert(code, HYS_LAW, Severity.URGENT)]
    return []


def _specimen(panel: Sequence[Measured]) -> list[Alert]:
    alert = SPECIMEN_ALERTS.get(validity_of(panel))
    known = {each.code for each in panel}
    checks = [code for code in VALIDITY_TESTS if code in known]
    return [Alert(checks[0], *alert)] if alert and checks else []


def _times_upper(value: Measured | None, tests: Mapping[str, ObservationTest], sex: str) -> Decimal | None:
    """How many times the upper limit a value is."""
    if value is None or value.quantity is None:
        return None
    upper = upper_limit(tests[value.code], value, sex)
    return value.quantity / upper if upper else None
