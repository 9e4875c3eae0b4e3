"""What can be recorded of a place. Contact hours lie within the widest ones anybody may be written to."""

from datetime import time
from zoneinfo import available_timezones

import phonenumbers

from clinic.rules.opening_hours import EARLIEST, LATEST
from clinic.rules.sentences import Sentence, sentence


def zone_problem(name: str) -> Sentence | None:
    """Why this is no time zone a clinic lies in, or None."""
    return None if "/" in name and name in available_timezones() else sentence("sites.unknown_zone", zone=name[:64])


def hours_problem(opens: time, closes: time) -> Sentence | None:
    """Why these cannot be contact hours, or None (08:00 to 21:00 at the widest, follow-up.md, "Rules on texting")."""
    if opens >= closes:
        return sentence("sites.opens_after_it_closes")
    if opens < EARLIEST or closes > LATEST:
        return sentence("sites.hours_too_wide", earliest=EARLIEST, latest=LATEST)
    return None


def telephone(written: str, region: str) -> str:
    """The number as +E.164. Raises ValueError for what is no telephone number."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{written!r} is no telephone number") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{written!r} is no telephone number")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def spoken_number(number: str) -> str:
    """A kept number as people write it where it is: `(202) 555-0100`. As it is kept, where it is none."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))
