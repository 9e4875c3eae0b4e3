"""Who reads what somebody wrote about a person."""

from clinic.models import Actor
from pathways.rules.narrative import reads_notes


def reads_words(actor: Actor, *wrote: int | None) -> bool:
    """Whether the actor reads words of these (ids of actors): whoever reads findings, and whose own words they are."""
    return reads_notes(actor.permissions, was_theirs=actor.pk in wrote)
