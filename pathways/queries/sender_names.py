"""Where messages come from and where their links lead, and whether one of these names gives care away."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from clinic.rules.discretion import sender_problem
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.links import LONGEST_BASE


@dataclass(frozen=True, slots=True)
class Sender:
    """One of the names a message carries: which (`sms`, `email`, `link`), what it is, and what is wrong with it."""

    kind: str
    name: str
    problem: Sentence | None


def senders() -> tuple[Sender, ...]:
    """Of every channel, and of the links. An empty name is one nobody has set."""
    return (
        Sender("sms", settings.SMS_FROM, sender_problem(settings.SMS_FROM)),
        Sender("email", settings.SMTP_FROM, sender_problem(settings.SMTP_FROM)),
        Sender("link", settings.PATIENT_LINK_URL, link_problem(settings.PATIENT_LINK_URL)),
    )


def link_problem(base: str) -> Sentence | None:
    """Why patients' links cannot start with this address, or None: a telling word, too long for a text message, or more
    than a host."""
    parts = urlsplit(base)
    if problem := sender_problem(parts.netloc):
        return problem
    if len(base) > LONGEST_BASE:
        return sentence("message.link_too_long", limit=LONGEST_BASE)
    if parts.path.strip("/") or parts.query or parts.fragment:
        return sentence("message.link_is_more")
    return None


def links_work() -> bool:
    """Whether a message may carry a link on this installation."""
    return bool(settings.PATIENT_LINK_URL) and link_problem(settings.PATIENT_LINK_URL) is None
