"""Let this copy send real messages: the third key of the latch."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.actions.deliveries import arm
from clinic.errors import Refused
from clinic.queries.staff import staff_by_email
from clinic.wording import say


class Command(BaseCommand):
    help = "Let this installation send real messages. Needs LIVE_DELIVERY=<installation id> in the environment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, help="e-mail address of the administrator who answers for it")

    def handle(self, *args: Any, **options: Any) -> None:
        member = staff_by_email(options["by"])
        if member is None:
            raise CommandError("Nobody here has that e-mail address.")
        try:
            arm(by=member.actor, now=clock.now())
        except Refused as refused:
            raise CommandError(say(refused.sentence)) from refused
        self.stdout.write("Armed: from now on messages really leave.")
