"""What a reply leads to: one effect whatever is known, and a machine's answer only where one may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import LANGUAGES
from clinic.wording.store import text_of
from pathways.messages import template
from pathways.rules.replies import (
    Answer,
    Handling,
    Intent,
    Reading,
    ReplyEffect,
    ReplyFacts,
    Sender,
    consequence,
    once_known,
)

READINGS = st.builds(
    Reading, intent=st.sampled_from(Intent), language=st.none(), to_be_read=st.booleans(), courtesy=st.booleans()
)
FACTS = st.builds(
    ReplyFacts, reading=READINGS, sender=st.sampled_from(Sender), waiting=st.integers(0, 3), appointment=st.booleans(),
    wishes=st.booleans(), stopped=st.booleans(), suspended=st.booleans(), automatic=st.booleans(),
)  # fmt: skip


@given(facts=FACTS)
def test_whatever_is_known_there_is_one_effect_and_the_same_again(facts: ReplyFacts) -> None:
    assert consequence(facts).effect in set(ReplyEffect)
    assert consequence(facts) == consequence(facts)


@given(facts=FACTS)
def test_a_machine_is_never_answered(facts: ReplyFacts) -> None:
    if facts.automatic:
        assert (consequence(facts).answer, consequence(facts).needs_person) == (None, False)


@given(facts=FACTS)
def test_after_a_stop_only_start_and_help_are_answered(facts: ReplyFacts) -> None:
    if facts.stopped and facts.reading.intent not in (Intent.START, Intent.HELP):
        assert consequence(facts).answer is None


@given(facts=FACTS)
def test_somebody_unknown_is_told_only_of_stop_and_help_and_a_person_sees_it(facts: ReplyFacts) -> None:
    if facts.sender is Sender.NOBODY and not (facts.automatic or facts.stopped or facts.suspended):
        led = consequence(facts)
        assert led.answer in (None, Answer.STOPPED, Answer.HELP, Answer.DANGER)
        assert led.needs_person


@given(facts=FACTS)
def test_only_a_yes_confirms_and_never_for_one_of_two_who_were_asked(facts: ReplyFacts) -> None:
    if consequence(facts).effect in (ReplyEffect.CONFIRMED, ReplyEffect.ANSWERED):
        assert facts.reading.intent is Intent.CONFIRM
        assert facts.sender is Sender.ONE or facts.waiting == 1
        assert not facts.stopped
        assert not facts.wishes


@given(facts=FACTS)
def test_more_than_thanks_is_read_by_a_person_or_wholly_dealt_with(facts: ReplyFacts) -> None:
    led, read = consequence(facts), facts.reading
    if read.intent in (Intent.FREE_TEXT, Intent.RESCHEDULE, Intent.WRONG_PERSON) and not facts.automatic:
        assert led.needs_person or read.courtesy


@pytest.mark.parametrize("intent", Intent)
def test_once_it_is_known_who_wrote_nothing_is_done_that_was_not_asked(intent: Intent) -> None:
    led = once_known(intent, about_appointment=False, about_contact=False, reachable=False, suspended=False)
    assert led is None or led.needs_person
    assert led is None or led.effect in (ReplyEffect.RESCHEDULE_ASKED, ReplyEffect.PASSED_ON)


@pytest.mark.parametrize("wishes", [True, False])
def test_once_it_is_known_who_wrote_a_yes_counts_but_after_a_wish_of_theirs(wishes: bool) -> None:
    known = {"about_contact": False, "reachable": True, "suspended": False}
    led = once_known(Intent.CONFIRM, about_appointment=True, wishes=wishes, **known)
    assert (led is None) == wishes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("answer", Answer)
def test_every_answer_has_its_words(answer: Answer, channel: str, language: str) -> None:
    assert template(answer, channel, language).language == language


@pytest.mark.parametrize("member", [*ReplyEffect, *Handling, *Intent])
def test_every_effect_and_handling_has_its_words(member: ReplyEffect | Handling | Intent) -> None:
    code = f"label.{type(member).__name__}.{member.value}"
    assert text_of(code, "en") != text_of(code, "es")
