"""What every request passes, from the outside in: refusals, idle sign-off, who asks, may they, whom they saw."""

from clinic.web.middleware.activity import IdleSignOffMiddleware
from clinic.web.middleware.actors import ActorMiddleware
from clinic.web.middleware.hosts import LinkHostMiddleware
from clinic.web.middleware.policy import RoutePolicyMiddleware
from clinic.web.middleware.reads import PatientReadMiddleware, Seen
from clinic.web.middleware.refusals import RefusalMiddleware

__all__ = [
    "ActorMiddleware",
    "IdleSignOffMiddleware",
    "LinkHostMiddleware",
    "PatientReadMiddleware",
    "RefusalMiddleware",
    "RoutePolicyMiddleware",
    "Seen",
]
