"""The place, its people and its record-keeping."""

from clinic.models.actor import Actor, ActorKind, ApiClient
from clinic.models.audit import AuditEntry, AuditSeal
from clinic.models.idempotency import IdempotentAnswer
from clinic.models.installation import DeliveryArming, Heartbeat, Installation
from clinic.models.keys import Keyed, Versioned
from clinic.models.room import Room
from clinic.models.site import Site
from clinic.models.staff import StaffMember, User

__all__ = [
    "Actor",
    "ActorKind",
    "ApiClient",
    "AuditEntry",
    "AuditSeal",
    "DeliveryArming",
    "Heartbeat",
    "IdempotentAnswer",
    "Installation",
    "Keyed",
    "Room",
    "Site",
    "StaffMember",
    "User",
    "Versioned",
]
