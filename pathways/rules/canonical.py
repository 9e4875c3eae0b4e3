"""The one spelling of a document, and its hash: a version is this text."""

import hashlib
import json
from collections.abc import Mapping


def canonical(document: Mapping[str, object]) -> str:
    """The document as JSON with sorted keys and no spare space; equal documents give equal text.

    Raises ValueError for what JSON has no word for (a date YAML read from bare digits, a NaN, a key that is no text).
    """
    _check(document, "")
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(document: Mapping[str, object]) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical(document).encode("utf-8")).hexdigest()


def _check(value: object, path: str) -> None:
    match value:
        case None | bool() | int() | float() | str():
            return
        case Mapping():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"{path or 'document'}: the key {key!r} is not text")
                _check(inner, f"{path}.{key}")
        case list() | tuple():
            for place, inner in enumerate(value):
                _check(inner, f"{path}[{place}]")
        case _:
            raise ValueError(f"{path}: {type(value).__name__} cannot be written as JSON")
