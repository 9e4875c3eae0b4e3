"""What automatic messages may say, and that the shipped ones say no more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.discretion import forbidden_words, gsm_length, name_problem, sender_problem
from clinic.wording import say
from pathways.messages import UnknownTemplate, keys, link_of, linked, linked_templates, template, templates
from pathways.rules.messages import (
    LONGEST_LINK,
    LONGEST_MERGE,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    Template,
    fits_one_segment,
    lint,
    longest_length,
    render,
)

FIELDS = {
    "discreet_name": "Harbor House",
    "given_name": "Ana",
    "day": "Fri 19 Jun",
    "time": "14:00",
    "phone": "+12025550100",
}
PLAIN = Template("x.y", "sms", "en", 1, "{discreet_name}: call {phone}. Reply STOP to opt out.")
LETTER = Template("x.y", "email", "en", 1, "Hello {given_name}, call {phone}. {discreet_name}", subject="A note")


def codes(found: Template) -> list[str]:
    return [each.sentence.code for each in lint(found)]


def test_the_shipped_templates_have_no_problem_in_either_language() -> None:
    assert keys() == {
        "appointment.reminder",
        "follow_up.after_discharge",
        "follow_up.check_in",
        "follow_up.checkup",
        "follow_up.closer",
        "follow_up.questionnaire",
        "follow_up.visit",
        "follow_up.welcome",
        "reply.confirmed",
        "reply.danger",
        "reply.help",
        "reply.passed_on",
        "reply.please_call",
        "reply.started",
        "reply.stopped",
        "reply.wrong_person",
    }
    assert {(each.channel, each.language) for each in templates()} == {
        (channel, language) for channel in ("sms", "email") for language in ("en", "es")
    }
    assert len(templates()) == len(keys()) * 4
    assert [lint(each) for each in templates()] == [()] * len(templates())


@pytest.mark.parametrize("key", sorted(key for key in keys() if key.startswith("reply.")))
@pytest.mark.parametrize("field", ["{given_name}", "{day}", "{time}"])
def test_what_goes_back_to_whoever_wrote_names_nobody(key: str, field: str) -> None:
    named_by_a_person = (key, field) == ("reply.please_call", "{given_name}")
    found = replace(PLAIN, key=key, text=f"{PLAIN.text} {field}")
    assert codes(found) == ([] if named_by_a_person else ["message.field.unknown"])
    letter = replace(LETTER, key=key, text="Call {phone}. {discreet_name}", subject=f"A note {field}")
    assert codes(letter) == ([] if named_by_a_person else ["message.field.unknown"])


def test_a_shipped_text_message_is_one_segment_at_its_longest() -> None:
    for each in (*templates(), *linked_templates()):
        if each.channel == "sms":
            longest = {name: "W" * limit for name, limit in LONGEST_MERGE.items()}
            assert fits_one_segment(render(each, longest).text)


def test_the_shipped_words_that_give_a_link_stand_beside_those_without() -> None:
    assert {(each.key, each.link) for each in linked_templates()} == {
        ("appointment.reminder", "appointment"),
        ("follow_up.questionnaire", "questionnaire"),
    }
    assert all(each.holds_link and not lint(each) for each in linked_templates())
    assert not any(each.holds_link for each in templates())
    assert link_of("follow_up.visit") == ""
    assert linked("follow_up.visit", "sms", "en") is None
    assert linked("appointment.reminder", "sms", "fr") == linked("appointment.reminder", "sms", "en")


def test_a_language_that_is_not_kept_falls_back_to_english() -> None:
    assert template("follow_up.check_in", "sms", "fr") == template("follow_up.check_in", "sms", "en")
    assert template("follow_up.check_in", "sms", "es").language == "es"
    with pytest.raises(UnknownTemplate):
        template("follow_up.nothing", "sms", "en")


def test_the_digest_follows_the_words() -> None:
    assert PLAIN.digest != replace(PLAIN, text=PLAIN.text + " ").digest
    assert LETTER.digest != replace(LETTER, subject="Another note").digest
    assert PLAIN.digest == replace(PLAIN, version=2).digest


@pytest.mark.parametrize(
    "text",
    [
        "your recovery plan",
        "RECOVERING well?",
        "su recuperación",
        "kratom",
        "your drug screen",
        "group at 6",
        "take your medication",
        "su medicamento",
        "Dr. Lee, psychiatry",
        "adicción",
        "re\u00adhab",
        "grupo",
        "trátamiento",
        "the clinic",
        "la clínica",
    ],
)
def test_a_telling_word_is_found_in_either_language(text: str) -> None:
    assert forbidden_words(text)
    assert "message.word" in codes(replace(PLAIN, text=f"{PLAIN.text} {text}"))
    assert "message.word" in codes(replace(LETTER, subject=text))


@pytest.mark.parametrize(
    "text",
    [
        "d.r.u.g",
        "D R U G S",
        "k-r-a-t-o-m",
        "re.hab",
        "re-hab",
        "re_covery",
        "re\u200bhab",
        "кratom",
        "аddiction",
        "ｋｒａｔｏｍ",
        "kr4tom",
        "dr0gas",
        "p1lls",
        "pi11s",
        "m3d1cation",
        "metad0na",
        "tr@tamiento",
    ],
)
def test_a_telling_word_is_found_however_it_is_spelled(text: str) -> None:
    assert forbidden_words(text)
    assert "message.word" in codes(replace(LETTER, text=f"{LETTER.text} {text}"))


@given(word=st.sampled_from(["kratom", "recovery", "tratamiento", "rehab", "methadone"]), data=st.data())
def test_signs_between_the_letters_hide_no_telling_word(word: str, data: st.DataObject) -> None:
    signs = data.draw(st.lists(st.sampled_from(["", ".", "-", "_", "*", "\u200b", "\u00ad"]), min_size=len(word)))
    assert forbidden_words("".join(letter + sign for letter, sign in zip(word, signs, strict=False)).strip(".-_*"))


@pytest.mark.parametrize(
    "text", ["10:00 a.m. to 2 p.m.", "Room 5, No. 12-B", "e-mail us by 5", "A4 paper", "24h, 7 days", "call us at 3!"]
)
def test_times_numbers_and_signs_are_no_telling_words(text: str) -> None:
    assert not forbidden_words(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\u200bnote", "message.hidden"),
        ("a\x00note", "message.hidden"),
        ("a\u202enote", "message.hidden"),
        ("\ud800", "message.hidden"),
        ("дом", "message.script"),
        ("λόγος", "message.script"),
        ("mailto:hello", "message.link"),
        ("tel:555", "message.link"),
        ("http:/x", "message.link"),
        ("riverbend (dot) org", "message.link"),
        ("riverbend punto com", "message.link"),
        ("10.0.0.1", "message.link"),
        ("{link}", "message.field.no_link"),
        ("x" * LONGEST_TEXT, "message.too_long"),
    ],
)
def test_what_an_e_mail_may_not_hold_is_named(text: str, code: str) -> None:
    found = lint(replace(LETTER, text=f"{LETTER.text} {text}"))
    assert code in [each.sentence.code for each in found]
    assert all(say(each.sentence, language) for each in found for language in ("en", "es"))


def test_a_link_stands_only_in_the_text_of_a_message_that_has_one_to_give() -> None:
    able = replace(LETTER, link="appointment")
    assert codes(replace(able, text=f"{able.text} {{link}}")) == []
    assert codes(replace(able, subject="{link}")) == ["message.field.no_link"]
    assert not able.holds_link
    assert replace(able, text="{link}").holds_link
    filled = render(replace(able, text="{link}"), {"link": "https://go.example/l/x/"})
    assert filled.text == "https://go.example/l/x/"
    with pytest.raises(ValueError, match="longer"):
        render(replace(able, text="{link}"), {"link": "x" * (LONGEST_LINK + 1)})


def test_a_subject_fits_its_line_at_its_longest() -> None:
    assert codes(replace(LETTER, subject="{given_name}" * 6)) == []
    assert codes(replace(LETTER, subject="{given_name}" * 7)) == ["message.too_long"]
    assert LONGEST_SUBJECT < 200


def test_the_length_at_the_longest_merge_is_counted_in_septets_or_else_in_units() -> None:
    found = longest_length("{phone} ok")
    assert found is not None and (found.used, found.left, found.in_alphabet) == (23, 137, True)
    other = longest_length("así {time}")
    assert other is not None and (other.used, other.limit, other.in_alphabet) == (12, 70, False)
    assert longest_length("{reason}") is None
    assert longest_length("{0}") is None
    assert longest_length("{phone") is None


@pytest.mark.parametrize(
    ("sender", "fine"),
    [
        ("+12025550100", True),
        ("Riverbend", True),
        ("Riverbend <hello@times.riverbend.example>", True),
        ("REHAB", False),
        ("hello@harborrecovery.example", False),
        ("Harbor Clinic <hello@harbor.example>", False),
        ("go.drugfree.example", False),
        ("ноmе.example", False),
    ],
)
def test_a_sender_is_as_discreet_as_the_message(sender: str, fine: bool) -> None:
    assert (sender_problem(sender) is None) is fine


@pytest.mark.parametrize(
    "text", ["See you soon", "A note for you", "nos gustaría saber de usted", "falta poco", "label"]
)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert not forbidden_words(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("see https://a.example/x", "message.link"),
        ("see www.a.example", "message.link"),
        ("see a.com/x", "message.link"),
        ("{reason}", "message.field.unknown"),
        ("{phone!r}", "message.field.unknown"),
        ("{phone.real}", "message.field.unknown"),
        ("{phone:>300}", "message.field.unknown"),
        ("{0}", "message.field.unknown"),
        ("{}", "message.field.unknown"),
        ("{phone", "message.field.malformed"),
        ("}", "message.field.malformed"),
        ("x" * 80, "message.too_long"),
        ("así", "message.alphabet"),
    ],
)
def test_a_text_message_that_may_not_be_sent_is_named(text: str, code: str) -> None:
    found = lint(replace(PLAIN, text=f"{PLAIN.text} {text}"))
    assert code in [each.sentence.code for each in found]
    assert all(say(each.sentence, language) for each in found for language in ("en", "es"))


@pytest.mark.parametrize("missing", ["{discreet_name}", "{phone}", "STOP"])
def test_a_text_message_names_who_writes_whom_to_call_and_how_to_stop_it(missing: str) -> None:
    assert "message.lacks" in codes(replace(PLAIN, text=PLAIN.text.replace(missing, "us")))


@pytest.mark.parametrize(
    ("missing", "english", "spanish"),
    [
        ("{discreet_name}", "It has to name the sender: {discreet_name} is missing.",
         "Tiene que nombrar a quien escribe: falta {discreet_name}."),
        ("STOP", "It has to say how to stop messages: STOP is missing.",
         "Tiene que decir cómo dejar de recibir mensajes: falta STOP."),
    ],
)  # fmt: skip
def test_what_a_message_has_to_say_is_told_in_plain_words(missing: str, english: str, spanish: str) -> None:
    found = lint(replace(PLAIN, text=PLAIN.text.replace(missing, "us")))
    [lacking] = [each.sentence for each in found if each.sentence.code == "message.lacks"]
    assert (say(lacking, "en"), say(lacking, "es")) == (english, spanish)


@pytest.mark.parametrize("missing", ["{day}", "{time}"])
def test_a_reminder_of_an_appointment_names_its_day_and_its_time(missing: str) -> None:
    whole = template("appointment.reminder", "sms", "en")
    without = replace(whole, text=whole.text.replace(missing, "soon"))
    assert (codes(whole), codes(without)) == ([], ["message.lacks"])
    assert whole.keeps_to_its_fields and not without.keeps_to_its_fields


def test_email_has_a_subject_of_one_line_and_a_text_message_none() -> None:
    assert codes(LETTER) == []
    assert codes(replace(LETTER, subject=None)) == ["message.subject"]
    assert codes(replace(LETTER, subject="a\nb")) == ["message.subject_lines"]
    assert codes(replace(PLAIN, subject="a")) == ["message.subject"]
    assert codes(replace(PLAIN, channel="pigeon")) == ["message.channel"]


def test_merging_fills_every_field_and_refuses_what_is_not_in_the_list() -> None:
    assert render(PLAIN, FIELDS).text == "Harbor House: call +12025550100. Reply STOP to opt out."
    assert render(LETTER, FIELDS).subject == "A note"
    with pytest.raises(ValueError, match="lacks phone"):
        render(PLAIN, {"discreet_name": "Harbor House"})
    with pytest.raises(ValueError, match="may not be merged"):
        render(PLAIN, {**FIELDS, "diagnosis": "F19"})
    with pytest.raises(ValueError, match="control"):
        render(LETTER, {**FIELDS, "given_name": "Ana\r\nBcc: x@y.example"})
    with pytest.raises(ValueError, match="longer"):
        render(PLAIN, {**FIELDS, "phone": "1" * 21})


def test_braces_in_a_field_stay_braces() -> None:
    assert "{phone}" in render(LETTER, {**FIELDS, "given_name": "{phone}"}).text


def test_letters_a_text_message_cannot_carry_lose_their_accents() -> None:
    named = replace(PLAIN, text="{discreet_name} {given_name} {phone} STOP")
    words = render(named, {**FIELDS, "given_name": "María José", "discreet_name": "Puerto Ñandú"}).text
    assert words.startswith("Puerto Ñandu Maria José")
    assert render(LETTER, {**FIELDS, "given_name": "María"}).text.startswith("Hello María")


@given(name=st.text(max_size=60).filter(lambda each: each.isprintable()))
def test_no_given_name_makes_a_second_segment(name: str) -> None:
    named = replace(PLAIN, text="{discreet_name}: {given_name}, call {phone}. Reply STOP to opt out.")
    assert fits_one_segment(render(named, {**FIELDS, "given_name": name}).text)


def test_lengths_are_counted_in_the_alphabet_of_text_messages() -> None:
    assert gsm_length("abc") == 3
    assert gsm_length("€[") == 4
    assert gsm_length("á") is None
    assert fits_one_segment("x" * 160)
    assert not fits_one_segment("x" * 161)
    assert fits_one_segment("я" * 70)
    assert not fits_one_segment("я" * 71)
    assert not fits_one_segment("😀" * 36)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Harbor House", None),
        ("Casa Muñoz", None),
        ("Harbor Recovery", "message.word"),
        ("Harbor Clinic", "message.word"),
        ("harbor.org", "message.link"),
        ("Гавань", "message.alphabet"),
        ("x" * 41, "message.name_too_long"),
    ],
)
def test_a_discreet_name_is_discreet(name: str, code: str | None) -> None:
    problem = name_problem(name)
    assert (problem.code if problem else None) == code
