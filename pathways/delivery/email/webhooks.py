"""Whether a letter brought to us over HTTP really comes from our mail server, and now.

Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over the call's id, its time and its body.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

ID, TIMESTAMP, SIGNATURE = "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"
TOLERANCE = timedelta(minutes=5)
"""How far the time of a call may be from ours; later it is an old call played again."""
MOST_SIGNATURES = 10
_PREFIX = "whsec_"


def signature(secret: str, call_id: str, timestamp: str, body: bytes) -> str:
    """The signature of one call; `secret` as the settings have it (`environment.signing_secret`)."""
    signed = b".".join([call_id.encode(), timestamp.encode(), body])
    return "v1," + b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def signature_holds(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether one of the given signatures (keys may be changed over) is ours, and its time is near `now` (real time).

    Compares in constant time. False without a secret; one that is worth nothing stops the start
    (`environment.signing_secret`).
    """
    call_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not secret or not call_id or not _near(timestamp, now):
        return False
    expected = signature(secret, call_id, timestamp, body).encode()
    given = headers.get(SIGNATURE, "").split()[:MOST_SIGNATURES]
    holds = False
    for each in given:
        holds |= hmac.compare_digest(expected, each.encode("utf-8", "replace"))
    return holds


def _key(secret: str) -> bytes:
    return b64decode(secret.removeprefix(_PREFIX), validate=True)


def _near(timestamp: str, now: datetime) -> bool:
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE.total_seconds()
