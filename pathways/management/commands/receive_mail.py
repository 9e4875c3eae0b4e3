"""What a mail server hands over: one letter on standard input (a pipe transport, an alias)."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.actions.jobs import job
from pathways.actions.mail import receive_mail
from pathways.rules.mail import LONGEST_LETTER

TRY_AGAIN = 75
"""EX_TEMPFAIL: the mail server keeps the letter and brings it again."""


class Command(BaseCommand):
    help = "Takes in one letter from standard input: a bounce settles its message, anything else is a reply."

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(LONGEST_LETTER)
        sys.stdin.buffer.read()  # to the end, or the mail server takes it for a failure
        try:
            taken = receive_mail(by=job("mail"), now=clock.now(), raw=raw)
        except Exception as error:
            raise CommandError(f"Not taken in ({type(error).__name__}).", returncode=TRY_AGAIN) from error
        self.stdout.write(taken.value)
