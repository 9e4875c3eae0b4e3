"""Consent to tell others (42 CFR Part 2; domain/confidentiality.md): its words, its hard rules, whether it holds."""

from patients.rules.consents.recording import ConsentTerms, FormVersion, digest_of, term_problems, tidied
from patients.rules.consents.validity import (
    Recipient,
    SignedConsent,
    Span,
    Standing,
    covers,
    covers_category,
    covers_purpose,
    covers_recipient,
    in_force,
    standing,
    treatment_end,
)
from patients.rules.consents.words import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    DisclosureCategory,
    RecipientClass,
    RevocationMethod,
    SignatureMethod,
)

__all__ = [
    "ConsentExpiry",
    "ConsentKind",
    "ConsentPurpose",
    "ConsentSigner",
    "ConsentTerms",
    "DisclosureCategory",
    "FormVersion",
    "Recipient",
    "RecipientClass",
    "RevocationMethod",
    "SignatureMethod",
    "SignedConsent",
    "Span",
    "Standing",
    "covers",
    "covers_category",
    "covers_purpose",
    "covers_recipient",
    "digest_of",
    "in_force",
    "standing",
    "term_problems",
    "tidied",
    "treatment_end",
]
