"""The words of messages as a clinic or one of its sites changes them: written, and given up again.

A version is never changed: another takes its place. What was sent before is kept with its attempt as it was sent.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.locks import lock_name
from clinic.actions.verbs import action
from clinic.errors import BAD_INPUT, Refused, bad_input, stale
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.messages import link_of
from pathways.models import MessageTemplate
from pathways.queries.templates import Slot, require_write, site_at, slot, slot_version, versions
from pathways.rules.messages import EMAIL, Problem, Template, lint
from patients.rules.texts import text_problem

NOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What a message shall say. E-mail has a subject, a text message none; `note`: why it is changed."""

    text: str
    subject: str = ""
    note: str = ""


@action(Permission.TEMPLATE_WRITE, "template.write")
def write_template(
    *,
    by: Actor,
    now: datetime,
    key: str,
    channel: str,
    language: str,
    words: Words,
    site_id: UUID | None = None,
    expected_version: int | None = None,
) -> MessageTemplate:
    """The words of one kind of message, on one channel in one language, at a site (None: in the whole clinic), from the
    next message on. What stood there is retired.

    Raises Refused: 403 where they are not the actor's to change, 404, 409 `template_unchanged`, 412 where somebody was
    quicker, 422 `template_problems` with every problem of the linter in `details`.
    """
    of, site = slot(key, channel, language), site_at(by, site_id)
    require_write(by, site)
    wanted = checked(of, words)
    _lock(of, site)
    _must_be(of, site, expected_version)
    newest = versions(of, site).first()
    current = newest if newest is not None and newest.retired_at is None else None
    if current is not None and current.digest == wanted.digest:
        raise Refused("template_unchanged", sentence("template.refused.unchanged"))
    if current is not None:
        _retire(current, by, now)
    row = MessageTemplate.objects.create(
        key=of.key,
        channel=of.channel,
        language=of.language,
        site=site,
        number=newest.number + 1 if newest else 1,
        subject=wanted.subject or "",
        text=wanted.text,
        digest=wanted.digest,
        note=words.note.strip(),
        written_at=now,
        written_by=by,
    )
    _audit("template.write", row, by, now)
    return row


@action(Permission.TEMPLATE_WRITE, "template.retire")
def retire_template(
    *,
    by: Actor,
    now: datetime,
    key: str,
    channel: str,
    language: str,
    site_id: UUID | None = None,
    expected_version: int | None = None,
) -> MessageTemplate:
    """Give the words of a site or of the clinic up: those of the level below count from the next message on.

    Raises Refused: 403, 404, 409 `template_not_there` where the level has none, 412.
    """
    of, site = slot(key, channel, language), site_at(by, site_id)
    require_write(by, site)
    _lock(of, site)
    _must_be(of, site, expected_version)
    row = versions(of, site).filter(retired_at__isnull=True).first()
    if row is None:
        raise Refused("template_not_there", sentence("template.refused.not_there"))
    _retire(row, by, now)
    _audit("template.retire", row, by, now)
    return row


def checked(of: Slot, words: Words) -> Template:
    """The words as they would be used. Raises Refused 422: `note`, or `template_problems` by part."""
    if problem := text_problem(words.note, limit=NOTE_LIMIT):
        raise bad_input(note=problem)
    wanted = template_from(of, words.text, words.subject)
    if problems := lint(wanted):
        raise template_problems(problems)
    return wanted


def template_from(of: Slot, text: str, subject: str) -> Template:
    """What was typed as words of this message: line ends of one kind, none at the end."""
    tidy = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n"))
    line = subject.strip()
    return Template(
        key=of.key,
        channel=of.channel,
        language=of.language,
        version=0,
        text=tidy,
        subject=line if of.channel == EMAIL or line else None,
        link=link_of(of.key),
    )


def template_problems(problems: tuple[Problem, ...]) -> Refused:
    """The refusal of words that may not be sent: the first problem of each part, and all of them as details."""
    fields: dict[str, Sentence] = {}
    for each in problems:
        fields.setdefault(each.part, each.sentence)
    told = [{"part": each.part, "code": each.sentence.code, "sentence": each.sentence} for each in problems]
    return Refused(
        "template_problems",
        sentence("template.refused.problems"),
        status=BAD_INPUT,
        fields=fields,
        details={"problems": told},
    )


def _lock(of: Slot, site: Site | None) -> None:
    """Hold the words of one level to the end of the transaction: a level without any has no row to lock."""
    lock_name(f"template {of.key} {of.channel} {of.language} {site.pk if site else ''}")


def _must_be(of: Slot, site: Site | None, expected_version: int | None) -> None:
    if expected_version is not None and slot_version(of, site) != expected_version:
        raise stale()


def _retire(row: MessageTemplate, by: Actor, now: datetime) -> None:
    row.retired_at, row.retired_by = now, by
    row.save(update_fields=["retired_at", "retired_by"])


def _audit(name: str, row: MessageTemplate, by: Actor, now: datetime) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("message_template", row.public_id),
        details={
            "key": row.key,
            "channel": row.channel,
            "language": row.language,
            "number": row.number,
            "site": row.site.code if row.site else "",
            "digest": row.digest,
        },
    )
