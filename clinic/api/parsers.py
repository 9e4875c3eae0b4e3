"""Strict JSON: what two readers could take differently, or PostgreSQL cannot store, is refused with a sentence."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from clinic.api.problems import BadBody, Fault, too_large
from clinic.errors import Refused
from clinic.rules.sentences import sentence

LARGEST = 1024 * 1024
DEEPEST = 32


class StrictJSONParser(BaseParser):
    """UTF-8 JSON up to 1 MB and 32 levels; no duplicate keys, no NaN, no NUL, no lone surrogates."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise too_large()
        return read(raw)


def read(raw: bytes) -> Any:
    """The value of a JSON document. Raises Refused: 400 where it is no JSON, 422 where it cannot be kept."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except RecursionError:
        raise _malformed("json_deep") from None
    except ValueError:
        raise _malformed("json_malformed") from None
    _check_depth(value)
    faults = [Fault(pointer, "", "text") for pointer, text in _texts(value) if not storable(text)]
    if faults:
        raise BadBody(faults)
    return value


def storable(text: str) -> bool:
    """No NUL and no half of a surrogate pair: PostgreSQL takes neither."""
    return not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text)


def _malformed(code: str) -> Refused:
    return Refused(code, sentence(f"problem.{code}"), status=400)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("json_duplicate")
    return found


def _constant(word: str) -> float:
    raise _malformed("json_number")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _malformed("json_number")
    return value


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise _malformed("json_deep")
        level = [inner for outer in level for inner in _children(outer) if isinstance(inner, dict | list)]


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _texts(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            # A key that cannot be stored is not repeated in the answer.
            yield pointer, key
            yield from _texts(inner, f"{pointer}/{key}" if storable(key) else pointer)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{pointer}/{index}")
