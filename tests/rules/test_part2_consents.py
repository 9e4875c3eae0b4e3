"""Consent to tell others (42 CFR Part 2): what may be signed together, whether it holds, what it covers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.wording import codes
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    FormVersion,
    Recipient,
    RecipientClass,
    SignatureMethod,
    SignedConsent,
    covers,
    covers_recipient,
    digest_of,
    in_force,
    over_from,
    standing,
    term_problems,
    treatment_end,
)

TODAY = date(2026, 6, 18)
NOW = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
BORN = date(1990, 4, 2)
PAYER = Recipient(RecipientClass.HEALTH_PLAN)
C, P = DisclosureCategory, ConsentPurpose

TPO = ConsentTerms(
    kind=ConsentKind.TPO,
    patient_name="Ana Ruiz",
    discloser="Riverbend Clinic",
    categories=(C.EVERYTHING_BUT_NOTES,),
    recipient_class=RecipientClass.HEALTH_PLAN,
    purposes=(P.TREATMENT, P.PAYMENT),
    expiry=ConsentExpiry.NONE,
    signer=ConsentSigner.PATIENT,
    signer_name="Ana Ruiz",
    method=SignatureMethod.ON_PAPER,
    signed_on=TODAY,
)
SPECIFIC = replace(
    TPO,
    kind=ConsentKind.SPECIFIC,
    categories=(C.ATTENDANCE,),
    recipient_class=RecipientClass.NAMED,
    recipient="Luis Ruiz",
    purposes=(P.FAMILY_SUPPORT,),
    expiry=ConsentExpiry.ON_DATE,
    expires_on=date(2026, 12, 31),
)
NOTES = replace(SPECIFIC, kind=ConsentKind.COUNSELING_NOTES, categories=(C.COUNSELING_NOTES,), purposes=(P.TREATMENT,))
LEGAL = replace(SPECIFIC, kind=ConsentKind.LEGAL_PROCEEDING, recipient_class=RecipientClass.COURT, purposes=(P.LEGAL,))

HELD = SignedConsent(
    kind=ConsentKind.TPO,
    categories=frozenset({C.EVERYTHING_BUT_NOTES}),
    recipient_class=RecipientClass.HEALTH_PLAN,
    purposes=frozenset({P.TREATMENT, P.PAYMENT}),
    expiry=ConsentExpiry.NONE,
    signed_on=TODAY,
    effective_at=NOW,
)


def wrong(terms: ConsentTerms, **changes: Any) -> dict[str, str]:
    found = term_problems(replace(terms, **changes), today=TODAY, born_on=BORN)
    assert all(said.code in codes() for said in found.values())
    return {name: said.code.removeprefix("part2.refused.") for name, said in found.items()}


def why(consent: SignedConsent, at: datetime = NOW, **more: Any) -> str:
    found = standing(consent, at, at.date(), **more)
    assert found.why.code in codes()
    return found.why.code.removeprefix("part2.standing.")


# -- what may be signed together --------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", [TPO, SPECIFIC, NOTES, LEGAL])
def test_a_consent_of_each_kind_can_be_signed(terms: ConsentTerms) -> None:
    assert wrong(terms) == {}


@pytest.mark.parametrize("name", ["patient_name", "discloser", "signer_name"])
def test_a_consent_names_who_it_is_about_who_tells_and_who_signed(name: str) -> None:
    assert wrong(TPO, **{name: " "}).keys() == {name}


def test_a_consent_says_what_may_be_told_and_why() -> None:
    assert wrong(TPO, categories=(), purposes=()).keys() == {"categories", "purposes"}


def test_a_consent_to_counseling_notes_is_combined_with_nothing_else() -> None:
    assert wrong(NOTES, categories=(C.COUNSELING_NOTES, C.PROGRESS)) == {"categories": "notes_alone"}
    assert wrong(NOTES, categories=(C.EVERYTHING_BUT_NOTES,)) == {"categories": "notes_alone"}


@pytest.mark.parametrize("terms", [TPO, SPECIFIC, LEGAL])
def test_counseling_notes_stand_in_no_other_consent(terms: ConsentTerms) -> None:
    assert wrong(terms, categories=(C.ATTENDANCE, C.COUNSELING_NOTES)) == {"categories": "notes_own_consent"}


def test_a_consent_for_a_legal_proceeding_is_combined_with_nothing_else() -> None:
    assert wrong(LEGAL, purposes=(P.LEGAL, P.TREATMENT)) == {"purposes": "legal_alone"}
    assert wrong(LEGAL, purposes=(P.PATIENT_REQUEST,)) == {"purposes": "legal_alone"}


@pytest.mark.parametrize("terms", [TPO, SPECIFIC, NOTES])
def test_a_legal_purpose_stands_in_no_other_consent(terms: ConsentTerms) -> None:
    assert wrong(terms, purposes=(*terms.purposes, P.LEGAL)) == {"purposes": "legal_own_consent"}


def test_treatment_payment_and_operations_are_not_mixed_with_another_purpose() -> None:
    assert wrong(TPO, purposes=(P.TREATMENT, P.FAMILY_SUPPORT)) == {"purposes": "tpo_purposes"}


def test_a_court_receives_only_by_a_consent_for_a_legal_proceeding() -> None:
    assert wrong(SPECIFIC, recipient_class=RecipientClass.COURT) == {"recipient_class": "court"}


def test_an_intermediary_has_a_consent_of_its_own_that_names_its_members() -> None:
    assert wrong(TPO, recipient_class=RecipientClass.INTERMEDIARY) == {"recipient_class": "intermediary"}
    exchange = replace(SPECIFIC, kind=ConsentKind.INTERMEDIARY, purposes=(P.TREATMENT,))
    assert wrong(exchange) == {"recipient_class": "intermediary"}
    named = replace(exchange, recipient_class=RecipientClass.INTERMEDIARY, recipient="State Exchange")
    assert wrong(named) == {"details": "intermediary_members"}
    assert wrong(named, details="Those who treat the person") == {}


def test_somebody_who_is_no_class_is_named() -> None:
    assert wrong(SPECIFIC, recipient="") == {"recipient": "recipient_name"}
    assert wrong(SPECIFIC, recipient_class=RecipientClass.SUPPORT_PERSON, recipient=" ") == {
        "recipient": "recipient_name"
    }


def test_another_purpose_is_said_in_words() -> None:
    assert wrong(SPECIFIC, purposes=(P.OTHER,)) == {"purpose_text": "purpose_text"}
    assert wrong(SPECIFIC, purposes=(P.OTHER,), purpose_text="Housing application") == {}


@pytest.mark.parametrize("terms", [SPECIFIC, NOTES, LEGAL])
@pytest.mark.parametrize("expiry", [ConsentExpiry.NONE, ConsentExpiry.END_OF_TREATMENT])
def test_only_treatment_payment_and_operations_may_be_open_ended(terms: ConsentTerms, expiry: ConsentExpiry) -> None:
    assert wrong(terms, expiry=expiry, expires_on=None) == {"expiry": "open_end"}
    assert wrong(TPO, expiry=expiry) == {}


def test_what_ends_on_a_day_has_that_day_and_nothing_else_has_one() -> None:
    assert wrong(SPECIFIC, expires_on=None) == {"expires_on": "refused.required"}
    assert wrong(SPECIFIC, expires_on=TODAY - timedelta(days=1)) == {"expires_on": "expires_before"}
    assert wrong(TPO, expires_on=date(2027, 1, 1)) == {"expires_on": "no_date"}


def test_what_ends_with_an_event_says_which() -> None:
    assert wrong(SPECIFIC, expiry=ConsentExpiry.EVENT, expires_on=None) == {"expiry_event": "refused.required"}
    assert wrong(SPECIFIC, expiry=ConsentExpiry.EVENT, expires_on=None, expiry_event="The hearing is over") == {}
    assert wrong(SPECIFIC, expiry_event="The hearing is over") == {"expiry_event": "no_event"}
    assert wrong(TPO, expiry_event="The hearing is over") == {"expiry_event": "no_event"}


def test_nobody_signs_in_the_future_or_before_they_were_born() -> None:
    assert wrong(TPO, signed_on=TODAY + timedelta(days=1)) == {"signed_on": "signed_later"}
    assert wrong(TPO, signed_on=BORN - timedelta(days=1), form_version=FormVersion.BEFORE_2024) == {
        "signed_on": "signed_before_birth"
    }


def test_an_older_form_holds_only_where_it_was_signed_before_the_new_rule_applied() -> None:
    old = replace(TPO, form_version=FormVersion.BEFORE_2024)
    assert wrong(old, signed_on=date(2026, 2, 15)) == {}
    assert wrong(old, signed_on=date(2026, 2, 16)) == {"form_version": "old_form"}


@pytest.mark.parametrize("signer", [ConsentSigner.PARENT, ConsentSigner.GUARDIAN, ConsentSigner.REPRESENTATIVE])
def test_somebody_else_signs_only_by_a_document(signer: ConsentSigner) -> None:
    assert wrong(TPO, signer=signer) == {"authority": "authority"}
    assert wrong(TPO, signer=signer, authority="Court order of 3 May 2026") == {}


def test_the_digest_is_that_of_what_was_signed_and_of_nothing_else() -> None:
    assert digest_of(TPO) == digest_of(replace(TPO, purposes=(P.PAYMENT, P.TREATMENT)))
    assert digest_of(TPO) != digest_of(replace(TPO, purposes=(P.PAYMENT,)))
    assert digest_of(TPO) != digest_of(replace(TPO, signed_on=TODAY - timedelta(days=1)))
    assert len(digest_of(TPO)) == 64


# -- whether it holds -------------------------------------------------------------------------------------------------


def test_a_consent_holds_from_when_it_is_effective() -> None:
    assert why(HELD) == "open"
    assert why(HELD, NOW - timedelta(seconds=1)) == "not_yet"


def test_what_was_taken_back_holds_no_longer_from_that_moment_on() -> None:
    revoked = replace(HELD, revoked_at=NOW + timedelta(hours=1))
    assert in_force(revoked, NOW, TODAY), "what was told before stays told"
    assert why(revoked, NOW + timedelta(hours=1)) == "revoked"


def test_a_replaced_consent_gives_way_to_the_one_in_its_place() -> None:
    assert why(replace(HELD, replaced_at=NOW)) == "replaced"


def test_a_consent_to_a_day_holds_through_that_day() -> None:
    dated = replace(HELD, expiry=ConsentExpiry.ON_DATE, expires_on=TODAY)
    assert why(dated) == "until"
    assert why(dated, NOW + timedelta(days=1)) == "expired"


def test_a_consent_to_the_end_of_treatment_still_covers_the_day_of_discharge() -> None:
    consent = replace(HELD, expiry=ConsentExpiry.END_OF_TREATMENT)
    assert why(consent) == "in_treatment"
    assert why(consent, treatment_ended_on=TODAY) == "in_treatment"
    assert why(consent, treatment_ended_on=TODAY - timedelta(days=1)) == "treatment_ended"
    assert why(replace(consent, ended_on=TODAY - timedelta(days=1))) == "treatment_ended"


def test_a_consent_to_an_event_holds_no_longer_on_the_day_it_comes() -> None:
    consent = replace(HELD, expiry=ConsentExpiry.EVENT)
    assert why(consent) == "until_event"
    assert why(replace(consent, ended_on=TODAY)) == "event_came"
    assert why(consent, treatment_ended_on=TODAY - timedelta(days=9)) == "until_event"


@pytest.mark.parametrize("expiry", [ConsentExpiry.EVENT, ConsentExpiry.END_OF_TREATMENT])
def test_the_first_day_without_a_consent_is_the_first_on_which_it_does_not_hold(expiry: ConsentExpiry) -> None:
    consent, first = replace(HELD, expiry=expiry, ended_on=TODAY), over_from(expiry, TODAY)
    days = [first - timedelta(days=1), first]
    assert [standing(consent, NOW, day).holds for day in days] == [True, False]


def test_treatment_is_over_when_a_course_ended_and_no_other_went_on() -> None:
    first, second = (date(2026, 1, 1), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 5, 1))
    assert treatment_end([first], date(2026, 1, 5)) == date(2026, 3, 1)
    assert treatment_end([first, second], date(2026, 1, 5)) == date(2026, 5, 1), "a transfer ends nothing"
    assert treatment_end([(date(2026, 1, 1), None)], date(2026, 1, 5)) is None
    assert treatment_end([], date(2026, 1, 5)) is None


def test_coming_back_does_not_bring_an_ended_consent_back_to_life() -> None:
    courses = [(date(2026, 1, 1), date(2026, 3, 1)), (date(2026, 6, 1), None)]
    assert treatment_end(courses, date(2026, 1, 5)) == date(2026, 3, 1)
    assert treatment_end(courses, date(2026, 6, 1)) is None


# -- what it covers ---------------------------------------------------------------------------------------------------


def covered(
    consent: SignedConsent = HELD,
    recipient: Recipient = PAYER,
    purpose: ConsentPurpose = P.PAYMENT,
    category: DisclosureCategory = C.ATTENDANCE,
    **more: Any,
) -> bool:
    return covers(consent, recipient, purpose, category, NOW, today=TODAY, **more)


def test_a_consent_covers_its_recipients_purposes_and_categories() -> None:
    assert covered()
    assert not covered(recipient=Recipient(RecipientClass.EMPLOYER))
    assert not covered(purpose=P.OPERATIONS)
    assert not covered(replace(HELD, categories=frozenset({C.PLANS})))
    assert covered(replace(HELD, categories=frozenset({C.ATTENDANCE})))


def test_everything_but_notes_never_covers_counseling_notes() -> None:
    assert not covered(category=C.COUNSELING_NOTES)
    forged = replace(HELD, categories=frozenset({C.COUNSELING_NOTES}))
    assert not covered(forged, category=C.COUNSELING_NOTES), "only a consent of their own kind"
    own = replace(forged, kind=ConsentKind.COUNSELING_NOTES)
    assert covered(own, category=C.COUNSELING_NOTES)
    assert not covered(own, category=C.ATTENDANCE)


def test_a_consent_that_names_somebody_covers_nobody_else() -> None:
    named = replace(HELD, recipient="Blue Plan")
    assert not covered(named)
    assert covered(named, recipient=replace(PAYER, name=" blue  PLAN "))
    assert not covered(named, recipient=replace(PAYER, name="Green Plan"))
    person = replace(HELD, recipient_class=RecipientClass.NAMED, recipient="Luis Ruiz")
    assert not covers_recipient(person, Recipient(RecipientClass.NAMED))


def test_another_purpose_is_covered_only_in_the_words_that_were_signed() -> None:
    other = replace(HELD, purposes=frozenset({P.OTHER}), purpose_text="Housing application")
    assert covered(other, purpose=P.OTHER, purpose_text="housing application")
    assert not covered(other, purpose=P.OTHER)
    assert not covered(other, purpose=P.OTHER, purpose_text="Job application")


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
consents = st.builds(
    SignedConsent,
    kind=st.sampled_from(ConsentKind),
    categories=st.frozensets(st.sampled_from(DisclosureCategory), min_size=1),
    recipient_class=st.sampled_from(RecipientClass),
    purposes=st.frozensets(st.sampled_from(ConsentPurpose), min_size=1),
    expiry=st.sampled_from(ConsentExpiry),
    signed_on=days,
    effective_at=moments,
    recipient=st.sampled_from(["", "Luis Ruiz"]),
    purpose_text=st.sampled_from(["", "Housing"]),
    expires_on=days,
    ended_on=st.none() | days,
    revoked_at=st.none() | moments,
    replaced_at=st.none() | moments,
)
recipients = st.builds(Recipient, st.sampled_from(RecipientClass), st.sampled_from(["", "Luis Ruiz", "Ana"]))


@given(consents, recipients, st.sampled_from(ConsentPurpose), st.sampled_from(DisclosureCategory), moments,
       st.none() | days)  # fmt: skip
def test_what_is_revoked_replaced_or_over_never_covers_anything(
    consent: SignedConsent,
    recipient: Recipient,
    purpose: ConsentPurpose,
    category: DisclosureCategory,
    at: datetime,
    treatment_ended_on: date | None,
) -> None:
    today = at.date()
    over = [
        at < consent.effective_at,
        consent.revoked_at is not None and consent.revoked_at <= at,
        consent.replaced_at is not None and consent.replaced_at <= at,
        consent.expiry is ConsentExpiry.ON_DATE and consent.expires_on is not None and consent.expires_on < today,
        consent.expiry in (ConsentExpiry.EVENT, ConsentExpiry.END_OF_TREATMENT)
        and consent.ended_on is not None
        and consent.ended_on < today,
        consent.expiry is ConsentExpiry.END_OF_TREATMENT
        and treatment_ended_on is not None
        and treatment_ended_on < today,
    ]
    assume(any(over))
    assert not covers(
        consent, recipient, purpose, category, at, today=today, treatment_ended_on=treatment_ended_on,
        purpose_text="Housing",
    )  # fmt: skip


@given(consents, recipients, st.sampled_from(ConsentPurpose), moments)
def test_counseling_notes_are_covered_by_nothing_but_their_own_consent(
    consent: SignedConsent, recipient: Recipient, purpose: ConsentPurpose, at: datetime
) -> None:
    told = covers(consent, recipient, purpose, C.COUNSELING_NOTES, at, today=at.date(), purpose_text="Housing")
    assert not told or consent.kind is ConsentKind.COUNSELING_NOTES


@given(consents, moments, moments)
def test_a_consent_once_over_does_not_come_back(consent: SignedConsent, one: datetime, other: datetime) -> None:
    early, late = sorted((one, other))
    assume(consent.effective_at <= early and in_force(consent, late, late.date()))
    assert in_force(consent, early, early.date())


@given(st.lists(st.tuples(days, st.none() | st.integers(0, 400)), max_size=5), days)
def test_treatment_never_ends_on_a_day_on_which_a_course_goes_on(
    drawn: list[tuple[date, int | None]], signed_on: date
) -> None:
    courses = [(start, None if length is None else start + timedelta(days=length)) for start, length in drawn]
    found = treatment_end(courses, signed_on)
    if found is not None:
        assert found >= signed_on and found in [end for _start, end in courses]
        assert not [start for start, end in courses if start <= found and (end is None or end > found)]
