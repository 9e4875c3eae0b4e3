"""The words of messages: the list of what is in force, one message's words with their check as one types, its versions.

Which level is meant stands in the address (`level=site`: the site one is at; `level=clinic`: every site).
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import BAD_INPUT, CONFLICT, STALE, Refused, bad_input
from clinic.models import Actor, Site
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.actions.template_trials import try_template
from pathways.actions.templates import Words, retire_template, template_from, write_template
from pathways.models import MessageTemplate
from pathways.queries import templates as queries
from pathways.queries.sender_names import links_work, senders
from pathways.queries.templates import Ladder, Slot
from pathways.queries.trials import OPEN, latest_trials
from pathways.rules.messages import EMAIL, LONGEST_MERGE, SMS, Template, fields_of
from pathways.rules.templates import LANGUAGES, Level, difference
from pathways.web.template_views import live, title_of

Shown = dict[str, Any]


class WordsForm(Form):
    """What a message shall say."""

    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Text"), max_length=4000, strip=False, widget=forms.Textarea({"rows": 9, "spellcheck": "true"})
    )
    note = forms.CharField(label=_("Why it is changed"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, of: Slot, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of.channel == SMS:
            del self.fields["subject"]
            self.fields["text"].widget.attrs["rows"] = 4
        else:
            self.fields["subject"].required = True
        self.fields["text"].widget.attrs["lang"] = of.language

    def words(self) -> Words:
        given = self.cleaned_data
        return Words(given["text"], given.get("subject", ""), given["note"])


@dataclass(frozen=True, slots=True)
class Opened:
    """One message's words on one level, as somebody looks at them."""

    of: Slot
    level: Level
    site: Site | None
    ladder: Ladder
    actor: Actor

    @property
    def own(self) -> MessageTemplate | None:
        """What this level says itself."""
        return self.ladder.rows.get(self.level)

    @property
    def shown(self) -> Template:
        """What is in force on this level."""
        return self.ladder.in_force(link=links_work()).template

    def address(self, name: str = "template") -> str:
        query = urlencode({"level": self.level.value})
        return f"{reverse(name, args=[self.of.key, self.of.channel, self.of.language])}?{query}"


def templates(request: HttpRequest) -> HttpResponse:
    """What every message says here, and whose words these are."""
    level, site = _level(request, request.GET)
    found = queries.ladders(site)
    kinds: dict[str, list[Shown]] = {}
    for of, ladder in found.items():
        kinds.setdefault(of.key, []).append(_cell(of, level, ladder))
    context = {
        **_levels(request, level),
        "kinds": [{"key": key, "title": title_of(key), "cells": cells} for key, cells in kinds.items()],
        "senders": senders(),
    }
    return render(request, "pathways/wording/list.html", context)


def template(request: HttpRequest, key: str, channel: str, language: str) -> HttpResponse:
    """The words of one message; a POST puts others into force, checks them, or sends them to whoever types."""
    opened = _opened(request, key, channel, language)
    if request.method != "POST":
        return _page(request, opened, _form_of(opened))
    form = WordsForm(opened.of, request.POST)
    if not form.is_valid():
        return _page(request, opened, form, BAD_INPUT)
    match request.POST.get("go"):
        case "check":
            return _page(request, opened, form)
        case "try":
            return _try(request, opened, form)
    return _write(request, opened, form)


def check(request: HttpRequest, key: str, channel: str, language: str) -> HttpResponse:
    """What is being typed, as it would be judged and look. Stores nothing."""
    opened = _opened(request, key, channel, language)
    typed = template_from(opened.of, request.POST.get("text", ""), request.POST.get("subject", ""))
    return render(request, "pathways/wording/_live.html", live(typed, opened.site))


def retire(request: HttpRequest, key: str, channel: str, language: str) -> HttpResponse:
    """Give the level's own words up."""
    opened = _opened(request, key, channel, language)
    retire_template(**_verb(opened), expected_version=_version(request.POST))
    return go_on(request, opened.address(), sentence("template.retired"))


def trials(request: HttpRequest, key: str, channel: str, language: str) -> HttpResponse:
    """What became of the messages one sent to oneself."""
    opened = _opened(request, key, channel, language)
    return render(request, "pathways/wording/_trials.html", _trials(opened))


def history(request: HttpRequest, key: str, channel: str, language: str) -> HttpResponse:
    """Every version of a level, and what changed from one to another."""
    opened = _opened(request, key, channel, language)
    rows = list(queries.versions(opened.of, opened.site))
    new = _asked(rows, request.GET.get("to", "")) or (rows[0] if rows else None)
    old = _asked(rows, request.GET.get("from", "")) or _before(rows, new)
    context = {
        **_head(request, opened),
        "rows": rows,
        "new": new,
        "old": old,
        "pieces": _difference(opened, old, new) if new else None,
    }
    return render(request, "pathways/wording/history.html", context)


def _write(request: HttpRequest, opened: Opened, form: WordsForm) -> HttpResponse:
    try:
        write_template(**_verb(opened), words=form.words(), expected_version=form.cleaned_data["version"])
    except Refused as refused:
        return _refused(request, opened, form, refused)
    return go_on(request, opened.address(), sentence("template.written"))


def _try(request: HttpRequest, opened: Opened, form: WordsForm) -> HttpResponse:
    try:
        trial = try_template(**_verb(opened), words=form.words())
    except Refused as refused:
        return _refused(request, opened, form, refused)
    return _page(request, opened, form, said=sentence("template.tried", address=trial.address))


