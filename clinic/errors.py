"""`Refused`: understood, and no. The one error every action raises and every door renders."""

from collections.abc import Mapping, Sequence

from clinic.rules.sentences import Sentence, sentence

FORBIDDEN, NOT_FOUND, CONFLICT, STALE, BAD_INPUT, BUSY, AWAY = 403, 404, 409, 412, 422, 409, 503


class Refused(Exception):
    """An action that was understood and will not be done.

    code: stable word for programs · sentence: for people · status: the HTTP status · fields: what was wrong
    with which input · details: JSON-ready parts (each criterion of a gate) · remedy_seconds: when to come back.
    """

    def __init__(
        self,
        code: str,
        said: Sentence | None = None,
        *,
        status: int = CONFLICT,
        fields: Mapping[str, Sentence] | None = None,
        details: Mapping[str, object] | Sequence[object] | None = None,
    ) -> None:
        self.code = code
        self.sentence = said or sentence(f"refused.{code}")
        self.status = status
        self.fields = dict(fields or {})
        self.details = details
        super().__init__(code)


def bad_input(**fields: Sentence) -> Refused:
    """Input that cannot be taken: 422 with a sentence for each field."""
    return Refused("bad_input", sentence("refused.bad_input"), status=BAD_INPUT, fields=fields)


def not_found(what: str = "not_found") -> Refused:
    """What is foreign or absent looks the same: 404."""
    return Refused(what, sentence("refused.not_found"), status=NOT_FOUND)


def forbidden(said: Sentence | None = None) -> Refused:
    """Who asks is known and may not."""
    return Refused("forbidden", said or sentence("refused.forbidden"), status=FORBIDDEN)


def stale() -> Refused:
    """Somebody else changed it meanwhile."""
    return Refused("stale", sentence("refused.stale"), status=STALE)
