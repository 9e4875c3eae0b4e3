"""What an automatic message may say: the wording lint, merging, and how long a text message is.

Sources: follow-up.md, "Content under HIPAA and Part 2" and "Rules on texting"; confidentiality.md. A
message names the clinic's discreet name, a day, a time, a number to call, how to opt out, and where its kind
of message has one, a link of the patient's own; nothing else.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from string import Formatter
from types import MappingProxyType

from clinic.rules.discretion import GSM, LINK, LONGEST_NAME, forbidden_words, gsm_length
from clinic.rules.readings import foreign_letters, hides_something
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.replies import Answer

SMS = "sms"
EMAIL = "email"

# What may be merged into a message, and the most characters each may take there. Days are "mié 30 sep",
# times "14:00"; the discreet name and the number are as long as a site's columns; a link is `LONGEST_LINK`.
LINK_FIELD = "link"
LONGEST_LINK = 52
LONGEST_MERGE: Mapping[str, int] = MappingProxyType(
    {"discreet_name": LONGEST_NAME, "given_name": 20, "day": 16, "time": 8, "phone": 20, LINK_FIELD: LONGEST_LINK}
)
# What goes back by itself to whoever wrote may be read by somebody else: it says who writes and whom to call. Only
# where a person asks them to call is it known whose the address is.
_TO_ANYBODY = frozenset({"discreet_name", "phone"})
FIELDS_OF: Mapping[str, Set[str]] = MappingProxyType(
    {each.value: _TO_ANYBODY for each in Answer} | {Answer.PLEASE_CALL.value: _TO_ANYBODY | {"given_name"}}
)
# Every text message says who writes, whom to call, and how to make it stop; e-mail says who and whom.
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {SMS: ("{discreet_name}", "{phone}", "STOP"), EMAIL: ("{discreet_name}", "{phone}")}
)
# What a kind of message is sent for and must not be without, beside what every message says.
REQUIRED_OF: Mapping[str, tuple[str, ...]] = MappingProxyType({"appointment.reminder": ("{day}", "{time}")})
# One segment of a text message, in septets of the GSM 03.38 alphabet.
ONE_SEGMENT = 160
# One segment where any character lies outside that alphabet (UCS-2).
ONE_SEGMENT_OTHERWISE = 70
# A subject with every field at its longest still fits its column, and most mail programs show it whole.
LONGEST_SUBJECT = 120
LONGEST_TEXT = 2000

_STOP = re.compile(r"\bSTOP\b")


@dataclass(frozen=True, slots=True)
class Template:
    """The words of one message on one channel in one language. E-mail has a subject, a text message none.

    `link`: what a link in this kind of message is for ("": it has none to give).
    """

    key: str
    channel: str
    language: str
    version: int
    text: str
    subject: str | None = None
    link: str = ""

    @property
    def digest(self) -> str:
        """Fingerprint of the words, kept with every attempt: 16 hexadecimal digits."""
        return sha256(f"{self.subject}\x00{self.text}".encode()).hexdigest()[:16]

    @property
    def holds_link(self) -> bool:
        """Whether it can only go out with a link. Raises ValueError for stray braces."""
        return LINK_FIELD in _needed(self.text)

    @property
    def keeps_to_its_fields(self) -> bool:
        """Whether it says no more than its kind of message may, and all it must. Raises ValueError on stray braces."""
        said = _needed(self.text)
        must = {each.strip("{}") for each in REQUIRED_OF.get(self.key, ())}
        return must <= said and said | _needed(self.subject or "") <= fields_of(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template, and in which part of it (`subject` or `text`)."""

    part: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to go."""

    text: str
    subject: str | None = None


def fields_of(template: Template) -> Set[str]:
    """What may be merged into this kind of message."""
    fields = FIELDS_OF.get(template.key, LONGEST_MERGE.keys() - {LINK_FIELD})
    return fields | {LINK_FIELD} if template.link else fields


def lint(template: Template) -> tuple[Problem, ...]:
    """Everything that keeps a template from being used; empty when it may be.

    Refused: words that could tell a bystander what the clinic is for (English and Spanish, whatever the
    language and however spelled), hidden characters and letters of other scripts, links written out, merge
    fields that are not this kind's, a missing name, number or opt-out, a reminder of an appointment without its day or
    time, a text message longer than one segment when
    every field is at its longest.
    """
    allowed = fields_of(template)
    problems = list(_part_problems("text", template.text, allowed))
    if template.subject is not None:
        problems += _part_problems("subject", template.subject, allowed - {LINK_FIELD})
    problems += _shape_problems(template)
    if not any(each.sentence.code.startswith("message.field") for each in problems):
        problems += _length_problems(template)
    return tuple(problems)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text message is with every field at its longest: septets of the GSM alphabet, or UTF-16 units where a
    character lies outside of it; of `limit` that fit into one segment."""

    used: int
    limit: int
    in_alphabet: bool

    @property
    def left(self) -> int:
        return self.limit - self.used


