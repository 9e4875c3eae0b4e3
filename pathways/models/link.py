"""A patient's own way in: a signed link with one purpose that expires. No account, and nothing that gives care away."""

from typing import Self

from django.db import models

from clinic.models import Actor, Keyed, Site
from clinic.models.pairs import paired
from pathways.models.follow_up import FollowUp
from pathways.models.session import Attendance
from pathways.rules.links import MOST_WRONG_TRIES
from patients.models import Patient

PURPOSES = ("appointment", "questionnaire", "preferences")


class PatientLinkQuerySet(models.QuerySet["PatientLink"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(patient__in=Patient.objects.visible_to(actor))


class PatientLink(Keyed):
    """One link. `handle` is the random part of its address; the rest is a signature over it (`rules/links.py`), so that
    no address can be made up and none is stored whole. It works until it expires, is used up or is revoked; the last
    wrong birth date that may be said revokes it (`wrong_tries`)."""

    handle = models.CharField(max_length=16, unique=True)
    purpose = models.CharField(max_length=16)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="links")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    attendance = models.ForeignKey(Attendance, models.PROTECT, null=True, blank=True, related_name="links")
    follow_up = models.ForeignKey(FollowUp, models.PROTECT, null=True, blank=True, related_name="links")
    instrument = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, default="en")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True, help_text="When what it is for was done.")
    used_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    wrong_tries = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often somebody said wrongly whom it is for."
    )

    objects = PatientLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wrong_tries__lt=MOST_WRONG_TRIES)
                | models.Q(wrong_tries=MOST_WRONG_TRIES, revoked_at__isnull=False),
                name="patient_link_locked",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose="appointment", attendance__isnull=False, instrument="")
                | (models.Q(purpose="questionnaire", attendance__isnull=True) & ~models.Q(instrument=""))
                | models.Q(purpose="preferences", attendance__isnull=True, instrument=""),
                name="patient_link_purpose",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="patient_link_expires_later"
            ),
            paired("used", name="patient_link_used_at_by"),
            paired("revoked", name="patient_link_revoked_at_by"),
        ]
        indexes = [models.Index(fields=["patient", "-made_at"], name="patient_link_of_a_patient")]
