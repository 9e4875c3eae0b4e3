"""Addresses of many records on one page: each sort is looked up once, and the record put in."""

from functools import lru_cache
from uuid import UUID

from django.urls import get_script_prefix, get_urlconf, reverse

ANY = UUID(int=0)


def address(name: str, *parts: object) -> str:
    """What `reverse(name, args=parts)` answers; one of the parts is a public id. Raises NoReverseMatch."""
    sort = tuple(ANY if isinstance(each, UUID) else each for each in parts)
    record = next((str(each) for each in parts if isinstance(each, UUID)), "")
    return _of_any(name, sort, get_urlconf(), get_script_prefix()).replace(str(ANY), record)


@lru_cache(maxsize=512)
def _of_any(name: str, parts: tuple[object, ...], urlconf: str | None, prefix: str) -> str:
    return reverse(name, args=parts)
