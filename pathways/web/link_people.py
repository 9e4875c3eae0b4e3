"""Who is there: asked before a page shows more than the message said. The answer to a wrong try is always the same."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.http import HttpResponse

from clinic.errors import BAD_INPUT
from clinic.web.widgets import DatePartsField
from pathways.actions import links as verbs
from pathways.queries.links import keys
from pathways.rules.links import PASS_HOLDS, LinkPurpose, knows_who, pass_for, pass_holds
from pathways.web.link_pages import Visit, kind_page

FIELD = "pass"


def known(this: Visit) -> bool:
    """Whether somebody has said already, on this link, who they are."""
    return pass_holds(this.request.POST.get(FIELD, ""), this.link.handle, keys(), this.now)


def ask(this: Visit, then: Callable[[Visit, str], HttpResponse]) -> HttpResponse:
    """The question who is there; after the right answer the page itself, with the pass it carries on."""
    if this.act != "who":
        return _question(this)
    purpose = LinkPurpose(this.link.purpose)
    if knows_who(_typed(this), this.link.patient.birth_date.isoformat()):
        by = verbs.bearer(this.link, this.now)
        verbs.note_known(by=by, now=this.now, link_id=this.link.public_id, purpose=purpose)
        return then(this, pass_for(this.link.handle, keys()[0], this.now + PASS_HOLDS))
    by = verbs.bearer(this.link, this.now)
    tried = verbs.note_wrong_try(by=by, now=this.now, link_id=this.link.public_id, purpose=purpose)
    if tried.revoked_at is not None:
        return kind_page(this.request, this.token, link=this.link)
    return _question(this, wrong=True)


def _question(this: Visit, *, wrong: bool = False) -> HttpResponse:
    return this.page("pathways/links/who.html", BAD_INPUT if wrong else 200, wrong=wrong)


def _typed(this: Visit) -> str:
    """The birth date that was typed, as `1984-06-07`; what is no date is like a wrong one."""
    given = this.request.POST
    parts = [given.get(f"born_{part}", "").strip().replace("/", " ") for part in ("day", "month", "year")]
    try:
        found: date | None = DatePartsField().to_python("/".join(parts))
    except ValidationError:
        return ""
    return found.isoformat() if found else ""
