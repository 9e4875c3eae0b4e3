"""Two consents kept apart (decisions.md 11): may we write to you, and may we tell others (42 CFR Part 2)."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Actor, Keyed, Site
from clinic.models.pairs import paired
from patients.models.contact import ContactPoint
from patients.models.patient import Patient
from patients.rules.consents import ConsentKind


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


class Consent(Keyed):
    """[Consent] One signed consent with the elements of 42 CFR 2.31. Kept as signed; only its revocation is added.

    Whether it holds is computed at the moment of use (`patients.rules.consents`), never stored. A changed consent is a
    new one that `replaces` the old.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    patient_name = models.CharField(max_length=200, help_text="As signed.")
    discloser = models.CharField(max_length=200, help_text="Who may tell: a person, or the clinic.")
    categories = ArrayField(models.CharField(max_length=30))
    details = models.CharField(max_length=300, blank=True, help_text="How much and what, where a category is too wide.")
    recipient_class = models.CharField(max_length=20)
    recipient = models.CharField(max_length=200, blank=True, help_text="By name, where it is not a class.")
    purposes = ArrayField(models.CharField(max_length=20))
    purpose_text = models.CharField(max_length=300, blank=True)
    form_version = models.CharField(max_length=40, help_text="The text that tells of the right to revoke.")
    expiry = models.CharField(max_length=20)
    expires_on = models.DateField(null=True, blank=True)
    expiry_event = models.CharField(max_length=200, blank=True)
    ended_on = models.DateField(null=True, blank=True, help_text="When the event or the end of treatment came.")
    signer = models.CharField(max_length=16)
    signer_name = models.CharField(max_length=200)
    authority = models.CharField(max_length=200, blank=True, help_text="Why another may sign: the document.")
    method = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was signed, in canonical form.")
    signed_on = models.DateField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    revocation_method = models.CharField(max_length=20, blank=True)
    revocation_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[each.value for each in ConsentKind]), name="consent_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(expiry="on_date", expires_on__isnull=False)
                | (~models.Q(expiry="on_date") & models.Q(expires_on__isnull=True)),
                name="consent_expiry_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(expiry="event") | ~models.Q(expiry_event=""), name="consent_expiry_event"
            ),
            models.CheckConstraint(
                condition=~models.Q(expiry__in=["none", "end_of_treatment"]) | models.Q(kind="tpo"),
                name="consent_open_end_is_tpo",
            ),
            models.CheckConstraint(
                condition=models.Q(categories__len__gt=0, purposes__len__gt=0), name="consent_says_what_and_why"
            ),
            models.CheckConstraint(
                condition=~models.Q(recipient_class="named") | ~models.Q(recipient=""), name="consent_names_recipient"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="counseling_notes") | models.Q(categories=["counseling_notes"]),
                name="consent_notes_stand_alone",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | ~models.Q(revocation_method=""),
                name="consent_revoked_somehow",
            ),
            paired("revoked", name="consent_revoked_at_by"),
        ]
        indexes = [models.Index(fields=["patient", "-effective_at", "-id"], name="consent_newest_first")]
        triggers = [
            pgtrigger.Protect(name="consent_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="consent_as_signed",
                exclude=["ended_on", "revoked_at", "revoked_by", "revocation_method", "revocation_note"],
            ),
        ]
