"""The ribbon and the trend plots in templates: `{% load ribbon %}`.

`{% ribbon course "r1" %}` the full picture, `{% ribbon_row course "s1" %}` the small one, `{% ribbon_lines course as
lines %}` the course in sentences. The second argument is unique on the page. Words follow the language of the request.
"""

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from pathways.rules import ribbon as rule
from pathways.rules import trends
from pathways.rules.ribbon import sentences

register = template.Library()


@register.simple_tag(name="ribbon")
def ribbon(course: rule.Course | None, uid: str) -> SafeString:
    """The full ribbon; nothing where there is no course. The rule escapes every word it is given."""
    if course is None:
        return SafeString("")
    return mark_safe(rule.full(course, uid, rule.words_in(get_language())))  # noqa: S308


@register.simple_tag
def ribbon_row(course: rule.Course | None, uid: str) -> SafeString:
    """The small ribbon; nothing where there is no course."""
    if course is None:
        return SafeString("")
    return mark_safe(rule.row(course, uid, rule.words_in(get_language())))  # noqa: S308


@register.simple_tag
def ribbon_lines(course: rule.Course | None) -> tuple[str, ...]:
    """The sentences of "Pathway as a list"."""
    return () if course is None else sentences.lines(course, rule.words_in(get_language()))


@register.simple_tag
def trend_plot(trend: trends.Trend) -> SafeString:
    """The plot of one instrument; the rule escapes every word it is given."""
    return mark_safe(trends.plot(trend, rule.words_in(get_language())))  # noqa: S308
