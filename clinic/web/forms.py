"""Forms: text that can be stored, our own sentences, and refusals of actions shown where they belong."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.utils import translation

from clinic.errors import Refused
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import say

LINE_LIMIT, TEXT_LIMIT = 200, 4000
# Line ends and tabs are text; every other control character, and half of a character pair, is not.
_ALLOWED_CONTROLS = frozenset("\n\r\t")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs"})


def words(said: Sentence) -> str:
    """The sentence in the language of this request."""
    return say(said, (translation.get_language() or "en")[:2])


def storable(value: str) -> bool:
    """Whether PostgreSQL and every reader can keep this text: no NUL, no controls, no lone surrogates."""
    return not any(
        unicodedata.category(sign) in _REFUSED_CATEGORIES and sign not in _ALLOWED_CONTROLS for sign in value
    )


class Form(forms.Form):
    """The form every page uses. Nothing is marked twice, and what was typed stays."""

    error_css_class = "is-invalid"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = words(sentence("refused.required"))
            if isinstance(field, forms.CharField):
                _protect(field)

    def refuse(self, refused: Refused) -> None:
        """Show why an action said no: at the fields it named, and above the form for the rest."""
        add_refusal(self, refused)


def _protect(field: forms.CharField) -> None:
    limit = field.max_length or (TEXT_LIMIT if isinstance(field.widget, forms.Textarea) else LINE_LIMIT)
    field.max_length = limit
    field.widget.attrs.setdefault("maxlength", str(limit))
    ours = (ProhibitNullCharactersValidator, MaxLengthValidator)
    kept = [each for each in field.validators if not isinstance(each, ours)]
    field.validators = [_check_text, _limited(limit), *kept]


def _check_text(value: str) -> None:
    if not storable(str(value)):
        raise ValidationError(words(sentence("refused.text")), code="text")


def _limited(limit: int) -> Any:
    def check(value: str) -> None:
        if len(str(value)) > limit:
            raise ValidationError(words(sentence("refused.too_long", limit=limit)), code="too_long")

    return check


def add_refusal(form: forms.BaseForm, refused: Refused, language: str | None = None) -> None:
    """Put the sentences of a refusal onto the form: beside the fields it names, else above them."""
    spoken = language or (translation.get_language() or "en")[:2]
    loose = [said for name, said in refused.fields.items() if name not in form.fields]
    for name, said in refused.fields.items():
        if name in form.fields:
            form.add_error(name, say(said, spoken))
    for said in loose or ([] if refused.fields else [refused.sentence]):
        form.add_error(None, say(said, spoken))
