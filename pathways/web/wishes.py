"""What somebody asks a list for: filters in the address, or a view kept under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from clinic.wording import label
from pathways.models import SavedView
from pathways.queries import saved_views
from pathways.rules.holders import Scope
from pathways.rules.levels import Level
from pathways.rules.saved_views import FIELDS, NOBODY, NOTHING, ViewPage, Wanted, read
from pathways.rules.worklist import LineKind, Risk
from pathways.web.lines import Reader, Shown

EVERYTHING = "all"
"""`?view=all`: no view, not even one's own default."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for, the view it came from, and the views there are."""

    page: ViewPage
    wanted: Wanted
    view: SavedView | None
    views: tuple[SavedView, ...]
    me: int

    @property
    def query(self) -> str:
        """The wishes as the part of an address behind the question mark."""
        return urlencode(self.wanted.given)

    def without(self, name: str) -> str:
        """The same with one wish fewer."""
        return urlencode(replace(self.wanted, **{name: ""}).given)

    @property
    def may_change(self) -> bool:
        """Whether the view is one's own."""
        return self.view is not None and self.view.owner_id == self.me


WORDS: Mapping[str, type[StrEnum]] = {"scope": Scope, "kind": LineKind, "risk": Risk, "level": Level}


def told(wishes: Wishes, names: Mapping[str, str], language: str) -> list[Shown]:
    """Each wish in words, with the address without it. `names`: words for public ids and keys; what has none is told
    as it is."""
    called = {
        "scope": _("Whose list"), "kind": _("Kind of work"), "owner": _("Whose"), "program": _("Program"),
        "phase": _("Phase"), "level": _("Level"), "counselor": _("Counselor"), "risk": _("Risk"), "site": _("Site"),
    }  # fmt: skip
    return [
        {"label": called[name], "words": _words(name, value, names, language), "without": wishes.without(name)}
        for name, value in wishes.wanted.given.items()
        if name != "scope"
    ]


def _words(name: str, value: str, names: Mapping[str, str], language: str) -> str:
    if name in WORDS:
        return label(WORDS[name](value), language)
    return _("Nobody") if value == NOBODY else names.get(value, value)


def wishes_of(request: HttpRequest, reader: Reader, page: ViewPage = ViewPage.TODAY) -> Wishes:
    """A filter in the address counts; else the view it names; else one's own default. What it does not know is left
    out."""
    views = tuple(saved_views.views(reader.actor, page))
    known = {name: value for name, value in request.GET.items() if name in FIELDS[page]}
    wanted, _problems = read(page, known)
    view, named = None, request.GET.get("view", "")
    if not known:
        view = _named(views, named) if named else _default(views, reader)
        wanted = saved_views.wanted_of(view) if view else NOTHING
    return Wishes(page, wanted, view, views, reader.actor.pk)


def _named(views: tuple[SavedView, ...], public_id: str) -> SavedView | None:
    return next((each for each in views if str(each.public_id) == public_id), None)


def _default(views: tuple[SavedView, ...], reader: Reader) -> SavedView | None:
    own = (each for each in views if each.owner_id == reader.actor.pk)
    return next((each for each in own if saved_views.is_default(each)), None)
