"""Reading what arrived."""

import time
from collections.abc import Callable
from email.message import EmailMessage

from tests.delivery.mail_server import MailServer

LONGEST = 90
"""Seconds to wait for what beat and worker do by themselves; beat wakes delivery every fifteen."""


def first_letter(mail: MailServer) -> EmailMessage:
    """The first letter the server took, waited for."""
    wait_until(lambda: bool(mail.letters.taken), "no letter arrived")
    return mail.letters.parsed()[0]


def wait_until(done: Callable[[], bool], otherwise: str) -> None:
    """Wait for what worker and beat do by themselves."""
    until = time.monotonic() + LONGEST
    while not done():
        assert time.monotonic() < until, f"{otherwise} in {LONGEST} s"
        time.sleep(0.2)
