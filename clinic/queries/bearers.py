"""Who stands behind an access token of the client-credentials grant."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from oauth2_provider.models import get_access_token_model

from clinic.models import Actor, ApiClient


class TokenFault(StrEnum):
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Bearer:
    """The actor of the token, or what is wrong with the token. The actor's scopes are narrowed to the token's."""

    actor: Actor | None
    fault: TokenFault | None = None


def bearer_of(token: str, now: datetime) -> Bearer:
    """One query. `now` is the real time. A token of no client of ours, or of a person, is unknown."""
    checksum = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
    row = (
        get_access_token_model()
        .objects.select_related("application__api_client__actor")
        .filter(token_checksum=checksum)
        .first()
    )
    client: ApiClient | None = getattr(row and row.application, "api_client", None)
    if row is None or client is None or row.user_id is not None:
        return Bearer(None, TokenFault.UNKNOWN)
    if client.revoked_at is not None or not client.actor.is_active:
        return Bearer(None, TokenFault.REVOKED)
    if now >= row.expires:
        return Bearer(None, TokenFault.EXPIRED)
    return Bearer(_narrowed(client.actor, row.scope))


def _narrowed(actor: Actor, scope: str) -> Actor:
    asked = set(scope.split())
    actor.scopes = [one for one in actor.scopes if one in asked]
    return actor
