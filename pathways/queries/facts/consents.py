"""Consents signed, with what ends them. Whether one holds is for the rule to say, at the moment asked about."""

from collections import defaultdict

from django.db.models import Q

from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates.consents import ConsentHeld
from patients.models import Consent
from patients.rules.consents import ConsentKind, ConsentPurpose, DisclosureCategory, RecipientClass


@fact_query(ConsentHeld)
def consents(asked: Asked) -> Answers:
    """Every consent signed by then that no later one had replaced, newest first."""
    kept = Q(replaced_by__isnull=True) | Q(replaced_by__effective_at__gt=asked.as_of)
    rows = Consent.objects.filter(kept, patient__in=asked.patients, effective_at__lte=asked.as_of)
    grouped: dict[int, list[ConsentHeld]] = defaultdict(list)
    for row in rows.order_by("patient_id", "-effective_at", "-pk").values_list(
        *("patient_id", "public_id", "kind", "purposes", "categories", "recipient_class"),
        *("effective_at", "expires_on", "ended_on", "revoked_at"),
    ):
        patient, public_id, kind, purposes, categories, recipient, signed_at, expires_on, ended_on, revoked_at = row
        last_days = [day for day in (expires_on, ended_on) if day is not None]
        grouped[patient].append(
            ConsentHeld(
                public_id,
                ConsentKind(kind),
                tuple(ConsentPurpose(each) for each in purposes),
                tuple(DisclosureCategory(each) for each in categories),
                RecipientClass(recipient),
                signed_at,
                min(last_days, default=None),
                revoked_at,
            )
        )
    return asked.of_patients(grouped)
