"""When a channel stops trying the rest of a window."""

from datetime import timedelta

from pathways.delivery.messages import Detail, Outcome, permanent, temporary, uncertain
from pathways.delivery.patience import MOST_SILENCES, Patience
from pathways.rules.reminders import OutcomeKind

SENT = Outcome(OutcomeKind.SENT)


def after(*outcomes: Outcome) -> Outcome | None:
    patience = Patience()
    for each in outcomes:
        patience.note(each)
    return patience.rest


def test_what_concerns_one_message_does_not_end_the_window() -> None:
    assert after(permanent(Detail.BAD_ADDRESS, 550), temporary(Detail.BUSY), SENT) is None


def test_what_concerns_the_provider_ends_it_and_hands_on_the_wait() -> None:
    wait = timedelta(minutes=2)
    assert after(temporary(Detail.TOO_MANY, 429, retry_after=wait)) == temporary(Detail.NOT_TRIED, retry_after=wait)


def test_a_few_silences_in_a_row_end_it_and_an_answer_in_between_does_not() -> None:
    silence = uncertain(Detail.NO_ANSWER)
    assert after(*[silence] * MOST_SILENCES) == temporary(Detail.NOT_TRIED)
    assert after(*[silence] * (MOST_SILENCES - 1), SENT, *[silence] * (MOST_SILENCES - 1)) is None


def test_a_window_that_took_too_long_begins_nothing_new() -> None:
    assert Patience(longest=-1.0).rest == temporary(Detail.NOT_TRIED)
    assert Patience().rest is None
