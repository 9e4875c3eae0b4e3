"""What is kept of who somebody is, and whether it can be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from zoneinfo import available_timezones

from clinic.errors import bad_input
from clinic.rules.sentences import Sentence, sentence
from patients.models.patient import SexForClinicalUse
from patients.rules.identity import check_birth_date
from patients.rules.texts import plain, text_problem

LANGUAGES = ("en", "es")
LIMITS = {"given_name": 80, "family_name": 80, "preferred_name": 80, "gender": 60, "pronouns": 40}
NEEDED = frozenset({"given_name", "family_name"})


@dataclass(frozen=True, slots=True)
class Details:
    """What is kept of who somebody is. `time_zone=""` is the site's."""

    given_name: str
    family_name: str
    birth_date: date
    preferred_name: str = ""
    sex_for_clinical_use: str = SexForClinicalUse.UNKNOWN.value
    gender: str = ""
    pronouns: str = ""
    language: str = "en"
    time_zone: str = ""


def checked(details: Details, today: date, zone: str = "") -> Details:
    """The details with tidy spaces. Raises Refused (422) with a sentence for every field that cannot be taken."""
    tidy = {name: plain(getattr(details, name)) for name in LIMITS}
    problems = {name: _text(name, getattr(details, name)) for name in LIMITS}
    problems["birth_date"] = check_birth_date(details.birth_date, today)
    problems["sex_for_clinical_use"] = _choice(details.sex_for_clinical_use, SexForClinicalUse.values)
    problems["language"] = _choice(details.language, LANGUAGES)
    time_zone = details.time_zone or zone
    problems["time_zone"] = _choice(time_zone, available_timezones())
    wrong = {name: said for name, said in problems.items() if said is not None}
    if wrong:
        raise bad_input(**wrong)
    return Details(
        birth_date=details.birth_date,
        sex_for_clinical_use=details.sex_for_clinical_use,
        language=details.language,
        time_zone=time_zone,
        **tidy,
    )


def _text(name: str, text: str) -> Sentence | None:
    return text_problem(text, limit=LIMITS[name], required=name in NEEDED)


def _choice(value: str, allowed: Collection[str]) -> Sentence | None:
    return None if value in allowed else sentence("refused.not_offered")
