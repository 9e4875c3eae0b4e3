"""What was done and what was looked at: append-only, sealed in a hash chain (decisions.md 15)."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from clinic.models.actor import Actor
from clinic.models.keys import Keyed


class Xid8(models.Field):  # type: ignore[type-arg]
    """The writing transaction's full id, set by the database."""

    def db_type(self, connection: object) -> str:
        return "xid8"

    def from_db_value(self, value: object, *_: object) -> int | None:
        return None if value is None else int(str(value))


class CurrentTransaction(models.Func):
    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = Xid8()


class AuditEntry(Keyed):
    """[AuditEvent] Codes and public ids only; never what was written in a field."""

    append_only = True

    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    on_behalf_of = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    action = models.CharField(max_length=80)
    outcome = models.CharField(max_length=16, default="done")
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)
    patient_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    details = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    transaction_id = Xid8(db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["-recorded_at", "-id"], name="audit_newest_first"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_of_a_subject"),
            models.Index(fields=["transaction_id", "id"], name="audit_in_order_of_commit"),
            models.Index(fields=["actor", "-recorded_at", "-id"], name="audit_of_an_actor"),
            GinIndex(fields=["patient_ids"], name="audit_of_a_patient"),
        ]
        triggers = [pgtrigger.Protect(name="audit_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class AuditSeal(Keyed):
    """A link of the chain over entries `first_id` to `last_id` by id; `digest` covers them and `previous_digest`.
    No two follow the same one: the chain has no fork, whatever locks its writers know."""

    append_only = True

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    entries = models.PositiveIntegerField()
    entry_ids = ArrayField(models.BigIntegerField(), default=list)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["previous_digest"], name="seal_follows_once")]
        triggers = [pgtrigger.Protect(name="seal_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
