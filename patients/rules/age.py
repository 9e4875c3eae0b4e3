"""How old somebody is."""

from datetime import date


def age_on(born: date, day: date) -> int:
    """Completed years on a day; somebody born on 29 February has their birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