def longest_length(text: str) -> Length | None:
    """The length of a text message at the longest merge, or None where its fields cannot be read."""
    try:
        longest = text.format_map({name: "x" * limit for name, limit in LONGEST_MERGE.items()})
    except (KeyError, ValueError, IndexError, AttributeError):
        return None
    used = gsm_length(longest)
    if used is not None:
        return Length(used, ONE_SEGMENT, in_alphabet=True)
    return Length(len(longest.encode("utf-16-le")) // 2, ONE_SEGMENT_OTHERWISE, in_alphabet=False)


def fits_one_segment(text: str) -> bool:
    """Whether a text message goes out as one: 160 septets, or 70 UTF-16 units outside the GSM alphabet."""
    length = gsm_length(text)
    if length is not None:
        return length <= ONE_SEGMENT
    return len(text.encode("utf-16-le")) // 2 <= ONE_SEGMENT_OTHERWISE


def render(template: Template, fields: Mapping[str, str]) -> Rendered:
    """The message with its fields filled in. For a text message, letters outside the GSM alphabet lose
    their accents, and a long given name is cut.

    Raises ValueError for a field that is missing, not in the list, too long, or holds a line break.
    """
    values = {name: _value(template.channel, name, value) for name, value in fields.items()}
    if missing := (_needed(template.text) | _needed(template.subject or "")) - values.keys():
        raise ValueError(f"{template.key} lacks {', '.join(sorted(missing))}")
    subject = None if template.subject is None else template.subject.format_map(values)
    return Rendered(template.text.format_map(values), subject)


def _value(channel: str, name: str, value: str) -> str:
    if name not in LONGEST_MERGE:
        raise ValueError(f"{name!r} may not be merged into a message")
    if not value.isprintable() and any(unicodedata.category(each) in ("Cc", "Cs") for each in value):
        raise ValueError(f"{name} holds control characters")
    value = _gsm_text(value) if channel == SMS else value
    if name == "given_name":
        return value[: LONGEST_MERGE[name]].rstrip()
    if len(value) > LONGEST_MERGE[name]:
        raise ValueError(f"{name} is longer than {LONGEST_MERGE[name]} characters")
    return value


def _gsm_text(text: str) -> str:
    """The text in the GSM alphabet: `María` becomes `Maria`; what has no counterpart is left out."""
    if GSM.issuperset(text):
        return text.strip()
    kept = []
    for each in unicodedata.normalize("NFC", text):
        bare = each if each in GSM else unicodedata.normalize("NFKD", each)
        kept.append("".join(part for part in bare if part in GSM))
    return "".join(kept).strip()


def _part_problems(part: str, text: str, allowed: Set[str]) -> Iterator[Problem]:
    if words := forbidden_words(text):
        yield Problem(part, sentence("message.word", words=words))
    if hides_something(text):
        yield Problem(part, sentence("message.hidden"))
    if foreign := foreign_letters(text):
        yield Problem(part, sentence("message.script", letters=foreign))
    if LINK.search(text):
        yield Problem(part, sentence("message.link"))
    try:
        wrong = sorted(set(_names(text)) - allowed)
    except ValueError:
        yield Problem(part, sentence("message.field.malformed"))
        return
    if LINK_FIELD in wrong:
        yield Problem(part, sentence("message.field.no_link"))
    if others := [each for each in wrong if each != LINK_FIELD]:
        yield Problem(part, sentence("message.field.unknown", names=others))


def _shape_problems(template: Template) -> Iterator[Problem]:
    if template.channel not in REQUIRED:
        yield Problem("text", sentence("message.channel", channel=template.channel))
        return
    for needed in (*REQUIRED[template.channel], *REQUIRED_OF.get(template.key, ())):
        present = _STOP.search(template.text) if needed == "STOP" else needed in template.text
        if not present:
            purpose = sentence(f"message.needed.{needed.strip('{}').lower()}")
            yield Problem("text", sentence("message.lacks", purpose=purpose, what=needed))
    if (template.channel == EMAIL) != bool(template.subject):
        yield Problem("subject", sentence("message.subject"))
    elif template.subject and ("\n" in template.subject or "\r" in template.subject):
        yield Problem("subject", sentence("message.subject_lines"))


def _length_problems(template: Template) -> Iterator[Problem]:
    if template.subject is not None:
        subject = longest_length(template.subject)
        if subject is not None and subject.used > LONGEST_SUBJECT:
            yield Problem("subject", sentence("message.too_long", length=subject.used, limit=LONGEST_SUBJECT))
    if template.channel != SMS:
        if len(template.text) > LONGEST_TEXT:
            yield Problem("text", sentence("message.too_long", length=len(template.text), limit=LONGEST_TEXT))
        return
    length = longest_length(template.text)
    if length is None or not length.in_alphabet:
        yield Problem("text", sentence("message.alphabet"))
    elif length.left < 0:
        yield Problem("text", sentence("message.too_long", length=length.used, limit=ONE_SEGMENT))


@lru_cache(maxsize=256)
def _needed(text: str) -> frozenset[str]:
    """The merge fields of a text, read once for all messages that are made of it."""
    return frozenset(_names(text))


def _names(text: str) -> Iterator[str]:
    """The merge fields of a text. Raises ValueError for stray braces; a format or a conversion is part of
    the name, so that it is in no list.
    """
    for _, name, spec, conversion in Formatter().parse(text):
        if name is not None:
            yield f"{name}!{conversion}" if conversion else f"{name}:{spec}" if spec else name
