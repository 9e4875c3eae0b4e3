"""What may stand in a consent that is recorded: every element of 2.31, and the hard rules of what goes together."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from patients.rules.consents.words import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    DisclosureCategory,
    RecipientClass,
    SignatureMethod,
)
from patients.rules.texts import plain, text_problem

NAME_LIMIT = 200
TEXT_LIMIT = 300

TPO_PURPOSES = frozenset({ConsentPurpose.TREATMENT, ConsentPurpose.PAYMENT, ConsentPurpose.OPERATIONS})
OPEN_ENDED = frozenset({ConsentExpiry.NONE, ConsentExpiry.END_OF_TREATMENT})
OLD_FORM_ENDS = date(2026, 2, 16)
"""From this day on only the form of the 2024 rule is signed; older consents on an older form stay valid (V)."""


class FormVersion(StrEnum):
    """The text that was signed: the right to revoke, what may be passed on, what follows from not signing."""

    RULE_OF_2024 = "part2_2024_1"
    BEFORE_2024 = "before_2024"


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What is signed, element by element (42 CFR 2.31)."""

    kind: ConsentKind
    patient_name: str
    discloser: str
    categories: tuple[DisclosureCategory, ...]
    recipient_class: RecipientClass
    purposes: tuple[ConsentPurpose, ...]
    expiry: ConsentExpiry
    signer: ConsentSigner
    signer_name: str
    method: SignatureMethod
    signed_on: date
    form_version: FormVersion = FormVersion.RULE_OF_2024
    details: str = ""
    recipient: str = ""
    purpose_text: str = ""
    expires_on: date | None = None
    expiry_event: str = ""
    authority: str = ""


def term_problems(terms: ConsentTerms, *, today: date, born_on: date) -> dict[str, Sentence]:
    """Why these terms are no consent, by field; empty where they are one."""
    checks = (
        _text_problems(terms),
        _combination_problems(terms),
        _recipient_problems(terms),
        _expiry_problems(terms),
        _signature_problems(terms, today, born_on),
    )
    found: dict[str, Sentence] = {}
    for problems in checks:
        found = {**problems, **found}
    return found


def tidied(terms: ConsentTerms) -> ConsentTerms:
    """The terms with every text on one line, as they are kept."""
    return replace(
        terms,
        patient_name=plain(terms.patient_name),
        discloser=plain(terms.discloser),
        details=plain(terms.details),
        recipient=plain(terms.recipient),
        purpose_text=plain(terms.purpose_text),
        expiry_event=plain(terms.expiry_event),
        signer_name=plain(terms.signer_name),
        authority=plain(terms.authority),
    )


def digest_of(terms: ConsentTerms) -> str:
    """SHA-256 of what was signed, in canonical form: the same terms always give the same digest."""
    kept = {name: _canonical(value) for name, value in asdict(terms).items()}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, tuple):
        return sorted(str(each) for each in value)
    return value.isoformat() if isinstance(value, date) else value


def _text_problems(terms: ConsentTerms) -> dict[str, Sentence]:
    found = {
        "patient_name": text_problem(terms.patient_name, limit=NAME_LIMIT, required=True),
        "discloser": text_problem(terms.discloser, limit=NAME_LIMIT, required=True),
        "signer_name": text_problem(terms.signer_name, limit=NAME_LIMIT, required=True),
        "recipient": text_problem(terms.recipient, limit=NAME_LIMIT),
        "details": text_problem(terms.details, limit=TEXT_LIMIT),
        "purpose_text": text_problem(terms.purpose_text, limit=TEXT_LIMIT),
        "expiry_event": text_problem(terms.expiry_event, limit=NAME_LIMIT),
        "authority": text_problem(terms.authority, limit=NAME_LIMIT),
        "categories": None if terms.categories else sentence("refused.required"),
        "purposes": None if terms.purposes else sentence("refused.required"),
    }
    return {name: said for name, said in found.items() if said is not None}


