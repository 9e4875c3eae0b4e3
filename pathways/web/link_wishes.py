"""The page on which somebody says how they want to be written to."""

from datetime import time
from typing import Any

from django import forms
from django.http import HttpResponse

from clinic.errors import BAD_INPUT, Refused
from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import Form
from pathways.actions import links as verbs
from pathways.actions.links import Wishes
from pathways.web.link_pages import LABELS, Visit
from pathways.web.link_people import FIELD, ask, known
from patients.models import ContactPoint
from patients.queries.contacts import contact_points, preference_of
from patients.rules.contact import Channel

PAGE = "pathways/links/wishes.html"
WAYS = (Channel.SMS, Channel.EMAIL, Channel.VOICE)


class WishesForm(Form):
    """What was pressed and typed; words stand on the page, not here."""

    channel = forms.ChoiceField(required=False)
    language = forms.ChoiceField(choices=list(LABELS.items()))
    reminders = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    opens = forms.TimeField(required=False)
    closes = forms.TimeField(required=False)

    def __init__(self, ways: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [("", ""), *((each, each) for each in ways)]  # type: ignore[attr-defined]

    def wishes(self) -> Wishes:
        given = self.cleaned_data
        return Wishes(
            channel=given["channel"], language=given["language"], reminders=given["reminders"] == "yes",
            opens=given["opens"], closes=given["closes"],
        )  # fmt: skip


def visit(this: Visit) -> HttpResponse:
    """Who is there is asked first; then what they want."""
    if not known(this):
        return ask(this, _now)
    match this.act:
        case "keep":
            return _keep(this)
        case "stop":
            return this.page("pathways/links/stop.html", passing=_passing(this))
        case "stop_yes":
            verbs.stop_messages(by=verbs.bearer(this.link, this.now), now=this.now, link_id=this.link.public_id)
            return this.page("pathways/links/done.html", said=sentence("link.page.stopped"))
    return _now(this, _passing(this))


def _keep(this: Visit) -> HttpResponse:
    form = WishesForm(_ways(this), this.request.POST)
    if not form.is_valid():
        return _page(this, _passing(this), _typed(this), sentence("refused.bad_input"))
    by = verbs.bearer(this.link, this.now)
    try:
        verbs.write_wishes(by=by, now=this.now, link_id=this.link.public_id, wishes=form.wishes())
    except Refused as refused:
        if refused.status != BAD_INPUT:
            raise
        said = next(iter(refused.fields.values()), refused.sentence)
        return _page(this, _passing(this), _typed(this), said)
    return this.page("pathways/links/done.html", said=sentence("link.page.kept"))


def _now(this: Visit, passing: str) -> HttpResponse:
    """As it stands."""
    kept, points = preference_of(this.link.patient), _points(this)
    written = next((each for each in points if each.channel in (Channel.SMS, Channel.EMAIL)), None)
    values = {
        "channel": kept.preferred_channel if kept else "",
        "language": this.link.patient.language,
        "reminders": "yes" if kept is None or kept.reminders_wanted else "no",
        "opens": _clock(written.opens if written else None),
        "closes": _clock(written.closes if written else None),
    }
    return _page(this, passing, values)


def _page(this: Visit, passing: str, values: dict[str, str], wrong: Sentence | None = None) -> HttpResponse:
    site = this.link.site
    context = {
        "passing": passing,
        "values": values,
        "wrong": wrong,
        "ways": [(each, sentence(f"link.page.way_{each}")) for each in _ways(this)],
        "languages": list(LABELS.items()),
        "first": site.contact_opens,
        "last": site.contact_closes,
    }
    return this.page(PAGE, BAD_INPUT if wrong else 200, **context)


def _points(this: Visit) -> list[ContactPoint]:
    return list(contact_points(this.link.patient))


def _ways(this: Visit) -> list[str]:
    """The ways there is an address for."""
    there = {each.channel for each in _points(this)}
    return [each.value for each in WAYS if each in there]


def _passing(this: Visit) -> str:
    return this.request.POST.get(FIELD, "")


def _clock(value: time | None) -> str:
    return f"{value:%H:%M}" if value else ""


def _typed(this: Visit) -> dict[str, str]:
    return {name: this.request.POST.get(name, "") for name in WishesForm.base_fields}
