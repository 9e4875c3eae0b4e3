"""Consent to be contacted: may we write to you, where (separate from Part 2 consent; decisions.md 11)."""

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed
from patients.models.contact import ContactPoint
from patients.models.patient import Patient


class ContactConsent(Keyed):
    """One decision about one contact point; the newest effective one counts. Append-only."""

    append_only = True

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contact_consents")
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, related_name="consents")
    given = models.BooleanField()
    method = models.CharField(max_length=16, help_text="in_person, phone, written, reply, link")
    evidence = models.CharField(max_length=300, blank=True)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["contact_point", "-effective_at", "-id"], name="contact_consent_newest")]
        triggers = [
            pgtrigger.Protect(name="contact_consent_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
