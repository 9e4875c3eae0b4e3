"""What people write back, in both languages, and what it is taken for."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.replies import Awaits, Intent, own_words, read, storable
from pathways.rules.replies.words import CANCELS, STOP_ALONE, STOP_FIRST

I = Intent  # noqa: E741
ASKED = Awaits.APPOINTMENT

DATA = Path(__file__).parent / "data"
TAKEN_FOR = {
    Intent(intent): texts for intent, texts in yaml.safe_load((DATA / "replies.yaml").read_text("utf-8")).items()
}
PHRASES = [(text, intent) for intent, texts in TAKEN_FOR.items() for text in texts]


@pytest.mark.parametrize(("text", "intent"), PHRASES, ids=[f"{text!r} is {intent}" for text, intent in PHRASES])
def test_in_answer_to_an_appointment(text: str, intent: Intent) -> None:
    assert read(text, awaits=ASKED, names=["Tobias", "Quillfeather"]).intent is intent


@pytest.mark.parametrize("text", TAKEN_FOR[I.CONFIRM])
def test_a_yes_to_nothing_is_for_a_person(text: str) -> None:
    assert read(text, awaits=Awaits.NOTHING).intent is I.FREE_TEXT


@pytest.mark.parametrize("text", TAKEN_FOR[I.CONFIRM])
def test_a_yes_after_a_stop_is_for_a_person(text: str) -> None:
    taken = read(text, awaits=ASKED, stopped=True)
    assert (taken.intent, taken.to_be_read) == (I.FREE_TEXT, True)


@pytest.mark.parametrize("text", ["No", "no, gracias", "N", "can't", "no puedo"])
def test_a_no_calls_off_an_appointment_and_nothing_else(text: str) -> None:
    assert read(text, awaits=Awaits.APPOINTMENT).intent is I.RESCHEDULE
    assert read(text, awaits=Awaits.CONTACT).intent is I.FREE_TEXT
    assert read(text, awaits=Awaits.NOTHING).intent is I.FREE_TEXT


@pytest.mark.parametrize("awaits", Awaits)
@pytest.mark.parametrize("text", TAKEN_FOR[I.STOP])
def test_an_opt_out_needs_no_question_before_it(text: str, awaits: Awaits) -> None:
    assert read(text, awaits=awaits).intent is I.STOP


@pytest.mark.parametrize(
    "text", ["stop. I moved away", "Stop texting me, I moved to Ohio", "cancel asap", "STOP I relapsed"]
)
def test_an_opt_out_that_says_more_is_read_by_a_person_too(text: str) -> None:
    taken = read(text, awaits=ASKED)
    assert (taken.intent, taken.to_be_read) == (I.STOP, True)


@pytest.mark.parametrize(
    "text", ["STOP PLEASE", "Please stop texting me", "BAJA", "no me escriba más", "ya no quiero mensajes", "opt-out"]
)
def test_a_plain_opt_out_needs_nobody(text: str) -> None:
    assert not read(text, awaits=ASKED).to_be_read


@pytest.mark.parametrize("text", ["thanks", "Thank you!", "muchas gracias", "gracias", "thanks, good evening"])
def test_thanks_alone_need_nobody(text: str) -> None:
    taken = read(text, awaits=Awaits.NOTHING)
    assert (taken.intent, taken.courtesy, taken.to_be_read) == (I.FREE_TEXT, True, False)


@pytest.mark.parametrize(
    ("text", "language"),
    [("STOP", None), ("START", None), ("help", None), ("N", None), ("no", None), ("Y", None), ("no problem", "en"),
     ("baja", "es"), ("ayuda", "es"), ("sí", "es"), ("yes", "en"), ("c", None), ("Gracias, ¿a qué hora es?", "es"),
     ("What time is it?", "en"), ("👍", None), ("no puedo ir", "es"), ("ok gracias", "es")],
)  # fmt: skip
def test_the_language_of_the_words(text: str, language: str | None) -> None:
    assert read(text, awaits=ASKED).language == language


MAILS = yaml.safe_load((DATA / "replies_by_mail.yaml").read_text("utf-8"))


@pytest.mark.parametrize("how", MAILS)
def test_a_yes_is_a_yes(how: str) -> None:
    assert read(MAILS[how], awaits=ASKED).intent is I.CONFIRM, own_words(MAILS[how])


def test_a_stop_below_what_is_quoted_is_a_stop() -> None:
    mail = "On Tue, Jun 16, 2026 the office wrote:\n> see you Tuesday\n\nStop writing to me"
    assert read(mail, awaits=ASKED).intent is I.STOP


def test_an_answer_with_nothing_but_our_message_is_for_a_person() -> None:
    empty = "\n\n-----Original Message-----\nFrom: the office\nReply STOP to opt out."
    assert own_words(empty) == ""
    assert read(empty, awaits=ASKED).intent is I.FREE_TEXT


def test_what_the_database_cannot_hold_is_left_out() -> None:
    assert storable("a\x00b\ud800\r\nc\x07 👍🏽") == "ab?\nc 👍🏽"
    assert len(storable("x" * 1_000_000)) == 10_000


STOPS = sorted(frozenset().union(*STOP_FIRST.values(), *STOP_ALONE.values()))
BEFORE = st.sampled_from(["", "please ", "Hi, ", "Hello, please ", "ok ", "hola, ", "por favor ", "Buenos días, "])
AFTER = st.sampled_from(
    ["", " please", " thanks", "!", "...", ", thank you", " por favor", " gracias", "\n\n", " 🙏", " now"]
)
CASES = st.sampled_from([str.lower, str.upper, str.title, str])
AROUND = st.text(max_size=30)
YES = st.sampled_from(["yes", "C", "sí", "ok", "👍", "confirm", "see you then", "Yes, I will be there"])


@given(before=BEFORE, stop=st.sampled_from(STOPS), after=AFTER, case=CASES, awaits=st.sampled_from(Awaits))
def test_politeness_around_a_stop_changes_nothing(
    before: str, stop: str, after: str, case: object, awaits: Awaits
) -> None:
    assert callable(case)
    assert read(before + case(stop) + after, awaits=awaits).intent is I.STOP


@given(text=st.text(max_size=400), awaits=st.sampled_from(Awaits), stopped=st.booleans())
def test_any_text_has_exactly_one_intent(text: str, awaits: Awaits, stopped: bool) -> None:
    taken = read(text, awaits=awaits, stopped=stopped)
    assert taken.intent in set(Intent)
    assert taken == read(text, awaits=awaits, stopped=stopped)
    if taken.intent is I.CONFIRM:
        assert awaits is not Awaits.NOTHING
        assert not stopped


@given(yes=YES, before=AROUND, stop=st.sampled_from(STOPS), after=AROUND, first=st.booleans())
def test_nothing_with_a_stop_in_it_is_a_confirmation(yes: str, before: str, stop: str, after: str, first: bool) -> None:
    text = f"{yes} {before} {stop} {after}" if first else f"{before} {stop} {after} {yes}"
    own = own_words(text)
    if stop in own:  # not in what is quoted
        assert read(text, awaits=ASKED).intent is not I.CONFIRM


@given(before=st.sampled_from(["", "please ", "I need to "]), word=st.sampled_from(sorted(CANCELS)))
def test_a_visit_that_is_called_off_is_no_opt_out(before: str, word: str) -> None:
    what = "my appointment" if word == "cancel" else "mi cita"
    assert read(f"{before}{word} {what}", awaits=ASKED).intent is I.RESCHEDULE
