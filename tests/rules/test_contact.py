"""Addresses in one spelling, and whether one may be used now."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import LANGUAGES, say
from patients.rules.contact import (
    Channel,
    ConsentDecision,
    ContactFacts,
    UnusableAddress,
    may_contact,
    normalise,
    normalise_email,
    normalise_phone,
)

FINE = ContactFacts(
    channel=Channel.SMS,
    consent=ConsentDecision.GIVEN,
    address_suppressed=False,
    person_suppressed=False,
    verified=True,
    retired=False,
    ok_to_leave_message=True,
    shared=False,
)


def why(facts: ContactFacts) -> str:
    return may_contact(facts).reason.code.removeprefix("contact.")


@pytest.mark.parametrize(
    "written", ["(415) 555-0132", "415.555.0132", "+1 415 555 0132", "1-415-555-0132", " 4155550132 "]
)
def test_a_phone_number_has_one_spelling(written: str) -> None:
    assert normalise_phone(written) == "+14155550132"


def test_a_number_is_read_as_dialled_in_its_region() -> None:
    assert normalise_phone("612 345 678", "ES") == "+34612345678"
    assert normalise_phone("+34 612 345 678", "US") == "+34612345678"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "not_a_number"),
        ("   ", "not_a_number"),
        ("none", "not_a_number"),
        ("call my sister", "not_a_number"),
        ("1-800-FLOWERS", "not_a_number"),
        ("4" * 41, "not_a_number"),
        ("12", "not_in_use"),
        ("555-0132", "not_in_use"),
        ("+1 000 000 0000", "not_in_use"),
        ("+999 12345678", "not_a_number"),
        ("(415) 555-0132 ext. 5", "extension"),
        ("\x00\ud800", "not_a_number"),
    ],
)
def test_a_phone_that_is_none_is_refused_with_one_sentence(written: str, code: str) -> None:
    with pytest.raises(UnusableAddress) as refused:
        normalise_phone(written)
    assert refused.value.sentence.code == f"contact.phone.{code}"
    assert all(say(refused.value.sentence, language) for language in LANGUAGES)


def test_a_number_without_its_region_is_refused() -> None:
    with pytest.raises(UnusableAddress):
        normalise_phone("4155550132", "nowhere")


def test_an_email_address_keeps_its_name_and_folds_its_domain() -> None:
    assert normalise_email("  Ana.Ruiz+clinic@Mail.Example.ORG ") == "Ana.Ruiz+clinic@mail.example.org"
    assert normalise_email("ana@müller.example") == "ana@xn--mller-kva.example"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "ana@@example.org",
        "a na@example.org",
        "ana@exa mple.org",
        "ana..ruiz@example.org",
        ".ana@example.org",
        "ana@-example.org",
        "ana@example..org",
        "ana@example.org\nBcc: all@example.org",
        "Ana <ana@example.org>",
        "ana@example.org, eva@example.org",
        "añ@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 300 + ".org",
        "a@" + "b." * 200 + "org",
        "\x00@example.org",
        "ana@\ud800.org",
        "ana@[127.0.0.1]",
    ],
)
def test_an_email_that_is_none_is_refused_with_one_sentence(written: str) -> None:
    with pytest.raises(UnusableAddress) as refused:
        normalise_email(written)
    assert say(refused.value.sentence).startswith("This is not an e-mail address.")


@given(st.text(), st.sampled_from(Channel))
def test_any_text_is_either_an_address_or_refused(text: str, channel: Channel) -> None:
    try:
        found = normalise(channel, text)
    except UnusableAddress:
        return
    assert normalise(channel, found) == found
    assert len(found) <= 254


def test_each_channel_has_its_own_spelling() -> None:
    assert normalise(Channel.SMS, "(415) 555-0132") == "+14155550132"
    assert normalise(Channel.VOICE, "(415) 555-0132") == "+14155550132"
    assert normalise(Channel.EMAIL, "a@EXAMPLE.org") == "a@example.org"
    assert normalise(Channel.LETTER, " 12  Elm Street \n\n Reno NV ") == "12 Elm Street\nReno NV"
    for nothing in ("", " \n ", "12 Elm\x00", "x" * 255):
        with pytest.raises(UnusableAddress):
            normalise(Channel.LETTER, nothing)


def test_a_verified_address_with_consent_may_be_used() -> None:
    decision = may_contact(FINE)
    assert (decision.allowed, decision.leave_message) == (True, True)
    assert say(decision.reason) == "May be contacted by text message."


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"retired": True}, "retired"),
        ({"address_suppressed": True}, "address_suppressed"),
        ({"person_suppressed": True}, "person_suppressed"),
        ({"consent": ConsentDecision.WITHDRAWN}, "consent_withdrawn"),
        ({"consent": None}, "no_consent"),
        ({"verified": False}, "not_verified"),
        ({"shared": True, "ok_to_leave_message": False}, "shared"),
    ],
)
@pytest.mark.parametrize("channel", Channel)
def test_each_reason_against_stops_every_channel(channel: Channel, changes: dict[str, object], code: str) -> None:
    facts = replace(FINE, channel=channel, **changes)  # type: ignore[arg-type]
    decision = may_contact(facts)
    assert (decision.allowed, decision.leave_message) == (False, False)
    assert why(facts) == f"refused.{code}"
    assert all(say(decision.reason, language) for language in LANGUAGES)


def test_a_shared_address_may_be_written_to_with_leave() -> None:
    assert may_contact(replace(FINE, shared=True)).allowed


def test_a_person_may_call_a_shared_phone_but_leaves_no_message_without_leave() -> None:
    facts = replace(FINE, channel=Channel.VOICE, shared=True, ok_to_leave_message=False, by_person=True)
    decision = may_contact(facts)
    assert (decision.allowed, decision.leave_message) == (True, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"address_suppressed": True},
        {"person_suppressed": True},
        {"consent": ConsentDecision.WITHDRAWN},
        {"consent": None},
        {"verified": False},
    ],
)
def test_a_call_about_safety_by_a_person_goes_through_and_leaves_no_message(changes: dict[str, object]) -> None:
    facts = replace(FINE, channel=Channel.VOICE, by_person=True, safety=True, **changes)  # type: ignore[arg-type]
    decision = may_contact(facts)
    assert (decision.allowed, decision.leave_message) == (True, False)
    assert why(facts) == "allowed_safety_call"
    assert all(say(decision.reason, language) for language in LANGUAGES)


def test_safety_does_not_open_a_retired_number_a_text_or_an_automatic_call() -> None:
    withdrawn = replace(FINE, consent=ConsentDecision.WITHDRAWN, by_person=True, safety=True)
    assert not may_contact(withdrawn).allowed
    assert not may_contact(replace(withdrawn, channel=Channel.VOICE, retired=True)).allowed
    assert not may_contact(replace(withdrawn, channel=Channel.VOICE, by_person=False)).allowed


def test_nothing_automatic_ever_goes_against_a_decision_of_the_patient() -> None:
    flags = product(Channel, [None, *ConsentDecision], *[[False, True]] * 7)
    for channel, consent, one, two, verified, retired, leave, shared, safety in flags:
        facts = ContactFacts(channel, consent, one, two, verified, retired, leave, shared, safety=safety)
        against = one or two or retired or not verified or consent is not ConsentDecision.GIVEN
        assert may_contact(facts).allowed == (not against and (leave or not shared))
