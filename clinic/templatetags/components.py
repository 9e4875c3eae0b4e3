"""The parts pages are made of: `{% load components %}`.

Marks      `{% icon "phone" %}`, `{% icon "check" small=True %}` · `{% severity "urgent" "Urgent" %}` ·
           `{% empty "Nothing to co-sign." "writing" %}`
Forms      `{% errors form %}` (error summary, first on the page) · `{% field form.birth_date %}` ·
           `{% fields form %}` (every visible field, hidden ones too)
Lists      `{% tally items %}` · `{% tabs items "Chart sections" %}` · `{% pager previous next %}`
Words      `{{ sentence|say }}` · `{{ member|label_of }}` · `{% when moment "datetime" %}` · `{{ text|initials }}` ·
           `{{ sentence|say|unbroken }}` (PHQ-9 and the like stay on one line) ·
           `{% says "link.page.hello" name=person %}` (a sentence of the catalogue by its code)
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from clinic.rules.sentences import Sentence, sentence
from clinic.rules.zones import are_apart, zone_word
from clinic.wording import label, say
from clinic.wording.render import DAYS, MONTHS

register = template.Library()

ICONS = Path(__file__).parent.parent / "static/clinic/vendor/tabler-icons-3.51.0/outline.json"
SEVERITY_ICONS = {
    "emergency": "urgent",
    "urgent": "alert-triangle",
    "warning": "alert-circle",
    "info": "info-circle",
    "met": "circle-check",
    "none": "clock",
}
CONTROL = {"select": "form-select", "selectmultiple": "form-select", "nullbooleanselect": "form-select"}
GROUPS = ("radioselect", "checkboxselectmultiple", "dateparts")


# -- marks ------------------------------------------------------------------------------------------------------------


@cache
def _outlines() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(ICONS.read_text(encoding="utf-8"))
    return found


@register.simple_tag
def icon(name: str, small: bool = False, css: str = "") -> SafeString:
    """An outline of Tabler, always beside a word and therefore hidden from screen readers. Raises KeyError."""
    return _drawn(name, small, css)


@lru_cache(maxsize=512)
def _drawn(name: str, small: bool, css: str) -> SafeString:
    classes = " ".join(filter(None, ["ic", "ic-s" if small else "", css]))
    return format_html(
        '<svg class="{}" width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        classes,
        mark_safe(_outlines()[name]),  # noqa: S308  # vendored outlines
    )


@register.simple_tag
def severity(kind: str, word: object, symbol: str = "") -> SafeString:
    """The badge: icon and word. kind: emergency, urgent, warning, info, met, none. Raises KeyError for another."""
    outline = symbol or SEVERITY_ICONS[str(kind)]
    words = say(word, _language()) if isinstance(word, Sentence) else word
    return format_html('<span class="sev sev-{}">{}{}</span>', kind, icon(outline), words)


@register.inclusion_tag("clinic/components/empty.html")
def empty(words: object, symbol: str = "") -> dict[str, object]:
    """The dashed line that says what will appear here and when."""
    return {"words": say(words, _language()) if isinstance(words, Sentence) else words, "symbol": symbol}


# -- words ------------------------------------------------------------------------------------------------------------


def _language() -> str:
    return (get_language() or "en")[:2]


@register.filter(name="say")
def say_filter(sentence: Sentence | Iterable[Sentence] | str | None) -> str:
    """A sentence in the language of the request; several one after the other; words as they are."""
    if sentence is None:
        return ""
    if isinstance(sentence, Sentence):
        return say(sentence, _language())
    if isinstance(sentence, str):
        return sentence
    return " ".join(say(each, _language()) for each in sentence)


# PHQ-9, C-SSRS, SW-00451: a hyphen at which a browser would break the line.
_HYPHENATED = re.compile(r"\b([A-Z]{1,6}-(?:[A-Z]+|[0-9]+))\b")


@register.filter
def unbroken(words: str) -> SafeString:
    """Words in which names of instruments and record numbers stay on one line."""
    return mark_safe(_HYPHENATED.sub(r'<span class="nowrap">\1</span>', conditional_escape(words)))  # noqa: S308  # escaped


@register.simple_tag
def says(code: str, **params: object) -> str:
    """A sentence of the catalogue by its code, in the language of the request."""
    return say(sentence(code, **params), _language())


@register.filter
def label_of(member: StrEnum | str | None) -> str:
    """The words for a member of an enumeration."""
    if isinstance(member, StrEnum):
        return label(member, _language())
    return "" if member is None else str(member).replace("_", " ")


@register.filter
def initials(name: object) -> str:
    """First letters of the first and the last word."""
    words = str(name or "").split()
    ends = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in ends).upper()


@register.simple_tag(takes_context=True)
def when(context: Context, moment: date | datetime | None, form: str = "datetime", zone: tzinfo | None = None) -> str:
    """A moment in the zone of the site (or `zone`).

    Forms: day "Thu 18 Jun", weekday "Thu", short "18 Jun", year "18 Jun 2026",
    time "09:42", until "10:30" (behind a time), seconds "09:42:15", datetime "Thu 18 Jun 09:42",
    dated "Thu 18 Jun 2026 09:42", iso. Raises KeyError for another form. `until`, `datetime` and `dated` name the zone,
    "Thu 18 Jun 09:42 CDT", where it is not that of the site."""
    if moment is None:
        return ""
    local = moment.astimezone(zone or _zone(context)) if isinstance(moment, datetime) else moment
    language = _language() if _language() in MONTHS else "en"
    short = f"{local.day} {MONTHS[language][local.month - 1]}"
    clock = f"{local:%H:%M}" if isinstance(local, datetime) else ""
    day = f"{DAYS[language][local.weekday()]} {short}"
    named = f"{clock}{_zone_named(context, local)}" if isinstance(local, datetime) else ""
    return {
        "day": day,
        "weekday": DAYS[language][local.weekday()],
        "short": short,
        "year": f"{short} {local.year}",
        "time": clock,
        "until": named,
        "seconds": f"{local:%H:%M:%S}" if clock else "",
        "datetime": f"{day} {named}".strip(),
        "dated": f"{day} {local.year} {named}".strip(),
        "iso": local.isoformat(),
    }[form]


def _zone(context: Context) -> tzinfo:
    site = context.get("site")
    return site.zone if site is not None else UTC


def _zone_named(context: Context, local: datetime) -> str:
    """The zone's own word, where the page is somebody's who is elsewhere; a page without a site names none."""
    if local.tzinfo is None or "site" not in context or not are_apart(local.tzinfo, _zone(context), local):
        return ""
    return f" {zone_word(local.tzinfo, local)}"


# -- forms ------------------------------------------------------------------------------------------------------------


@register.inclusion_tag("clinic/components/field.html")
def field(bound: BoundField, hint: str | None = "", css: str = "") -> dict[str, object]:
    """Label, hint, input and error of one field; hint and error are linked to the input. hint=None: no hint."""
    kind = bound.widget_type
    name = bound.auto_id or bound.html_name
    words = "" if hint is None else hint or bound.help_text
    described = " ".join(filter(None, [f"{name}-hint" if words else "", f"{name}-error" if bound.errors else ""]))
    return {
        "bound": bound,
        "kind": kind,
        "group": kind in GROUPS,
        "check": kind == "checkbox",
        "hint": words,
        "name": name,
        "css": css,
        "described": described,
        "widget": bound.as_widget(attrs=_attributes(bound, kind, described)),
    }


def _attributes(bound: BoundField, kind: str, described: str) -> dict[str, Any]:
    classes = [] if kind in GROUPS or kind == "checkbox" else [CONTROL.get(kind, "form-control")]
    given = bound.field.widget.attrs.get("class", "")
    named = " ".join(filter(None, [*classes, given, "is-bad" if bound.errors else ""]))
    # Hints stand above the input, where they stay readable while one types; placeholders are dropped.
    attributes: dict[str, Any] = {"class": named or False, "placeholder": False}
    if kind not in GROUPS:
        # A group is described once, on its fieldset. False keeps Django from adding links of its own.
        attributes["aria-describedby"] = described or False
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes


@register.inclusion_tag("clinic/components/fields.html")
def fields(form: forms.BaseForm) -> dict[str, object]:
    """Every field of a form in its order."""
    return {"form": form}


@register.inclusion_tag("clinic/components/errors.html")
def errors(*every_form: forms.BaseForm | str | None) -> dict[str, object]:
    """The error summary of one or more forms: each error a link to its field. Nothing where all is well."""
    found: list[dict[str, str]] = []
    general: list[str] = []
    for form in every_form:
        # A page without a form hands over an empty word.
        if not isinstance(form, forms.BaseForm) or not form.is_bound:
            continue
        general += [str(error) for error in form.non_field_errors()]
        found += [
            {"to": bound.id_for_label or bound.auto_id, "label": str(bound.label), "error": str(error)}
            for bound in form
            for error in bound.errors
        ]
    return {"errors": found, "general": general}


# -- lists ------------------------------------------------------------------------------------------------------------


@register.inclusion_tag("clinic/components/tally.html")
def tally(items: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Counts as one strip. Each item: href, count, label, and if wanted note, tone ("emergency", "urgent")."""
    return {"items": items}


@register.inclusion_tag("clinic/components/tabs.html")
def tabs(items: Sequence[Mapping[str, object]], name: str) -> dict[str, object]:
    """Sections of a page as links. Each item: href, label, current, and if wanted count. `name` names the list."""
    return {"items": items, "name": name}


@register.inclusion_tag("clinic/components/pager.html")
def pager(previous: str | None, following: str | None) -> dict[str, object]:
    """Links to the page before and after; nothing where there is only one."""
    return {"previous": previous, "following": following}
