"""Encrypting what leaves the server only to come back: cursors, and answers kept for a replay.

Each purpose has a key of its own, derived from `SECRET_KEY`, so that a cursor can never be read as a kept answer.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(purpose: str, content: bytes) -> bytes:
    """The content encrypted and authenticated, as URL-safe text."""
    return _box(purpose, _secrets()).encrypt(content)


def unseal(purpose: str, sealed: bytes) -> bytes:
    """The content again. Raises ValueError for anything this installation did not seal for this purpose."""
    try:
        return _box(purpose, _secrets()).decrypt(sealed)
    except InvalidToken:
        raise ValueError("not sealed here for this purpose") from None


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=16)
def _box(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(purpose, secret)) for secret in secrets])


def _key(purpose: str, secret: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"stepwell {purpose}".encode())
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))
