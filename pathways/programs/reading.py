"""Reading the text of a program file: YAML or JSON, strictly, with the place of every value.

The text is read as a stream of events, so nothing is expanded: aliases, anchors, merge keys and tags are refused where
they stand, and a text too deep or too large is given up at the limit, not after it. All that can be named is named at
once; only a text that cannot be read on ends the reading.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import yaml

from clinic.rules.sentences import sentence
from pathways.rules.documents import DEEPEST, MOST_PROBLEMS, MOST_VALUES, UNPRINTABLE
from pathways.rules.programs.parse import DocumentError
from pathways.rules.programs.positions import START, PlacedProblem, Position, Positions

# A program is some tens of kilobytes; more is not a program.
LARGEST_FILE = 1_000_000
LONGEST_NUMBER = 40
PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Numbers as JSON writes them and YAML 1.1 does not know.
JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[eE][+-]?[0-9]+\Z")
# Two halves of one character, as JSON escapes what lies beyond 16 bits.
HALVES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
# What a text may not hold at all, whether it is in a value or beside one.
NOT_IN_A_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MERGE = "tag:yaml.org,2002:merge"

_resolver = yaml.resolver.Resolver()
_constructor = yaml.constructor.SafeConstructor()


class TextError(DocumentError):
    """A text that is no program: every problem with its path, its line and column, and a sentence."""

    def __init__(self, found: tuple[PlacedProblem, ...]) -> None:
        self.placed = found
        super().__init__(found)


class Mark(Protocol):
    """A place as the parser marks it, counted from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ReadText:
    """A document as data, and where in the text each of its values stands."""

    document: Mapping[str, object]
    positions: Positions


def read_text(text: str) -> ReadText:
    """The document in a YAML or JSON text. Raises TextError with everything that keeps it from being one."""
    text = text.removeprefix("\ufeff")
    if len(text) > LARGEST_FILE:
        raise _refused(START, "too_long", most=LARGEST_FILE)
    odd = NOT_IN_A_TEXT.search(text)
    if odd is not None:
        raise _refused(_place_in(text, odd.start()), "unprintable")
    reader = _Reader()
    try:
        for event in yaml.parse(_joined(text), Loader=PARSER):
            reader.take(event)
    except yaml.YAMLError as error:
        reader.give_up(_place(getattr(error, "problem_mark", None)), "not_yaml")
    return reader.result()


def _place_in(text: str, offset: int) -> Position:
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - before.rfind("\n"))


def _place(mark: Mark | None) -> Position:
    return START if mark is None else Position(mark.line + 1, mark.column + 1)


def _joined(text: str) -> str:
    """JSON text with halves of characters put together: YAML knows no halves."""
    if not text.lstrip().startswith("{") or not HALVES.search(text):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return HALVES.sub(lambda found: f"{found[1]}\\U{_whole(found[2], found[3]):08x}", text)


def _whole(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)


def _refused(at: Position, code: str, /, **params: object) -> TextError:
    return TextError((PlacedProblem("", sentence(f"program.problem.{code}", **params), at.line, at.column),))


class _Frame:
    """A mapping or list being read. `path` is None in what is thrown away; `key` what the next value is for."""

    __slots__ = ("data", "is_key", "key", "path", "waits_for_key")

    def __init__(self, data: dict[str, object] | list[object], path: str | None, *, is_key: bool = False) -> None:
        self.data = data
        self.path = path
        self.key: str | None = None
        self.waits_for_key = isinstance(data, dict)
        self.is_key = is_key

    def inner(self) -> str | None:
        """The path of the value that comes next."""
        if self.path is None:
            return None
        if isinstance(self.data, list):
            return f"{self.path}[{len(self.data)}]"
        if self.key is None:
            return None
        return f"{self.path}.{self.key}" if self.path else self.key

    def put(self, value: object) -> None:
        """Keeps a value that was read."""
        if isinstance(self.data, list):
            self.data.append(value)
            return
        if self.key is not None:
            self.data[self.key] = value
        self.key, self.waits_for_key = None, True