def _refused(request: HttpRequest, opened: Opened, form: WordsForm, refused: Refused) -> HttpResponse:
    """What was typed stays; problems of the words stand beside them already."""
    if refused.status not in (BAD_INPUT, CONFLICT, STALE, 429):
        raise refused
    if refused.code == "template_problems":
        refused.fields = {}
    form.refuse(refused)
    return _page(request, opened, form, refused.status)


def _page(
    request: HttpRequest, opened: Opened, form: WordsForm, status: int = 200, *, said: object = None
) -> HttpResponse:
    typed = _typed(opened, form)
    other = next(each for each in LANGUAGES if each != opened.of.language)
    beside = queries.ladder(Slot(opened.of.key, opened.of.channel, other), opened.site).in_force(link=links_work())
    context = {
        **_head(request, opened),
        **live(typed, opened.site),
        **_trials(opened),
        "form": form,
        "beside": live(beside.template, opened.site) | {"level": beside.level},
        "said": said,
        "fields": [name for name in LONGEST_MERGE if name in fields_of(typed)],
        "stale": status == STALE,
        "seen": queries.slot_version(opened.of, opened.site),
    }
    return render(request, "pathways/wording/editor.html", context, status=status)


def _typed(opened: Opened, form: WordsForm) -> Template:
    if not form.is_bound:
        return opened.shown
    return template_from(opened.of, form.data.get("text", ""), form.data.get("subject", ""))


def _head(request: HttpRequest, opened: Opened) -> Shown:
    return {
        **_levels(request, opened.level, opened),
        "opened": opened,
        "title": title_of(opened.of.key),
        "own": opened.own,
        "in_force": _cell(opened.of, opened.level, opened.ladder),
        "wants_link": opened.ladder.wants_link,
        "may_write": queries.may_write(opened.actor, opened.site),
        "check_url": opened.address("template_check"),
        "history_url": opened.address("template_history"),
        "retire_url": opened.address("template_retire"),
        "trials_url": opened.address("template_trials"),
    }


def _cell(of: Slot, level: Level, ladder: Ladder) -> Shown:
    """One message in the list: what is in force for it, whose it is, and who wrote it."""
    found = ladder.in_force(link=links_work())
    row = ladder.rows.get(found.level)
    return {
        "slot": of,
        "href": f"{reverse('template', args=[of.key, of.channel, of.language])}?{urlencode({'level': level.value})}",
        "level": found.level,
        "row": row,
        "template": found.template,
        "mail": of.channel == EMAIL,
    }


def _opened(request: HttpRequest, key: str, channel: str, language: str) -> Opened:
    of = queries.slot(key, channel, language)
    level, site = _level(request, request.GET)
    return Opened(of, level, site, queries.ladder(of, site), request.actor)  # type: ignore[attr-defined]


def _level(request: HttpRequest, asked: QueryDict) -> tuple[Level, Site | None]:
    site: Site | None = request.site  # type: ignore[assignment]
    if asked.get("level") == Level.CLINIC or site is None:
        return Level.CLINIC, None
    return Level.SITE, site


def _levels(request: HttpRequest, level: Level, opened: Opened | None = None) -> Shown:
    """The switch between the words of the site and those of the clinic."""
    here = reverse("templates")
    if opened is not None:
        here = reverse("template", args=[opened.of.key, opened.of.channel, opened.of.language])
    wanted = [Level.SITE, Level.CLINIC] if request.site else [Level.CLINIC]
    return {
        "level": level,
        "levels": [{"level": each, "href": f"{here}?level={each.value}", "current": each is level} for each in wanted],
    }


def _form_of(opened: Opened) -> WordsForm:
    shown = opened.shown
    version = queries.slot_version(opened.of, opened.site)
    return WordsForm(opened.of, initial={"text": shown.text, "subject": shown.subject or "", "version": version})


def _verb(opened: Opened) -> Shown:
    return {
        "by": opened.actor,
        "now": clock.now(),
        "key": opened.of.key,
        "channel": opened.of.channel,
        "language": opened.of.language,
        "site_id": opened.site.public_id if opened.site else None,
    }


def _version(given: QueryDict) -> int:
    written = given.get("version", "")
    if not (written.isascii() and written.isdigit() and 0 < len(written) < 9):
        raise bad_input(version=sentence("refused.required"))
    return int(written)


def _trials(opened: Opened) -> Shown:
    rows = latest_trials(opened.actor, opened.of)
    waiting = any(each.status in OPEN for each in rows)
    return {"trials": rows, "waiting": waiting, "trials_url": opened.address("template_trials")}


def _asked(rows: list[MessageTemplate], written: str) -> MessageTemplate | None:
    return next((each for each in rows if str(each.number) == written), None)


def _before(rows: list[MessageTemplate], new: MessageTemplate | None) -> MessageTemplate | None:
    return next((each for each in rows if new is not None and each.number < new.number), None)


def _difference(opened: Opened, old: MessageTemplate | None, new: MessageTemplate) -> Shown:
    """Against the version before; the first of a level against what is shipped."""
    steps = [each.template for each in opened.ladder.steps if each.level is Level.SHIPPED]
    before = queries.template_of(old) if old else steps[-1]
    return {
        "subject": difference(before.subject or "", new.subject),
        "text": difference(before.text, new.text),
    }
