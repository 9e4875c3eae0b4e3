"""Typed readers of the environment. Nonsense stops the start with one sentence that names the variable."""

import os
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})

SHORTEST_SECRET = 24
"""Octets that a secret must have which calls are signed with (Standard Webhooks)."""

# Where `make run` leaves the addresses of the servers it started, so that `manage.py` finds them.
RUNNING = ROOT / "var" / "run" / "environment"


def adopt_running_clinic(path: Path = RUNNING) -> None:
    """Take the addresses of a clinic started by `make run`, unless the environment names a database itself."""
    if "DATABASE_URL" in os.environ or "DATABASE_URL_FILE" in os.environ or not path.is_file():
        return
    try:
        text = path.read_text()
    except PermissionError:
        return  # another user's clinic: not ours to speak to
    for line in text.splitlines():
        name, _, value = line.partition("=")
        os.environ.setdefault(name, value)


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file that NAME_FILE points at (the way secrets are mounted)."""
    if f"{name}_FILE" in os.environ and name in os.environ:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if f"{name}_FILE" in os.environ:
        return _read_secret(name, Path(os.environ[f"{name}_FILE"]))
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE) in the environment.")
    return default


def _read_secret(name: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE points at {path}, which cannot be read.") from error


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "").lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def number(name: str, *, default: int, least: int, most: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def signing_secret(name: str) -> str:
    """A secret that calls are signed with, spelled as Standard Webhooks do: whsec_ and Base64. Empty where absent."""
    value = text(name, "")
    try:
        usable = not value or len(b64decode(value.removeprefix("whsec_"), validate=True)) >= SHORTEST_SECRET
    except ValueError:
        usable = False
    if not usable:
        raise ImproperlyConfigured(f"{name} must be whsec_ and at least {SHORTEST_SECRET} octets in Base64.")
    return value


def choice(name: str, *options: str, default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty members."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def url(name: str, *schemes: str, default: str | None = None) -> str:
    """An absolute address with one of the given schemes; an empty default means that it may be absent."""
    value = text(name, default)
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with {' or '.join(f'{s}://' for s in schemes)}.")
    return value.rstrip("/")


def database(address: str) -> Mapping[str, object]:
    """Django's words for `postgresql://user:password@host:port/name?sslmode=...&host=/socket/folder`."""
    parts = urlsplit(address)
    if parts.scheme not in ("postgres", "postgresql") or len(parts.path) < 2:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
