"""Several follow-ups given away at once."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from clinic.errors import Refused, bad_input
from clinic.rules.sentences import sentence
from clinic.web.pages import back, go_on
from pathways.actions import follow_ups as acts
from pathways.web.places import reader_of


def assign_many(request: HttpRequest) -> HttpResponse:
    """Back to the list, which says how many have their new owner, and how many were left as they are."""
    reader, chosen = reader_of(request), _chosen(request.POST.getlist("line"))
    to = back(request)
    if not chosen:
        return go_on(request, to, sentence("today.nothing_chosen"), level=messages.ERROR)
    try:
        owner_id = _owner_id(request.POST.get("owner"))
        made = acts.assign_many(by=reader.actor, now=reader.now, follow_ups=chosen, owner_id=owner_id)
    except Refused as refused:
        said = next(iter(refused.fields.values()), refused.sentence)
        return go_on(request, to, said, level=messages.ERROR)
    owner = made.given[0].owner if made.given else None
    whom = owner.name if owner else sentence("follow_up.nobody")
    given, left = len(made.given), len(made.left)
    if left:
        said = sentence("today.given_left", n=given, to=whom, left=left)
        return go_on(request, to, said, level=messages.WARNING)
    return go_on(request, to, sentence("today.given", n=given, to=whom))


def _chosen(ticked: Iterable[str]) -> dict[UUID, int | None]:
    """Public id and the version that was seen, as the ticks carry them; what is none is left out."""
    found: dict[UUID, int | None] = {}
    for each in ticked:
        public_id, _colon, version = each.partition(":")
        known = _public_id(public_id)
        if known is not None:
            found[known] = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    return found


def _owner_id(given: str | None) -> UUID | None:
    """Who was chosen; None for the empty choice alone. Raises Refused 422 `owner` for what names nobody."""
    if given == "":
        return None
    owner = _public_id(given or "")
    if owner is None:
        raise bad_input(owner=sentence("follow_up.refused.owner"))
    return owner


def _public_id(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
