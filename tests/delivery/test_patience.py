"""When a channel stops trying."""

from datetime import timedelta

from pathways.delivery.messages import Detail, Outcome, permanent, temporary, uncertain
from pathways.delivery.patience import MOST_SILENCES, Patience
from pathways.rules.reminders import OutcomeKind

SENT = Outcome(OutcomeKind.SENT)
SILENCE = uncertain(Detail.NO_ANSWER)


def after(*told: tuple[str, Outcome]) -> Patience:
    patience = Patience()
    for group, outcome in told:
        patience.note(group, outcome)
    return patience


def test_what_concerns_one_message_ends_nothing() -> None:
    patience = after(("a", permanent(Detail.BAD_ADDRESS, 550)), ("b", temporary(Detail.BUSY)), ("c", SENT))
    assert (patience.trouble, patience.rest("a")) == (None, None)


def test_what_concerns_the_provider_ends_it_for_everybody_and_hands_on_the_wait() -> None:
    wait = timedelta(minutes=2)
    patience = after(("a", temporary(Detail.TOO_MANY, 429, retry_after=wait)))
    assert patience.rest("b") == temporary(Detail.NOT_TRIED, retry_after=wait)


def test_silences_in_a_row_of_several_groups_end_it_and_an_answer_in_between_does_not() -> None:
    several = [(f"n{number}", SILENCE) for number in range(MOST_SILENCES)]
    assert after(*several).rest("z") == temporary(Detail.NOT_TRIED)
    assert after(*several[:-1], ("b", SENT), *several[:-1]).trouble is None


def test_silences_of_one_group_end_it_for_that_group_alone() -> None:
    patience = after(*[("hangs.example", SILENCE)] * MOST_SILENCES)
    assert patience.rest("hangs.example") == temporary(Detail.NOT_TRIED)
    assert (patience.trouble, patience.rest("well.example")) == (None, None)


def test_a_group_that_answers_again_is_tried_on() -> None:
    before = [("a", SILENCE)] * (MOST_SILENCES - 1)
    assert after(*before, ("a", SENT), *before).rest("a") is None
