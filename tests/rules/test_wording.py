"""Parameters of sentences in words."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.wording import UnknownSentence, label, say
from clinic.wording.render import _Words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("10.00"), "10"),
        (Decimal("1E+1"), "10"),
        (Decimal("0.50"), "0.5"),
        (10.0, "10"),
        (100, "100"),
        (date(2026, 6, 19), "Fri 19 Jun"),
        (datetime(2026, 6, 19, 14, 5, tzinfo=UTC), "Fri 19 Jun 14:05"),
        (time(9, 30), "09:30"),
        (Role.PEER_SUPPORTER, "Peer supporter"),
        (["one", "two", "three"], "one, two and three"),
    ],
)
def test_each_type_of_parameter_reads_as_people_write_it(value: object, words: str) -> None:
    assert _Words("en").words(value) == words


def test_a_list_is_joined_in_the_readers_language() -> None:
    assert _Words("es").words(["uno", "dos"]) == "uno y dos"


def test_a_plural_follows_its_number() -> None:
    assert say(sentence("worklist.late", days=1)) == "1 day late"
    assert say(sentence("worklist.late", days=2)) == "2 days late"


def test_an_unknown_sentence_is_an_error_and_a_missing_parameter_too() -> None:
    with pytest.raises(UnknownSentence):
        say(sentence("no.such.code"))
    with pytest.raises(KeyError):
        say(sentence("refused.too_long"))


def test_labels_come_from_the_catalogue() -> None:
    assert label(Role.NURSE, "es") == "Enfermería"
