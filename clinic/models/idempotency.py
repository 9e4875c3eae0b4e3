"""The answer to a request that carried an Idempotency-Key, kept for 24 hours (decisions.md 13)."""

from django.db import models

from clinic.models.actor import Actor


class IdempotentAnswer(models.Model):
    """`fingerprint` is a hash of method, path and body; `body` is encrypted."""

    actor = models.ForeignKey(Actor, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    answered_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotent_answer_once")]
