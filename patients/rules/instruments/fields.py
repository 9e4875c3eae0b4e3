"""A mapping read field by field: each by its kind, errors with their place, leftovers refused."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

Member = TypeVar("Member", bound=StrEnum)


class Fields:
    """One mapping of a data file. `where` is its place in words ("cows.items[3]"), for errors."""

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"{where}: must be a mapping")
        self.data: Mapping[str, object] = data
        self.where = where
        self.read: set[str] = set()

    def has(self, name: str) -> bool:
        return name in self.data

    def text(self, name: str) -> str:
        value = self._value(name)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{self.where}: {name} must be a text")
        return value

    def text_or(self, name: str, default: str) -> str:
        return self.text(name) if self._given(name) else default

    def text_or_none(self, name: str) -> str | None:
        return self.text(name) if self._given(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._list(name)
        if not all(isinstance(value, str) and value for value in values):
            raise ValueError(f"{self.where}: {name} must be a list of texts")
        return tuple(str(value) for value in values)

    def integer(self, name: str) -> int:
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{self.where}: {name} must be a whole number")
        return value

    def integer_or_none(self, name: str) -> int | None:
        return self.integer(name) if self._given(name) else None

    def number(self, name: str) -> float:
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{self.where}: {name} must be a number")
        return value

    def flag_or(self, name: str, default: bool) -> bool:
        if not self._given(name):
            return default
        value = self._value(name)
        if not isinstance(value, bool):
            raise ValueError(f"{self.where}: {name} must be true or false")
        return value

    def member(self, name: str, kind: type[Member]) -> Member:
        value = self.text(name)
        if value not in [str(each) for each in kind]:
            raise ValueError(f"{self.where}: {name} must be one of {', '.join(kind)}, not {value!r}")
        return kind(value)

    def row(self, name: str) -> "Fields":
        return Fields(self._value(name), f"{self.where}.{name}")

    def rows(self, name: str) -> list["Fields"]:
        return [Fields(each, f"{self.where}.{name}[{at}]") for at, each in enumerate(self._list(name))]

    def mapping_or_empty(self, name: str) -> Mapping[str, object]:
        return self.row(name).data if self._given(name) else {}

    def nothing_else(self) -> None:
        """Refuses a field nobody read: a misspelt name must not be ignored in silence."""
        left = sorted(str(name) for name in self.data if name not in self.read)
        if left:
            raise ValueError(f"{self.where}: unknown field {', '.join(left)}")

    def _given(self, name: str) -> bool:
        self.read.add(name)
        return self.data.get(name) is not None

    def _value(self, name: str) -> object:
        self.read.add(name)
        if name not in self.data:
            raise ValueError(f"{self.where}: {name} is missing")
        return self.data[name]

    def _list(self, name: str) -> list[object]:
        value = self._value(name)
        if not isinstance(value, list | tuple):
            raise ValueError(f"{self.where}: {name} must be a list")
        return list(value)
