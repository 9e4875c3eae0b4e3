"""From a sentence to words: plurals, dates, labels and lists in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from string import Formatter

from clinic.rules.sentences import Sentence
from clinic.wording.store import UnknownSentence, text_of

DAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "es": ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
}
MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
}
# As somebody outside the clinic reads them: "Tuesday 23 June", "martes 23 de junio".
LONG_DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
LONG_MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"],
    "es": ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"],
}  # fmt: skip
OF = {"en": "", "es": "de "}
AND = {"en": "and", "es": "y"}


def say(sentence: Sentence, language: str = "en") -> str:
    """The sentence in words. Raises UnknownSentence for a code the catalogue does not hold."""
    return _Words(language).said(text_of(sentence.code, language), sentence.params)


def say_all(sentences: Iterable[Sentence], language: str = "en") -> str:
    """Several sentences, one after the other."""
    return " ".join(say(one, language) for one in sentences)


def label(member: StrEnum, language: str = "en") -> str:
    """The words for a member of an enumeration: catalogue code `label.<Class>.<value>`."""
    try:
        return text_of(f"label.{type(member).__name__}.{member.value}", language)
    except UnknownSentence:
        return member.value.replace("_", " ")


@cache
def _parts(pattern: str) -> tuple[tuple[str, str | None, str], ...]:
    """A pattern of the catalogue, taken apart once: words, the parameter behind them (None: none), and its form."""
    return tuple((words, name, form or "") for words, name, form, _conversion in Formatter().parse(pattern))


class _Words:
    def __init__(self, language: str) -> None:
        self.language = language if language in DAYS else "en"

    def said(self, pattern: str, params: Mapping[str, object]) -> str:
        return "".join(
            words if name is None else f"{words}{self.parameter(name, form, params)}"
            for words, name, form in _parts(pattern)
        )

    def parameter(self, name: str, form: str, params: Mapping[str, object]) -> str:
        """One parameter as its form wants it: "one|many" is a plural. Raises KeyError where it is missing."""
        if name not in params:
            raise KeyError(f"a sentence lacks its parameter {name!r}")
        if "|" in form:
            one, many = form.split("|", 1)
            return one if params[name] == 1 else many
        return self.words(params[name], form)

    def words(self, value: object, spec: str = "") -> str:
        """Any parameter in words, by its type."""
        if isinstance(value, Sentence):
            return say(value, self.language)
        if isinstance(value, StrEnum):
            return label(value, self.language)
        if isinstance(value, str):
            return value
        if isinstance(value, date | time):
            return self.moment(value, spec)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return number(value)
        if isinstance(value, Iterable):
            return self.listed([self.words(each) for each in value])
        return str(value)

    def moment(self, value: date | time, spec: str) -> str:
        if isinstance(value, time):
            return f"{value:%H:%M}"
        return f"{self.day(value, spec)} {value:%H:%M}" if isinstance(value, datetime) else self.day(value, spec)

    def day(self, value: date, spec: str) -> str:
        if spec == "long":
            month = f"{OF[self.language]}{LONG_MONTHS[self.language][value.month - 1]}"
            return f"{LONG_DAYS[self.language][value.weekday()]} {value.day} {month}"
        month = MONTHS[self.language][value.month - 1]
        plain = f"{value.day} {month}"
        if spec == "short":
            return plain
        if spec == "year":
            return f"{plain} {value.year}"
        return f"{DAYS[self.language][value.weekday()]} {plain}"

    def listed(self, words: list[str]) -> str:
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {AND[self.language]} {words[-1]}"


def number(value: int | float | Decimal) -> str:
    """Digits as people write them: no exponent, no zeros behind the point."""
    text = f"{value:f}" if isinstance(value, Decimal) else f"{value}"
    return text.rstrip("0").rstrip(".") if "." in text else text
