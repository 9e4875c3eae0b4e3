"""Whether a urine specimen is what it should be, and what a kratom level says about new use (domain/kratom.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from patients.rules.observations.catalogue import ObservationTest
from patients.rules.observations.words import ObservationResult, SpecimenValidity

CREATININE = "urine-creatinine"
GRAVITY = "urine-specific-gravity"
PH = "urine-ph"
MASS = "mitragynine-mass"
RATIO = "mitragynine-creatinine-ratio"
VALIDITY_TESTS = (CREATININE, GRAVITY, PH)

# domain/kratom.md, Specimen validity (general knowledge): valid from here on; below, dilute; below again, no urine.
CREATININE_VALID = Decimal(20)
CREATININE_SUBSTITUTED = Decimal(2)
GRAVITY_VALID = Decimal("1.003")
GRAVITY_DILUTE = Decimal("1.001")
PH_VALID = (Decimal(4), Decimal(9))
PH_ADULTERATED = (Decimal(3), Decimal(11))

# domain/kratom.md, Urine testing: a local default, to be confirmed by a clinician.
NEW_USE_RISE = Decimal("1.5")
NEW_USE_APART = timedelta(hours=48)
MG_PER_ML_IN_MG_PER_DL = Decimal(100)


class NewUse(StrEnum):
    """What two kratom levels say: a positive urine a week after the last use can be washout."""

    LIKELY = "likely"
    NOT_SHOWN = "not_shown"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Level:
    """A kratom level relative to the creatinine of the same specimen (ng/mg), and when it was collected."""

    ratio: Decimal
    collected_at: datetime


def specimen_validity(
    *, creatinine: Decimal | None = None, gravity: Decimal | None = None, ph: Decimal | None = None
) -> SpecimenValidity:
    """What the checks of a urine specimen come to; the worst finding first. Without a check: not checked."""
    if creatinine is None and gravity is None and ph is None:
        return SpecimenValidity.NOT_CHECKED
    if ph is not None and not PH_ADULTERATED[0] <= ph < PH_ADULTERATED[1]:
        return SpecimenValidity.ADULTERATED
    if creatinine is not None and creatinine < CREATININE_SUBSTITUTED:
        return SpecimenValidity.SUBSTITUTED
    if ph is not None and not PH_VALID[0] <= ph <= PH_VALID[1]:
        return SpecimenValidity.DOUBTFUL
    return _concentration(creatinine, gravity)


def _concentration(creatinine: Decimal | None, gravity: Decimal | None) -> SpecimenValidity:
    """Dilute where everything measured is thin; doubtful where the two contradict each other."""
    if gravity is not None and gravity < GRAVITY_DILUTE:
        return SpecimenValidity.DOUBTFUL
    thin = [creatinine < CREATININE_VALID] if creatinine is not None else []
    thin += [gravity < GRAVITY_VALID] if gravity is not None else []
    if not any(thin):
        return SpecimenValidity.VALID
    return SpecimenValidity.DILUTE if all(thin) else SpecimenValidity.DOUBTFUL


def creatinine_ratio(mass: Decimal, creatinine: Decimal) -> Decimal | None:
    """ng of the substance (`mass` in ng/mL) per mg of creatinine (`creatinine` in mg/dL); None without creatinine."""
    if creatinine <= 0:
        return None
    return (mass * MG_PER_ML_IN_MG_PER_DL / creatinine).quantize(Decimal("0.0001"))


def new_use(level: Level, earlier: Level | None) -> NewUse:
    """Whether the level speaks for use since the earlier one: it rose by more than half, at least 48 h apart."""
    if earlier is None or level.collected_at - earlier.collected_at < NEW_USE_APART:
        return NewUse.CANNOT_TELL
    rose = level.ratio > earlier.ratio * NEW_USE_RISE
    return NewUse.LIKELY if rose else NewUse.NOT_SHOWN


def latest_use(levels: Iterable[Level]) -> tuple[Level, Level | None, NewUse] | None:
    """The newest level, the one it is compared with (the newest at least 48 h before), and what they say."""
    known = sorted(levels, key=lambda each: each.collected_at, reverse=True)
    if not known:
        return None
    newest = known[0]
    apart = [each for each in known[1:] if newest.collected_at - each.collected_at >= NEW_USE_APART]
    earlier = apart[0] if apart else None
    return newest, earlier, new_use(newest, earlier)


def is_kratom_negative(
    test: ObservationTest, result: ObservationResult | None, validity: SpecimenValidity = SpecimenValidity.NOT_CHECKED
) -> bool:
    """Whether this says "no kratom found": only a test that detects it can, and only from a specimen one can trust."""
    trusted = validity in (SpecimenValidity.VALID, SpecimenValidity.NOT_CHECKED)
    return test.detects_kratom and trusted and result is ObservationResult.NEGATIVE
