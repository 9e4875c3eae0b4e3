"""Where a number lies: in the laboratory's own range, or, where it gave none, in what is typical in an adult."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from patients.rules.observations.catalogue import ObservationTest
from patients.rules.observations.entries import Measured


class RangePlace(StrEnum):
    """Where a number lies in its range."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class RangeReading:
    """A number in its range. `own`: the range is the laboratory's."""

    low: Decimal | None
    high: Decimal | None
    own: bool
    place: RangePlace

    @property
    def sentence(self) -> Sentence:
        """The range in words."""
        code = "observation.range." + ("lab" if self.own else "typical")
        if self.low is None:
            return sentence(f"{code}_up_to", high=self.high)
        if self.high is None:
            return sentence(f"{code}_from", low=self.low)
        return sentence(code, low=self.low, high=self.high)


def range_reading(test: ObservationTest, value: Measured, sex: str = "") -> RangeReading | None:
    """Where a number lies; None for what is no number or has no range."""
    number = value.quantity
    own = value.reference_low is not None or value.reference_high is not None
    low = value.reference_low if own else lower_limit(test, value, sex)
    high = value.reference_high if own else upper_limit(test, value, sex)
    if number is None or (low is None and high is None):
        return None
    place = RangePlace.WITHIN
    if low is not None and number < low:
        place = RangePlace.BELOW
    elif high is not None and number > high:
        place = RangePlace.ABOVE
    return RangeReading(low, high, own, place)


def upper_limit(test: ObservationTest, value: Measured, sex: str = "") -> Decimal | None:
    """The laboratory's own upper limit, else what is typical: an alert is not lost because half a range was typed."""
    if value.reference_high is not None:
        return value.reference_high
    return test.typical.of(sex).high if test.typical is not None else None


def lower_limit(test: ObservationTest, value: Measured, sex: str = "") -> Decimal | None:
    """The laboratory's own lower limit, else what is typical where the laboratory gave no range at all."""
    if value.reference_low is not None or value.reference_high is not None:
        return value.reference_low
    return test.typical.of(sex).low if test.typical is not None else None
