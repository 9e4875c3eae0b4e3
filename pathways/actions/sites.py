"""Closing a site, which the course of care may forbid: the verb every door uses."""

from dataclasses import asdict
from datetime import datetime

from clinic.actions import sites
from clinic.actions.verbs import action
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.queries.sites import under_way


@action(Permission.SITE_WRITE, "site.close")
def close(*, site: Site, by: Actor, now: datetime, expected_version: int | None = None) -> Site:
    """Close a site where nothing is under way any more; see `clinic.actions.sites.close`.

    What is owed at a closed site stands on nobody's list. Raises Refused: 409 `site_in_use` with how much of each is
    (`queries.sites.UnderWay`), `site_closed`, `last_site`; 412.
    """
    closed = sites.close(site=site, by=by, now=now, expected_version=expected_version)
    still = under_way(closed)
    if still:
        details = asdict(still)
        parts = tuple(sentence(f"sites.in_use.{name}", number=number) for name, number in details.items() if number)
        raise Refused("site_in_use", sentence("sites.in_use", name=closed.name, still=parts), details=details)
    return closed
