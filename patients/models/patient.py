"""A person in care, the sites that may see them, and how they are found again."""

from datetime import timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned
from clinic.models.pairs import paired


class SexForClinicalUse(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    UNKNOWN = "unknown", "Not known or other"


class PatientQuerySet(models.QuerySet["Patient"]):
    """The one doorway to people: `visible_to`."""

    def visible_to(self, actor: Actor) -> Self:
        """Patients with a current stay at a site the actor works at; jobs see everyone, nobody else does; the bearer of
        a patient's own link sees that patient."""
        if actor.kind == "job":
            return self
        if actor.kind == "patient_link":
            return self.filter(public_id=actor.public_id)
        through = Actor.sites.through
        own = through.objects.filter(actor_id=actor.pk, site_id=models.OuterRef("site_id"))
        stays = PatientSite.objects.filter(models.Exists(own), patient_id=models.OuterRef("pk"), until__isnull=True)
        return self.filter(models.Exists(stays))


class Patient(Keyed, Versioned):
    """[Patient] Sex for clinical use stands apart from gender; `merged_into` is a reversible link, never a rewrite."""

    record_number = models.CharField(max_length=20)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    preferred_name = models.CharField(max_length=80, blank=True)
    birth_date = models.DateField()
    sex_for_clinical_use = models.CharField(
        max_length=8, choices=SexForClinicalUse.choices, default=SexForClinicalUse.UNKNOWN
    )
    gender = models.CharField(max_length=60, blank=True)
    pronouns = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, default="en")
    time_zone = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    died_on = models.DateField(null=True, blank=True)
    death_recorded_at = models.DateTimeField(null=True, blank=True)
    death_recorded_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    merged_at = models.DateTimeField(null=True, blank=True)
    merged_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_number"], name="patient_record_number_once"),
            models.CheckConstraint(
                condition=models.Q(birth_date__lte=models.F("registered_at") + timedelta(days=1)),
                name="patient_born_before_registered",
            ),
            paired("merged", name="patient_merged_at_by"),
            paired("death_recorded", name="patient_death_recorded_at_by"),
        ]
        indexes = [models.Index(fields=["family_name", "given_name", "id"], name="patient_by_name")]

    def __str__(self) -> str:
        return self.record_number

    @property
    def display_name(self) -> str:
        """The name the person goes by, with the family name."""
        return f"{self.preferred_name or self.given_name} {self.family_name}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class PatientSite(Keyed):
    """A dated stay at a site: what decides who may see the person (decisions.md 4)."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="site_stays")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "site"], condition=models.Q(until__isnull=True), name="patient_site_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["site", "patient"], condition=models.Q(until__isnull=True), name="patient_site_current"
            )
        ]


class SearchToken(models.Model):
    """A folded word a person can be found by: name, record number, phone digits, birth date. Written by actions."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="search_tokens")
    kind = models.CharField(max_length=8)
    token = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "kind", "token"], name="search_token_once")]
        indexes = [models.Index(fields=["token"], opclasses=["varchar_pattern_ops"], name="search_token_prefix")]


class PossibleDuplicate(Keyed):
    """Two records that may be one person, seen across sites: a task for a role that sees both (decisions.md 4)."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    other = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    reasons = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=12, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "other"], name="possible_duplicate_once"),
            models.CheckConstraint(
                condition=~models.Q(patient=models.F("other")), name="possible_duplicate_of_another"
            ),
            paired("decided", name="possible_duplicate_decided_at_by"),
        ]
