"""Fields that take exactly what they say: no number written as text, no time without its zone."""

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from rest_framework import serializers

EARLIEST, LATEST = 1850, 2150
LONGEST = 4000


class PublicId(serializers.UUIDField):
    """The public id of a row, in its usual spelling with hyphens."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or len(data) != 36:
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """Words of a person: a JSON string without control characters, at most `max_length` long."""

    default_error_messages = {"text": "This text holds characters that cannot be stored."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\r\t" for letter in data):
            self.fail("text")
        return super().to_internal_value(data)


class Narrative(Text):
    """What somebody wrote about a person, in an answer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, help_text="Null for those who do not read what was written.", **kwargs)


class Code(serializers.RegexField):
    """A stable word of ours: letters, digits, dots, hyphens and underscores."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 80)
        super().__init__(r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """A member of an enumeration of the rules; the value handed on is the member."""

    def __init__(self, members: type[StrEnum], **kwargs: Any) -> None:
        self.members = members
        super().__init__(choices=[(member.value, member.value) for member in members], **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return self.members(super().to_internal_value(data))

    def to_representation(self, value: Any) -> Any:
        return value.value if isinstance(value, StrEnum) else value


class Whole(serializers.IntegerField):
    """A JSON number without a fraction, within four bytes unless told otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_value", 2**31 - 1)
        kwargs.setdefault("min_value", -(2**31))
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class YesNo(serializers.BooleanField):
    """true or false, nothing that merely looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Day(serializers.DateField):
    """A calendar date, `2026-06-19`."""

    default_error_messages = {"out_of_range": "This date lies outside the years that can be recorded."}

    def to_internal_value(self, value: Any) -> date:
        found = super().to_internal_value(value)
        if not EARLIEST <= found.year <= LATEST:
            self.fail("out_of_range")
        return found


class Moment(serializers.DateTimeField):
    """A moment with its zone, `2026-06-19T14:00:00Z`; answered in UTC."""

    default_error_messages = {
        "naive": "This time needs its zone, for example 2026-06-19T14:00:00Z.",
        "out_of_range": "This date lies outside the years that can be recorded.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        if not EARLIEST <= value.year <= LATEST:
            self.fail("out_of_range")
        return super().enforce_timezone(value)


class WallTime(serializers.TimeField):
    """A time of day on a wall, `09:30`, in a zone that is said elsewhere."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], **kwargs)
