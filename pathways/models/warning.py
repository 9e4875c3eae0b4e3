"""An early warning that somebody has looked at: it stays away until there is something new."""

from django.db import models

from clinic.models import Actor, Keyed
from patients.models import Patient


class WarningNote(Keyed):
    """What a person noted on an early warning. `evidence` names what it rested on (`rules/warnings.py`): the same
    warning from newer evidence is another one."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="warning_notes")
    kind = models.CharField(max_length=24)
    evidence = models.CharField(max_length=80)
    note = models.CharField(max_length=300, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "kind", "evidence"], name="warning_noted_once")]
