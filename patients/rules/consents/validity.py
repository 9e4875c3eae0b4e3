"""Whether a consent holds, and what it covers. Computed at the moment of use, never stored (42 CFR 2.31)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.rules.sentences import Sentence, sentence
from patients.rules.consents.words import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    DisclosureCategory,
    RecipientClass,
)

Span = tuple[date, date | None]
"""First and last day of one course of treatment; None while it goes on."""


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """What one consent says, and what became of it."""

    kind: ConsentKind
    categories: frozenset[DisclosureCategory]
    recipient_class: RecipientClass
    purposes: frozenset[ConsentPurpose]
    expiry: ConsentExpiry
    signed_on: date
    effective_at: datetime
    recipient: str = ""
    purpose_text: str = ""
    expires_on: date | None = None
    ended_on: date | None = None
    revoked_at: datetime | None = None
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is to receive: a class, and the name where the release goes to somebody by name."""

    recipient_class: RecipientClass
    name: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a consent holds at a moment, why, and the last day it will hold by what is known now."""

    holds: bool
    why: Sentence
    until: date | None = None


def standing(consent: SignedConsent, at: datetime, today: date, treatment_ended_on: date | None = None) -> Standing:
    """Whether the consent holds at `at`, in words. `today` is the day of `at` where the clinic is.

    `treatment_ended_on`: the first day on or after signing on which treatment was over (`end_of_treatment`).
    """
    if at < consent.effective_at:
        return Standing(False, sentence("part2.standing.not_yet", on=consent.effective_at.date()))
    if consent.revoked_at is not None and at >= consent.revoked_at:
        return Standing(False, sentence("part2.standing.revoked", on=consent.revoked_at.date()))
    if consent.replaced_at is not None and at >= consent.replaced_at:
        return Standing(False, sentence("part2.standing.replaced", on=consent.replaced_at.date()))
    return _EXPIRIES[consent.expiry](consent, today, treatment_ended_on)


def over_from(expiry: ConsentExpiry, ended_on: date) -> date:
    """The first day on which a consent holds no longer that somebody ended on this day: an event ends it with the
    beginning of its day, treatment with the end of its own."""
    return ended_on if expiry is ConsentExpiry.EVENT else ended_on + timedelta(days=1)


def in_force(consent: SignedConsent, at: datetime, today: date, treatment_ended_on: date | None = None) -> bool:
    """Whether the consent holds at this moment."""
    return standing(consent, at, today, treatment_ended_on).holds


def covers(
    consent: SignedConsent,
    recipient: Recipient,
    purpose: ConsentPurpose,
    category: DisclosureCategory,
    at: datetime,
    *,
    today: date,
    treatment_ended_on: date | None = None,
    purpose_text: str = "",
) -> bool:
    """Whether one category may be told to this recipient for this purpose at this moment.

    `purpose_text` is asked where the purpose is *other*: it must be the one that was signed.
    """
    return (
        in_force(consent, at, today, treatment_ended_on)
        and covers_recipient(consent, recipient)
        and covers_purpose(consent, purpose, purpose_text)
        and covers_category(consent, category)
    )


def covers_recipient(consent: SignedConsent, recipient: Recipient) -> bool:
    """The class must be the one signed; where the consent names somebody, the name too."""
    if consent.recipient_class is not recipient.recipient_class:
        return False
    return not consent.recipient or _same(consent.recipient, recipient.name)


def covers_purpose(consent: SignedConsent, purpose: ConsentPurpose, purpose_text: str = "") -> bool:
    """The purpose must be one of those signed; *other* only in the words that were signed."""
    if purpose not in consent.purposes:
        return False
    return purpose is not ConsentPurpose.OTHER or _same(consent.purpose_text, purpose_text)


def covers_category(consent: SignedConsent, category: DisclosureCategory) -> bool:
    """Counseling notes only by their own consent; the rest by name or by "everything but notes"."""
    if category is DisclosureCategory.COUNSELING_NOTES:
        return consent.kind is ConsentKind.COUNSELING_NOTES and category in consent.categories
    return category in consent.categories or DisclosureCategory.EVERYTHING_BUT_NOTES in consent.categories


# For any of these somebody may be asked to pass on that we would like to hear from the patient.
SUPPORT = frozenset({ConsentPurpose.FAMILY_SUPPORT, ConsentPurpose.PATIENT_REQUEST, ConsentPurpose.TREATMENT})


def names_support(consent: SignedConsent) -> bool:
    """Whether a consent names a person close to the patient who may be told that we could not reach them: that they
    are in our care, and whether they come."""
    named = consent.recipient_class is RecipientClass.SUPPORT_PERSON and bool(consent.recipient.strip())
    return named and bool(consent.purposes & SUPPORT) and covers_category(consent, DisclosureCategory.ATTENDANCE)


def treatment_end(courses: Iterable[Span], signed_on: date) -> date | None:
    """The first day on or after signing on which a course ended and no other went on; None while treatment goes on.

    A later course does not bring an ended consent back to life.
    """
    spans = list(courses)
    ends = sorted(end for _start, end in spans if end is not None and end >= signed_on)
    for day in ends:
        if not any(start <= day and (end is None or end > day) for start, end in spans):
            return day
    return None


def _until_date(consent: SignedConsent, today: date, _ended: date | None) -> Standing:
    last = consent.expires_on
    if last is None:
        raise ValueError("a consent to a date has its date")
    if today > last:
        return Standing(False, sentence("part2.standing.expired", on=last), last)
    return Standing(True, sentence("part2.standing.until", on=last), last)


def _until_end_of_treatment(consent: SignedConsent, today: date, treatment_ended_on: date | None) -> Standing:
    """Through the day on which treatment ends: what is sent at discharge is still covered."""
    known = [day for day in (consent.ended_on, treatment_ended_on) if day is not None]
    if known and today > min(known):
        return Standing(False, sentence("part2.standing.treatment_ended", on=min(known)), min(known))
    return Standing(True, sentence("part2.standing.in_treatment"), min(known) if known else None)


def _until_event(consent: SignedConsent, today: date, _ended: date | None) -> Standing:
    """From the day of the event on it holds no longer: nobody knows the hour."""
    if consent.ended_on is not None and today >= consent.ended_on:
        return Standing(False, sentence("part2.standing.event_came", on=consent.ended_on), consent.ended_on)
    return Standing(True, sentence("part2.standing.until_event"), consent.ended_on)


def _without_end(_consent: SignedConsent, _today: date, _ended: date | None) -> Standing:
    return Standing(True, sentence("part2.standing.open"))


_EXPIRIES = {
    ConsentExpiry.ON_DATE: _until_date,
    ConsentExpiry.END_OF_TREATMENT: _until_end_of_treatment,
    ConsentExpiry.EVENT: _until_event,
    ConsentExpiry.NONE: _without_end,
}


def _same(signed: str, asked: str) -> bool:
    return bool(signed.strip()) and " ".join(signed.split()).casefold() == " ".join(asked.split()).casefold()
