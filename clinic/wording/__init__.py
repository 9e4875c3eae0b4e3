"""The sentence catalogue: one wording for page, API and record, in English and Spanish."""

from clinic.wording.render import label, number, say, say_all
from clinic.wording.store import LANGUAGES, UnknownSentence, codes, text_of

__all__ = ["LANGUAGES", "UnknownSentence", "codes", "label", "number", "say", "say_all", "text_of"]
