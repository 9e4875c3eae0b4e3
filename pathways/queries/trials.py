"""Messages somebody sent to themselves."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import TemplateTrial
from pathways.queries.templates import Slot

MOST_SHOWN = 3
MOST_AT_ONCE = 50
"""How many are opened at once."""
# What became of these is still to be told.
OPEN = ("planned", "sending")


def latest_trials(actor: Actor, of: Slot) -> list[TemplateTrial]:
    """The newest of one message."""
    rows = TemplateTrial.objects.filter(asked_by=actor, template=of.key, channel=of.channel, language=of.language)
    return list(rows.order_by("-asked_at", "-pk")[:MOST_SHOWN])


def in_line() -> QuerySet[TemplateTrial]:
    """Those that are still to go, in the order they were asked for."""
    return TemplateTrial.objects.filter(status="planned").order_by("asked_at", "pk")


def waiting() -> Mapping[str, int]:
    """How many of those that are opened next there are on each channel."""
    return Counter(in_line().values_list("channel", flat=True)[:MOST_AT_ONCE])


def trial(actor: Actor, public_id: UUID) -> TemplateTrial:
    """One of the actor's own. Raises Refused not_found: somebody else's looks like none."""
    found = TemplateTrial.objects.filter(asked_by=actor, public_id=public_id).first()
    if found is None:
        raise not_found()
    return found
