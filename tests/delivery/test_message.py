"""What goes into a channel."""

import pytest

from clinic.wording import codes
from pathways.delivery import Detail, Message


def test_a_reference_that_is_no_uuid_is_refused() -> None:
    for reference in ("../../etc/passwd", "x", "8D5C2F7E-6B5E-4C55-9A70-4A2C5B9B3C11", ""):
        with pytest.raises(ValueError):
            Message(reference=reference, channel="sms", to="+1", sender="+1", text="x")


def test_every_detail_of_an_outcome_has_words() -> None:
    missing = [each for each in Detail if each and f"label.Detail.{each.value}" not in codes()]
    assert missing == []