def _combination_problems(terms: ConsentTerms) -> dict[str, Sentence]:
    """Counseling notes and legal proceedings stand alone; treatment, payment and operations belong to TPO."""
    found: dict[str, Sentence] = {}
    notes = DisclosureCategory.COUNSELING_NOTES in terms.categories
    if terms.kind is ConsentKind.COUNSELING_NOTES and set(terms.categories) != {DisclosureCategory.COUNSELING_NOTES}:
        found["categories"] = sentence("part2.refused.notes_alone")
    elif notes and terms.kind is not ConsentKind.COUNSELING_NOTES:
        found["categories"] = sentence("part2.refused.notes_own_consent")
    legal = ConsentPurpose.LEGAL in terms.purposes
    if terms.kind is ConsentKind.LEGAL_PROCEEDING and set(terms.purposes) != {ConsentPurpose.LEGAL}:
        found["purposes"] = sentence("part2.refused.legal_alone")
    elif legal and terms.kind is not ConsentKind.LEGAL_PROCEEDING:
        found["purposes"] = sentence("part2.refused.legal_own_consent")
    elif terms.kind is ConsentKind.TPO and not set(terms.purposes) <= TPO_PURPOSES:
        found["purposes"] = sentence("part2.refused.tpo_purposes")
    elif ConsentPurpose.OTHER in terms.purposes and not terms.purpose_text.strip():
        found["purpose_text"] = sentence("part2.refused.purpose_text")
    return found


def _recipient_problems(terms: ConsentTerms) -> dict[str, Sentence]:
    to_intermediary = terms.recipient_class is RecipientClass.INTERMEDIARY
    if to_intermediary is not (terms.kind is ConsentKind.INTERMEDIARY):
        return {"recipient_class": sentence("part2.refused.intermediary")}
    if terms.recipient_class is RecipientClass.COURT and terms.kind is not ConsentKind.LEGAL_PROCEEDING:
        return {"recipient_class": sentence("part2.refused.court")}
    by_name = to_intermediary or terms.recipient_class in (RecipientClass.NAMED, RecipientClass.SUPPORT_PERSON)
    if by_name and not terms.recipient.strip():
        return {"recipient": sentence("part2.refused.recipient_name")}
    if to_intermediary and not terms.details.strip():
        return {"details": sentence("part2.refused.intermediary_members")}
    return {}


def _expiry_problems(terms: ConsentTerms) -> dict[str, Sentence]:
    if terms.expiry in OPEN_ENDED and terms.kind is not ConsentKind.TPO:
        return {"expiry": sentence("part2.refused.open_end")}
    if terms.expiry is ConsentExpiry.ON_DATE:
        return _date_problems(terms)
    if terms.expires_on is not None:
        return {"expires_on": sentence("part2.refused.no_date")}
    if terms.expiry is ConsentExpiry.EVENT and not terms.expiry_event.strip():
        return {"expiry_event": sentence("refused.required")}
    if terms.expiry is not ConsentExpiry.EVENT and terms.expiry_event.strip():
        return {"expiry_event": sentence("part2.refused.no_event")}
    return {}


def _date_problems(terms: ConsentTerms) -> dict[str, Sentence]:
    if terms.expires_on is None:
        return {"expires_on": sentence("refused.required")}
    if terms.expires_on < terms.signed_on:
        return {"expires_on": sentence("part2.refused.expires_before")}
    return {"expiry_event": sentence("part2.refused.no_event")} if terms.expiry_event.strip() else {}


def _signature_problems(terms: ConsentTerms, today: date, born_on: date) -> dict[str, Sentence]:
    if terms.signed_on > today:
        return {"signed_on": sentence("part2.refused.signed_later")}
    if terms.signed_on < born_on:
        return {"signed_on": sentence("part2.refused.signed_before_birth")}
    if terms.form_version is FormVersion.BEFORE_2024 and terms.signed_on >= OLD_FORM_ENDS:
        return {"form_version": sentence("part2.refused.old_form", on=OLD_FORM_ENDS)}
    if terms.signer is not ConsentSigner.PATIENT and not terms.authority.strip():
        return {"authority": sentence("part2.refused.authority")}
    return {}
