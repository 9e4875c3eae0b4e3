"""Who acts: the only target of every `_by` and of the audit (decisions.md 2)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models.keys import Keyed, Versioned
from clinic.models.pairs import paired
from clinic.rules.roles import OF_A_LINK, PERSON_ONLY, Permission, permissions_of, permissions_of_scopes


class ActorKind(models.TextChoices):
    STAFF = "staff"
    API_CLIENT = "api_client"
    JOB = "job"
    PATIENT_LINK = "patient_link"


class Actor(Keyed):
    """A member of staff, an API client, a named system job, or the bearer of a patient's own link.

    The last has the public id of the patient: who they are is whom they may see.
    """

    kind = models.CharField(max_length=12, choices=ActorKind.choices)
    name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    sites = models.ManyToManyField("clinic.Site", related_name="actors", blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(kind="job"), name="actor_job_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this actor may do now; a job may do what people may not only do themselves."""
        if not self.is_active:
            return frozenset()
        match self.kind:
            case ActorKind.STAFF:
                return permissions_of(self.roles)
            case ActorKind.API_CLIENT:
                return permissions_of_scopes(self.scopes)
            case ActorKind.JOB:
                return frozenset(Permission) - PERSON_ONLY
            case ActorKind.PATIENT_LINK:
                return OF_A_LINK
        return frozenset()

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def is_person(self) -> bool:
        return self.kind == ActorKind.STAFF


class ApiClient(Keyed, Versioned):
    """A program that uses the API: an OAuth application and the actor it acts as."""

    actor = models.OneToOneField(Actor, models.PROTECT, related_name="api_client")
    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, models.PROTECT, related_name="api_client"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    rotated_at = models.DateTimeField(null=True, blank=True)
    rotated_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            paired("rotated", name="api_client_rotated_at_by"),
            paired("revoked", name="api_client_revoked_at_by"),
        ]

    def __str__(self) -> str:
        return self.actor.name
