"""What a kind of criterion may be told, described so that a form can show and edit any kind without knowing it.

The same description reads a document (`Param.read`), so that what a form offers is what a document may say.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import LONGEST_TEXT, Fields


class ParamType(StrEnum):
    """How a parameter is written. *limit*: a whole number, a name, or a list of these."""

    TEXT = "text"
    KEY = "key"
    KEYS = "keys"
    WHOLE = "whole"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    FLAG = "flag"
    LIMIT = "limit"


class Refers(StrEnum):
    """What a key of a document is a key of."""

    INSTRUMENT = "instrument"
    OBSERVATION = "observation"
    MODALITY = "modality"


Members = type[StrEnum]


@dataclass(frozen=True, slots=True)
class Reference:
    """A key that a criterion names: of what, and where it stands (`instrument`, `tests[1]`)."""

    what: Refers
    key: str
    param: str


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: its name in the document, its type, and what it may be.

    `choices` are the members of a choice; `refers` says what a key is a key of. `least` and `most` bound a number, for
    a text `most` is its length. Where it may be left out, `default` stands for it.
    """

    name: str
    type: ParamType
    required: bool = True
    default: object = None
    choices: Members | None = None
    refers: Refers | None = None
    least: int = 0
    most: int = 0
    called: str = ""

    @property
    def label(self) -> Sentence:
        """What a form calls it."""
        return sentence(f"gate.param.{self.called or self.name}")

    def read(self, fields: Fields) -> object:
        """Its value in a document; what is wrong is noted with its path."""
        match self.type:
            case ParamType.TEXT:
                return fields.text(self.name, default=self._text_default(), longest=self.most or LONGEST_TEXT)
            case ParamType.KEY:
                return fields.slug(self.name, optional=not self.required)
            case ParamType.KEYS:
                return fields.slugs(self.name, required=self.required)
            case ParamType.WHOLE:
                return self._whole(fields)
            case ParamType.NUMBER:
                return fields.number(self.name, least=Decimal(self.least), most=Decimal(self.most))
            case ParamType.FLAG:
                return fields.flag(self.name, default=bool(self.default))
            case ParamType.CHOICE | ParamType.CHOICES:
                return self._chosen(fields)
        raise ValueError(f"{self.name} is read by its kind")

    def _text_default(self) -> str | None:
        return None if self.required else str(self.default or "")

    def _whole(self, fields: Fields) -> int | None:
        if isinstance(self.default, int):
            return fields.whole(self.name, least=self.least, most=self.most, default=self.default)
        if self.required:
            return fields.whole(self.name, least=self.least, most=self.most)
        return fields.optional_whole(self.name, least=self.least, most=self.most)

    def _chosen(self, fields: Fields) -> object:
        if self.choices is None:
            raise ValueError(f"{self.name} offers nothing to choose")
        if self.type is ParamType.CHOICES:
            return fields.choices(self.name, self.choices, required=self.required)
        if self.required or fields.has(self.name):
            return fields.choice(self.name, self.choices)
        return self.default


def key(name: str, refers: Refers | None = None) -> Param:
    """One key, that must be there."""
    return Param(name, ParamType.KEY, refers=refers)


def keys(name: str, refers: Refers, *, required: bool = True) -> Param:
    """Several keys."""
    return Param(name, ParamType.KEYS, required, (), refers=refers)


def whole(name: str, least: int, most: int, *, called: str = "") -> Param:
    """A whole number, that must be there."""
    return Param(name, ParamType.WHOLE, least=least, most=most, called=called)


def optional_whole(name: str, least: int, most: int, *, default: int | None = None, called: str = "") -> Param:
    """A whole number that may be left out."""
    return Param(name, ParamType.WHOLE, False, default, least=least, most=most, called=called)


def choice(name: str, members: type[StrEnum], *, required: bool = True, called: str = "") -> Param:
    """One of an enumeration."""
    return Param(name, ParamType.CHOICE, required, choices=members, called=called)


def choices(name: str, members: type[StrEnum], *, required: bool = True) -> Param:
    """Some of an enumeration."""
    return Param(name, ParamType.CHOICES, required, (), choices=members)


def text(name: str, *, most: int = LONGEST_TEXT, default: str | None = None) -> Param:
    """A text; with a default it may be left out."""
    return Param(name, ParamType.TEXT, default is None, default, most=most)
