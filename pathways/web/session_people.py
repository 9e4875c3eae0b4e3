"""Whom a typed line means: one person, several to choose from, or nobody."""

from uuid import UUID

from clinic.models import Site
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from pathways.web.lines import Reader
from patients.models import Patient
from patients.queries import patients as people

MOST_FOUND = 8


class Found:
    """Whom a typed line fits: one person, or several to choose from, or nobody."""

    def __init__(self, reader: Reader, site: Site, *, public_id: str = "", line: str = "") -> None:
        self.several: list[Patient] = []
        self.patient: Patient | None = None
        self.nobody = False
        if public_id:
            self.patient = people.get(reader.actor, _uuid(public_id))
        elif line.strip():
            fits = people.find(reader.actor, line, MOST_FOUND, site=site)
            self.patient = fits[0] if len(fits) == 1 else None
            self.several = fits if len(fits) > 1 else []
            self.nobody = not fits

    @property
    def seen(self) -> list[Patient]:
        return [self.patient] if self.patient else self.several

    def explain(self, form: Form) -> bool:
        """Whether it is clear who is meant; otherwise the form says what is wanted."""
        if self.several:
            form.add_error("who", words(sentence("session.refused.several_found")))
        if self.nobody:
            form.add_error("who", words(sentence("session.refused.nobody_found")))
        return not (self.several or self.nobody)


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        return UUID(int=0)
