"""Words of rehearsals in templates: `{% load rehearsals %}`."""

from django import template

from clinic.rules.sentences import Sentence, sentence
from pathways.rehearsals.library import Preset

register = template.Library()


@register.filter
def preset_words(value: str) -> Sentence:
    """What a shipped script is about. Raises ValueError for one that is none."""
    return sentence(f"rehearsal.preset.{Preset(value).value}")