class _Reader:
    """Takes one event after the other; what is wrong is noted with its place."""

    def __init__(self) -> None:
        self._frames: list[_Frame] = []
        self._root: object = None
        self._documents = 0
        self._values: dict[str, Position] = {}
        self._keys: dict[str, Position] = {}
        self._count = 0
        self._problems: list[PlacedProblem] = []

    def take(self, event: yaml.Event) -> None:
        """The next event of the text."""
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self.give_up(_place(event.start_mark), "not_yaml")
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.ScalarEvent() | yaml.AliasEvent():
                self._scalar(event)

    def result(self) -> ReadText:
        """The document, once all was taken. Raises TextError where anything was noted."""
        if not self._problems and not isinstance(self._root, dict):
            self._note(START, "", "not_a_mapping")
        if self._problems or not isinstance(self._root, dict):
            raise TextError(tuple(self._problems))
        return ReadText(self._root, Positions(self._values, self._keys))

    def give_up(self, at: Position, code: str, /, **params: object) -> None:
        """Ends the reading here, with what was noted so far. Raises TextError."""
        path = next((frame.path for frame in reversed(self._frames) if frame.path is not None), "")
        self._note(at, path, code, **params)
        raise TextError(tuple(self._problems))

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        at = self._counted(event)
        frame = self._frames[-1] if self._frames else None
        if len(self._frames) >= DEEPEST:
            self.give_up(at, "nested_too_deep", most=DEEPEST)
        data: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        if frame is not None and frame.waits_for_key:
            self._note(at, frame.path, "key_not_text", key="{}" if isinstance(data, dict) else "[]")
            self._frames.append(_Frame(data, None, is_key=True))
            return
        path = frame.inner() if frame else ""
        self._check_marks(event, at, path)
        if path is not None:
            self._values[path] = self._keys.get(path, at)
        self._frames.append(_Frame(data, path))

    def _close(self) -> None:
        frame = self._frames.pop()
        if frame.is_key:
            self._frames[-1].waits_for_key = False
        else:
            self._keep(frame.data)

    def _scalar(self, event: yaml.ScalarEvent | yaml.AliasEvent) -> None:
        at = self._counted(event)
        frame = self._frames[-1] if self._frames else None
        if frame is not None and frame.waits_for_key:
            self._key(frame, event, at)
            return
        path = frame.inner() if frame else ""
        self._check_marks(event, at, path)
        if path is not None:
            self._values[path] = at
        self._keep(self._value(event, at, path))

    def _keep(self, value: object) -> None:
        if self._frames:
            self._frames[-1].put(value)
        else:
            self._root = value

    def _key(self, frame: _Frame, event: yaml.ScalarEvent | yaml.AliasEvent, at: Position) -> None:
        """A key that is good names the next value; behind any other the value is read and thrown away."""
        frame.waits_for_key = False
        self._check_marks(event, at, frame.path)
        if isinstance(event, yaml.AliasEvent):
            return
        if _tag(event) == MERGE:
            self._note(at, frame.path, "merge_key")
            return
        key = self._value(event, at, frame.path)
        if not isinstance(key, str):
            self._note(at, frame.path, "key_not_text", key=event.value)
        elif key in frame.data:
            self._note(at, f"{frame.path}.{key}" if frame.path else key, "key_twice", key=key)
        else:
            frame.key = key
            path = frame.inner()
            if path is not None:
                self._keys[path] = at

    def _check_marks(self, event: yaml.NodeEvent, at: Position, path: str | None) -> None:
        """Nothing is named to be used elsewhere, nothing taken from elsewhere, nothing given a type by hand."""
        if event.anchor is not None:
            self._note(at, path, "alias")
        if getattr(event, "tag", None) is not None:
            self._note(at, path, "tag")

    def _value(self, event: yaml.ScalarEvent | yaml.AliasEvent, at: Position, path: str | None) -> object:
        if isinstance(event, yaml.AliasEvent) or event.tag is not None:
            return None
        if UNPRINTABLE.search(event.value):
            self._note(at, path, "unprintable")
            return ""
        read = _AS.get(_tag(event))
        if read is None:
            return event.value
        try:
            return read(event.value)
        except (ValueError, OverflowError):
            self._note(at, path, "odd_number")
            return None

    def _counted(self, event: yaml.Event) -> Position:
        at = _place(event.start_mark)
        self._count += 1
        if self._count > MOST_VALUES:
            self.give_up(at, "too_many_values", most=MOST_VALUES)
        return at

    def _note(self, at: Position, path: str | None, code: str, /, **params: object) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            said = sentence(f"program.problem.{code}", **params)
            self._problems.append(PlacedProblem(path or "", said, at.line, at.column))


def _tag(event: yaml.ScalarEvent) -> str:
    """What a text without quotes is read as; one in quotes is always text."""
    if not event.implicit[0]:
        return ""
    if JSON_NUMBER.match(event.value):
        return FLOAT
    return str(_resolver.resolve(yaml.ScalarNode, event.value, (True, False)))  # type: ignore[no-untyped-call]


def _whole_number(text: str) -> object:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("too long")
    return _constructor.construct_yaml_int(yaml.ScalarNode("", text))  # type: ignore[no-untyped-call]


def _number(text: str) -> float:
    if JSON_NUMBER.match(text):
        found = float(text)
    else:
        found = float(_constructor.construct_yaml_float(yaml.ScalarNode("", text)))  # type: ignore[no-untyped-call]
    if not math.isfinite(found):
        raise ValueError("not finite")
    return found


FLOAT = "tag:yaml.org,2002:float"
# A date without quotes is the text it looks like: JSON has no dates.
_AS: Mapping[str, Callable[[str], object]] = {
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:bool": lambda text: yaml.SafeLoader.bool_values[text.lower()],
    "tag:yaml.org,2002:int": _whole_number,
    FLOAT: _number,
}
