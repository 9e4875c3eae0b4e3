"""Whether a message says a time by which nobody should go any more."""

from datetime import datetime


def says_old_time(said: datetime | None, begins: datetime, now: datetime, *, called_off: bool) -> bool:
    """Only while that time is to come.

    `said`: the time in the message (None: not known, which says nothing) · `begins`: when the session begins by now ·
    `called_off`: by the clinic.
    """
    return said is not None and said > now and (called_off or said != begins)
