"""Words of danger in what somebody wrote: they win over everything but an opt-out, and a person looks at once."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.replies import (
    Answer,
    Awaits,
    Intent,
    Reading,
    ReplyEffect,
    ReplyFacts,
    Sender,
    consequence,
    read,
)

DATA = Path(__file__).parent / "data"
ENGLISH = [
    "I want to kill myself", "help me I want to die", "I'm suicidal", "SUICIDE", "i dont want to live anymore",
    "yes but I overdosed last night", "I am better off dead", "took too many pills", "he is beating me",
    "I can't breathe", "there's no reason to live", "gonna end it all", "c, I was cutting myself again",
    "wish I was never born", "I'm dying", "please call 911", "I will kill him",
]  # fmt: skip
SPANISH = [
    "quiero morir", "me quiero matar", "ya no quiero vivir", "sobredosis", "Quiero morirme", "me voy a suicidar",
    "no puedo respirar", "pienso en quitarme la vida", "tomé demasiadas pastillas", "no vale la pena vivir",
    "voy a hacerme daño", "llamen al 911",
]  # fmt: skip
PLAIN = [
    "dying to see you", "I'm dying of laughter", "killing time before the group", "dead tired today",
    "I want to stop using", "me muero de risa", "quiero morirme de risa", "I don't want to live with my brother",
    "took my meds", "how much too much?", "STOP", "C", "no puedo ir",
    "my phone died", "better off on Tuesday", "I want to try", "todo bien",
    "no",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language"), [*((each, "en") for each in ENGLISH), *((each, "es") for each in SPANISH)]
)
@pytest.mark.parametrize("awaits", Awaits)
def test_words_of_danger_are_read_whatever_was_asked(text: str, language: str, awaits: Awaits) -> None:
    taken = read(text, awaits=awaits)
    assert (taken.intent, taken.urgent, taken.to_be_read, taken.language) == (Intent.FREE_TEXT, True, True, language)


@pytest.mark.parametrize("text", yaml.safe_load((DATA / "danger.yaml").read_text("utf-8")))
def test_so_are_these(text: str) -> None:
    assert read(text, awaits=Awaits.APPOINTMENT).urgent


@pytest.mark.parametrize("text", yaml.safe_load((DATA / "no_danger.yaml").read_text("utf-8")))
def test_a_figure_of_speech_is_no_alarm(text: str) -> None:
    assert not read(text, awaits=Awaits.APPOINTMENT).urgent


@pytest.mark.parametrize("text", PLAIN)
def test_plain_talk_is_no_alarm(text: str) -> None:
    assert not read(text, awaits=Awaits.APPOINTMENT).urgent


@pytest.mark.parametrize("text", ["STOP I want to die", "baja, quiero morir"])
def test_beside_an_opt_out_both_count(text: str) -> None:
    taken = read(text, awaits=Awaits.APPOINTMENT)
    assert (taken.intent, taken.urgent) == (Intent.STOP, True)


@given(
    intent=st.sampled_from([Intent.STOP, Intent.FREE_TEXT]),
    sender=st.sampled_from(Sender),
    stopped=st.booleans(),
    suspended=st.booleans(),
    waiting=st.integers(0, 3),
)
def test_words_of_danger_always_wait_for_a_person(
    intent: Intent, sender: Sender, stopped: bool, suspended: bool, waiting: int
) -> None:
    reading = Reading(intent, to_be_read=True, urgent=True)
    assert consequence(
        ReplyFacts(reading=reading, sender=sender, stopped=stopped, suspended=suspended, waiting=waiting)
    ).needs_person


def test_they_are_answered_with_where_help_is() -> None:
    led = consequence(ReplyFacts(reading=Reading(Intent.FREE_TEXT, urgent=True), sender=Sender.ONE))
    assert (led.effect, led.answer) == (ReplyEffect.PASSED_ON, Answer.DANGER)


@pytest.mark.parametrize("sender", Sender)
@pytest.mark.parametrize("stopped", [True, False])
def test_a_stop_and_its_like_hold_back_no_word_of_where_help_is(sender: Sender, stopped: bool) -> None:
    for intent in (Intent.STOP, Intent.FREE_TEXT):
        led = consequence(ReplyFacts(reading=Reading(intent, urgent=True), sender=sender, stopped=stopped))
        assert led.answer is Answer.DANGER
