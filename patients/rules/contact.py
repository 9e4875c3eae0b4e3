"""How somebody may be reached: addresses in one spelling, and whether one may be used now.

Sources: follow-up.md, "Rules on texting" (own suppression by number and by person; an unverified address gets nothing;
safety calls by a person are not blocked by an opt-out) and 42 CFR Part 2 (nobody else may learn of the treatment).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

import phonenumbers

from clinic.rules.opening_hours import ContactHours, contact_window
from clinic.rules.sentences import Sentence, sentence

LONGEST_PHONE = 40
LONGEST_EMAIL = 254
"""RFC 5321: a path of 256 octets with its two brackets."""
LONGEST_LOCAL_PART = 64
LONGEST_LETTER_ADDRESS = 254
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


# Why an address, or a person's channel, is closed to messages.
STOP_REPLY = "stop_reply"
WRONG_PERSON = "wrong_person"
NOT_DELIVERABLE = "not_deliverable"
SUPPRESSION_REASONS = ("person_asked", WRONG_PERSON, NOT_DELIVERABLE, "safety", STOP_REPLY)
# The most patience one person may be given on every step of a ladder: two weeks (local default).
LONGEST_GRACE_HOURS = 14 * 24


class Channel(StrEnum):
    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    LETTER = "letter"


PHONE_CHANNELS = frozenset({Channel.SMS, Channel.VOICE})


class ConsentDecision(StrEnum):
    """The patient's newest word on being contacted by a channel (separate from a Part 2 consent)."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class UnusableAddress(ValueError):
    """An address that is none, with the sentence that says so."""

    def __init__(self, said: Sentence) -> None:
        self.sentence = said
        super().__init__(said.code)


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What is known at the moment of contact about one contact point and the patient's decisions.

    by_person: a member of staff makes the contact (only they can decide to leave no message).
    safety: the contact is about the patient's safety.
    """

    channel: Channel
    consent: ConsentDecision | None
    address_suppressed: bool
    person_suppressed: bool
    verified: bool
    retired: bool
    ok_to_leave_message: bool
    shared: bool
    by_person: bool = False
    safety: bool = False


@dataclass(frozen=True, slots=True)
class ContactDecision:
    """Whether to contact, why, and whether a message may be left where others might find it."""

    allowed: bool
    leave_message: bool
    reason: Sentence


def may_contact(facts: ContactFacts) -> ContactDecision:
    """Asked again at the moment of sending. The first reason against it is the one given.

    A retired address is never used. A call by a person about safety goes through an opt-out, a missing consent or an
    unverified number, but leaves no message then. Everything else needs: no suppression of the address or the person,
    a consent for the channel in force, a verified address, and, where others share it, leave to write there.
    """
    if facts.retired:
        return _no("retired")
    against = _against(facts)
    if against is None:
        return ContactDecision(True, _may_leave(facts), sentence("contact.allowed", channel=facts.channel))
    if facts.safety and facts.by_person and facts.channel is Channel.VOICE:
        return ContactDecision(True, False, sentence("contact.allowed_safety_call"))
    return _no(against)


def grace_problem(hours: int) -> Sentence | None:
    """Why nobody is given so much more patience: none is negative, and two weeks on each step is the most."""
    if 0 <= hours <= LONGEST_GRACE_HOURS:
        return None
    return sentence("contact.grace", most=LONGEST_GRACE_HOURS // 24)


def hours_problem(opens: time | None, closes: time | None, kept: Collection[ContactHours]) -> Sentence | None:
    """Why these cannot be a person's own contact hours: both ends, in order, and together with those that a site of
    theirs keeps. Where they attend none, any will do."""
    if (opens is None) != (closes is None):
        return sentence("contact.hours.both")
    if opens is None or closes is None:
        return None
    if opens >= closes:
        return sentence("contact.hours.order")
    each_once = dict.fromkeys(kept)
    if not each_once or not all(contact_window(each, ContactHours(opens, closes)).empty for each in each_once):
        return None
    hours = [sentence("contact.hours.from_to", opens=each.opens, closes=each.closes) for each in each_once]
    return sentence("contact.hours.never_meet", hours=hours)


def normalise_phone(text: str, region: str = "US") -> str:
    """A telephone number in E.164 ("+14155550132"), read as dialled in the region. Raises UnusableAddress.

    An extension is refused rather than dropped: the number without it rings somebody else.
    """
    if len(text) > LONGEST_PHONE:
        raise UnusableAddress(sentence("contact.phone.not_a_number"))
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise UnusableAddress(sentence("contact.phone.not_a_number")) from None
    if number.extension:
        raise UnusableAddress(sentence("contact.phone.extension"))
    if any(mark.isalpha() for mark in text):
        raise UnusableAddress(sentence("contact.phone.not_a_number"))
    if not phonenumbers.is_valid_number(number):
        raise UnusableAddress(sentence("contact.phone.not_in_use"))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(text: str) -> str:
    """An e-mail address in one spelling: domain lower case and ASCII, the rest as given. Raises UnusableAddress."""
    local, at, domain = text.strip()[: 2 * LONGEST_EMAIL].rpartition("@")
    plain = _ascii_domain(domain)
    whole = f"{local}@{plain}"
    fits = len(local) <= LONGEST_LOCAL_PART and len(whole) <= LONGEST_EMAIL
    if not at or not fits or not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(plain):
        raise UnusableAddress(sentence("contact.email.not_an_address"))
    return whole


def normalise(channel: Channel, text: str, region: str = "US") -> str:
    """An address of any channel in one spelling. Raises UnusableAddress."""
    if channel in PHONE_CHANNELS:
        return normalise_phone(text, region)
    if channel is Channel.EMAIL:
        return normalise_email(text)
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    whole = "\n".join(lines)
    if not lines or len(whole) > LONGEST_LETTER_ADDRESS or not "".join(lines).isprintable():
        raise UnusableAddress(sentence("contact.letter.not_an_address"))
    return whole


def _against(facts: ContactFacts) -> str | None:
    """The first reason against the contact, as the end of its sentence's code."""
    reasons = (
        (facts.address_suppressed, "address_suppressed"),
        (facts.person_suppressed, "person_suppressed"),
        (facts.consent is ConsentDecision.WITHDRAWN, "consent_withdrawn"),
        (facts.consent is None, "no_consent"),
        (not facts.verified, "not_verified"),
        (_read_by_others(facts), "shared"),
    )
    return next((code for applies, code in reasons if applies), None)


def _read_by_others(facts: ContactFacts) -> bool:
    """A written message on a shared address is a message left; a person who calls can choose to leave none."""
    calls = facts.channel is Channel.VOICE and facts.by_person
    return facts.shared and not facts.ok_to_leave_message and not calls


def _may_leave(facts: ContactFacts) -> bool:
    return facts.channel is not Channel.VOICE or facts.ok_to_leave_message


def _no(code: str) -> ContactDecision:
    return ContactDecision(False, False, sentence(f"contact.refused.{code}"))


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
