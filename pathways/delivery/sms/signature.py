"""Whether a call from outside really comes from the SMS provider (X-Twilio-Signature)."""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

_USUAL_PORTS = {"https": 443, "http": 80}


def signature(auth_token: str, url: str, form: Mapping[str, str | Sequence[str]]) -> str:
    """The provider's signature of a form posted to `url`: HMAC-SHA1, keyed with the account's token, of the
    address followed by every field name and value, sorted by name; Base64.
    """
    signed = url + "".join(name + value for name in sorted(form) for value in _values(form[name]))
    return b64encode(hmac.digest(auth_token.encode(), signed.encode(), "sha1")).decode()


def signature_holds(auth_token: str, url: str, form: Mapping[str, str | Sequence[str]], given: str) -> bool:
    """Compares in constant time. The usual port may be written out or not: providers differ. False without
    a token.
    """
    if not auth_token or not given:
        return False
    holds = False
    for spelling in _spellings(url):
        expected = signature(auth_token, spelling, form)
        holds |= hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
    return holds


def _values(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else sorted(set(value))


def _spellings(url: str) -> set[str]:
    parts = urlsplit(url)
    usual = _USUAL_PORTS.get(parts.scheme)
    bare = parts.hostname or ""
    if usual is None or parts.port not in (None, usual) or parts.username is not None:
        return {url}
    host = f"[{bare}]" if ":" in bare else bare
    return {url, *(urlunsplit(parts._replace(netloc=each)) for each in (host, f"{host}:{usual}"))}
