"""A message's words as the editor shows them: what is wrong, how long they get, and how they look on arrival."""

from typing import Any

from clinic.models import Site
from clinic.rules.sentences import Sentence, sentence
from pathways.queries.providers import sender_of
from pathways.rules.messages import EMAIL, SMS, Length, Rendered, Template, lint, longest_length, render
from pathways.rules.templates import longest_sample, short_sample

Shown = dict[str, Any]


def title_of(key: str) -> Sentence:
    """What a kind of message is called."""
    return sentence(f"template.key.{key}")


def live(typed: Template, site: Site | None) -> Shown:
    """The part of the page that changes as one types."""
    length = longest_length(typed.text) if typed.channel == SMS else None
    return {
        "slot": typed,
        "problems": lint(typed),
        "length": length,
        "meter": _meter(length),
        "looks": _looks(typed, site),
        "mail": typed.channel == EMAIL,
        "sender": sender_of(typed.channel),
    }


def _meter(length: Length | None) -> int:
    """How full one text message is, in hundredths of it."""
    return min(round(length.used * 100 / length.limit), 100) if length else 0


def _looks(typed: Template, site: Site | None) -> list[Shown]:
    """The message to somebody with a short name, and with every field as long as it can be."""
    here = {"discreet_name": site.discreet_name, "phone": site.phone} if site else {}
    short = {**short_sample(typed.language), **here}
    return [
        {"name": "short", "rendered": _rendered(typed, short), "from": short["discreet_name"]},
        {
            "name": "longest",
            "rendered": _rendered(typed, dict(longest_sample(typed.language))),
            "from": longest_sample(typed.language)["discreet_name"],
        },
    ]


def _rendered(typed: Template, fields: dict[str, str]) -> Rendered | None:
    try:
        return render(typed, fields)
    except (ValueError, KeyError, IndexError, AttributeError):
        return None
