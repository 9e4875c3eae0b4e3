"""Who the patients are, and how they may be reached. Pure: the same seed and number give the same person."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from random import Random

from pathways.demo.cast import BOTH, PLACES
from pathways.demo.names import AREA_CODES, FAMILY, GIVEN, PRONOUNS
from patients.actions.contacts import NewContactPoint
from patients.rules.contact import Channel

MOST_PEOPLE = 1_000
"""More would share telephone numbers."""
NUMBERS_OF_A_CODE = 99


class Reach(StrEnum):
    """How a person may be reached: most by message, some not, which is where a clinic learns what it may send."""

    BOTH = "both"
    EMAIL_ONLY = "email_only"
    NO_CONSENT = "no_consent"
    UNVERIFIED = "unverified"
    VOICE_ONLY = "voice_only"
    NO_REMINDERS = "no_reminders"
    WRONG_NUMBER = "wrong_number"
    WITHDREW = "withdrew"


_REACH = (
    Reach.BOTH, Reach.BOTH, Reach.BOTH, Reach.NO_CONSENT, Reach.BOTH, Reach.EMAIL_ONLY, Reach.BOTH, Reach.BOTH,
    Reach.UNVERIFIED, Reach.BOTH, Reach.VOICE_ONLY, Reach.BOTH, Reach.BOTH, Reach.NO_REMINDERS, Reach.BOTH, Reach.BOTH,
    Reach.WITHDREW, Reach.BOTH, Reach.BOTH, Reach.WRONG_NUMBER, Reach.BOTH, Reach.EMAIL_ONLY, Reach.BOTH,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """An invented patient. `severity`: 0 (light) to 1 (heavy), from which all their scores follow."""

    number: int
    site: str
    given_name: str
    family_name: str
    preferred_name: str
    birth_date: date
    sex: str
    pronouns: str
    language: str
    time_zone: str
    reach: Reach
    severity: float
    points: tuple[NewContactPoint, ...]

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def address_of_messages(self) -> frozenset[str]:
        return frozenset(point.address for point in self.points)


def person(number: int, *, seed: int, today: date, reach: Reach | None = None, severity: float | None = None) -> Person:
    """The person of this number, from 0; those of even numbers come to the first site."""
    rng = Random(f"{seed}/person/{number}")
    site = BOTH[number % 2]
    given, family = _name(number, seed)
    sex = rng.choice(("female", "male", "female", "male", "unknown"))
    chosen = reach or _REACH[number % len(_REACH)]
    drawn = round(rng.uniform(0.15, 0.9), 2)
    return Person(
        number=number,
        site=site,
        given_name=given,
        family_name=family,
        preferred_name=given[:3] if rng.random() < 0.12 else "",
        birth_date=_birth_date(number, today),
        sex=sex,
        pronouns=PRONOUNS[sex] if rng.random() < 0.5 else "",
        language="es" if rng.random() < 0.15 else "en",
        time_zone="America/Chicago" if rng.random() < 0.06 else PLACES[site].time_zone,
        reach=chosen,
        severity=drawn if severity is None else severity,
        points=_points(number, given, family, site, chosen, rng),
    )


def _name(number: int, seed: int) -> tuple[str, str]:
    """Every pair once: the lists have lengths without a common divisor, begun at a place the seed chooses."""
    place = number * 23 + Random(f"{seed}/names").randrange(len(GIVEN) * len(FAMILY))
    return GIVEN[place % len(GIVEN)], FAMILY[(place // len(GIVEN) + place) % len(FAMILY)]


def _birth_date(number: int, today: date) -> date:
    """Nineteen to sixty-four years old, no two born on one day."""
    return date(today.year - 19, 1, 1) - timedelta(days=(number * 271) % 16_400)


def _points(number: int, given: str, family: str, site: str, reach: Reach, rng: Random) -> tuple[NewContactPoint, ...]:
    nth = number // 2
    code = AREA_CODES[site][nth // NUMBERS_OF_A_CODE]
    phone = f"+1{code}55501{nth % NUMBERS_OF_A_CODE + 1:02d}"
    mail = f"{given}.{family}.{number}@example.org".lower()
    late = rng.random() < 0.1
    agreed = reach is not Reach.NO_CONSENT
    sms = NewContactPoint(
        Channel.SMS,
        phone,
        ok_to_leave_message=True,
        confirmed=reach is not Reach.UNVERIFIED,
        consent=agreed,
        opens=time(11) if late else None,
        closes=time(18) if late else None,
    )
    email = NewContactPoint(Channel.EMAIL, mail, confirmed=True, consent=agreed)
    voice = NewContactPoint(Channel.VOICE, phone, ok_to_leave_message=rng.random() < 0.5, confirmed=True)
    match reach:
        case Reach.EMAIL_ONLY:
            return (email, voice)
        case Reach.VOICE_ONLY:
            return (voice,)
        case Reach.UNVERIFIED | Reach.NO_CONSENT | Reach.WRONG_NUMBER:
            return (sms, voice)
    return (sms, email) if rng.random() < 0.6 else (sms, voice)
