"""What lockout counts on: which account was tried, and from where."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def attempted_account(request: HttpRequest | None, credentials: Mapping[str, Any] | None) -> str:
    """The email address that was tried, in one spelling: capitals and spaces do not buy more attempts."""
    named = credentials or {}
    if request is not None and not named:
        named = request.POST
    value = named.get("email") or named.get("login") or named.get("username") or ""
    return str(value).strip().casefold()[:255]


def client_address(request: HttpRequest) -> str:
    """The peer's address, or what our own proxies saw; a header the client wrote itself is not believed."""
    proxies: int = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
        return str(forwarded[-proxies].strip())
    return str(request.META.get("REMOTE_ADDR", ""))
