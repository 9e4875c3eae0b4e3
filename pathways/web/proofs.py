"""The evidence of decisions and stops as people read it: what somebody wrote, how, when, and where the reply stands."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.web.addresses import address
from clinic.wording import label
from pathways.queries.replies import seen_among
from pathways.rules.links import masked
from pathways.rules.replies import ReplyChannel, Written, written

# As the record says them, whatever the reader's language is.
_CHANNELS = {label(each): each for each in ReplyChannel}


def proofs(evidence: Iterable[str], actor: Actor, zone: ZoneInfo) -> dict[str, dict[str, Any]]:
    """Each evidence as it is shown, and where the reply stands, "" where the actor does not read it. One query."""
    found = {each: written(each, _CHANNELS) for each in set(evidence) if each}
    ids = {each.reply for each in found.values() if each is not None}
    seen = seen_among(actor, ids) if ids and Permission.REPLY_READ in actor.permissions else set()
    return {
        each: _shown(what, zone, address("reply", what.reply) if what.reply in seen else "")
        if what is not None
        else {"said": each, "href": ""}
        for each, what in found.items()
    }


def _shown(what: Written, zone: ZoneInfo, href: str) -> dict[str, Any]:
    at, words = what.at.astimezone(zone), masked(what.words)
    if what.channel is None:
        return {"said": sentence("reply.written", words=words, at=at), "href": href}
    return {"said": sentence("reply.written_by", words=words, channel=what.channel, at=at), "href": href}
