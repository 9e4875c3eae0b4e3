"""The words of messages: whose are in force, what stands on each level, and every version there was.

Nothing is kept between two askings: what somebody changed counts for the next message.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from clinic.errors import Refused, not_found
from clinic.models import Actor, Site
from clinic.queries.among import one_of, one_of_words
from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.messages import UnknownTemplate, channels_of, keys, link_of, linked, template
from pathways.models import MessageTemplate, Reminder
from pathways.rules.messages import Template
from pathways.rules.templates import FALLBACK, LANGUAGES, Level, Wording, in_force, spoken


@dataclass(frozen=True, slots=True)
class Slot:
    """A message that has words of its own: its kind, its channel, its language."""

    key: str
    channel: str
    language: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose words are wanted: of a message to somebody at a site (None: of the clinic) who speaks this language."""

    key: str
    channel: str
    language: str
    site_id: int | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """What stands for a message, the nearest first; the last are the shipped words."""

    steps: tuple[Wording, ...]
    rows: Mapping[Level, MessageTemplate]

    def in_force(self, *, link: bool) -> Wording:
        """What is said, with or without a link to give."""
        return in_force(self.steps, link=link)

    @property
    def wants_link(self) -> bool:
        """Whether other words would be used if there were a link."""
        return self.in_force(link=True).template.holds_link


def templates_in_force(asked: Collection[Asked]) -> dict[Asked, Ladder]:
    """What stands for each of these messages. One query for any number of them, of any sites.

    Raises UnknownTemplate for a kind of message, or a channel of it, that is none.
    """
    wanted = set(asked)
    found = _in_use(list({each.key for each in wanted}), list(_sites(wanted))) if wanted else []
    rows = {(row.key, row.channel, row.language, row.site_id): row for row in found}
    return {each: _ladder(each, rows) for each in wanted}


@prepared
def _in_use(keys: list[str], sites: list[int]) -> QuerySet[Any, Any]:
    """What the clinic and these sites say instead of the shipped words."""
    whose = Q(site__isnull=True) | Q(one_of("site", sites))
    rows = MessageTemplate.objects.filter(whose, one_of_words("key", keys), retired_at__isnull=True)
    return rows.select_related("written_by", "site")


def _sites(asked: Iterable[Asked]) -> set[int]:
    return {each.site_id for each in asked if each.site_id is not None}


def words_of(reminders: Collection[Reminder], *, linked: Collection[int] = ()) -> dict[int, Template]:
    """The words each message takes now, by its id; `linked`: those that have a link to give. One query for any number
    of them."""
    asked = {each.pk: Asked(each.template, each.channel, each.language, each.site_id) for each in reminders}
    found = templates_in_force(asked.values())
    return {pk: found[each].in_force(link=pk in linked).template for pk, each in asked.items()}


def _ladder(asked: Asked, rows: Mapping[tuple[str, str, str, int | None], MessageTemplate]) -> Ladder:
    """Site, clinic, shipped: in the language that is spoken, then in the one everything is written in."""
    steps: list[Wording] = []
    own: dict[Level, MessageTemplate] = {}
    for language in dict.fromkeys((spoken(asked.language), FALLBACK)):
        for level, site_id in ((Level.SITE, asked.site_id), (Level.CLINIC, None)):
            row = rows.get((asked.key, asked.channel, language, site_id))
            if row is not None and (level is Level.CLINIC or site_id is not None):
                steps.append(Wording(level, template_of(row)))
                if language == spoken(asked.language):
                    own[level] = row
        steps += _shipped(asked, language)
    return Ladder(tuple(steps), own)


def _shipped(asked: Asked, language: str) -> Iterator[Wording]:
    with_link = linked(asked.key, asked.channel, language)
    if with_link is not None:
        yield Wording(Level.SHIPPED, with_link)
    yield Wording(Level.SHIPPED, template(asked.key, asked.channel, language))


def template_of(row: MessageTemplate) -> Template:
    """One version as words to be merged and linted."""
    return Template(
        key=row.key,
        channel=row.channel,
        language=row.language,
        version=row.number,
        text=row.text,
        subject=row.subject or None,
        link=link_of(row.key),
    )


def slots() -> list[Slot]:
    """Every message that has words of its own, by key, channel and language."""
    return [Slot(key, channel, language) for key in sorted(keys()) for channel in channels_of(key)
            for language in LANGUAGES]  # fmt: skip


def slot(key: str, channel: str, language: str) -> Slot:
    """The message of that name. Raises Refused not_found."""
    try:
        known = channel in channels_of(key)
    except UnknownTemplate:
        raise not_found() from None
    if not known or language not in LANGUAGES:
        raise not_found()
    return Slot(key, channel, language)


def ladders(site: Site | None) -> dict[Slot, Ladder]:
    """What stands for every message at a site, or for the clinic. One query."""
    site_id = site.pk if site else None
    asked = {each: Asked(each.key, each.channel, each.language, site_id) for each in slots()}
    found = templates_in_force(asked.values())
    return {each: found[wanted] for each, wanted in asked.items()}


def ladder(of: Slot, site: Site | None) -> Ladder:
    """What stands for one message at a site, or for the clinic."""
    asked = Asked(of.key, of.channel, of.language, site.pk if site else None)
    return templates_in_force([asked])[asked]


def versions(of: Slot, site: Site | None) -> QuerySet[MessageTemplate]:
    """Every version a level has had, the newest first."""
    rows = MessageTemplate.objects.filter(key=of.key, channel=of.channel, language=of.language, site=site)
    return rows.select_related("written_by", "retired_by", "site").order_by("-number")


def version_of(of: Slot, site: Site | None, number: int) -> MessageTemplate:
    """One version of a level. Raises Refused not_found."""
    found = versions(of, site).filter(number=number).first()
    if found is None:
        raise not_found()
    return found


def slot_version(of: Slot, site: Site | None) -> int:
    """What a level's words are known by to whoever changes them: raised by each version written and each retired."""
    counted = versions(of, site).order_by().aggregate(made=Count("pk"), retired=Count("retired_at"))
    return 1 + int(counted["made"]) + int(counted["retired"])


def site_at(actor: Actor, public_id: UUID | None) -> Site | None:
    """The site whose words are meant, one the actor works at; None: the clinic. Raises Refused not_found."""
    if public_id is None:
        return None
    found = actor.sites.filter(public_id=public_id, closed_at__isnull=True).first()
    if found is None:
        raise not_found()
    return found


def may_write(actor: Actor, site: Site | None) -> bool:
    """Whether the actor may change the words of a site they work at; those of the clinic count at every site, so that
    it takes somebody who works at each, or who may change sites."""
    if not actor.may(Permission.TEMPLATE_WRITE):
        return False
    if site is not None:
        return actor.sites.filter(pk=site.pk).exists()
    if actor.may(Permission.SITE_WRITE):
        return True
    return not Site.objects.filter(closed_at__isnull=True).exclude(actors=actor).exists()


def require_write(actor: Actor, site: Site | None) -> None:
    """Raises Refused (403) with the reason."""
    if not may_write(actor, site):
        raise Refused("forbidden", sentence("template.refused.not_yours"), status=403)
