"""Compute the whole audit chain again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.queries.seals import verify


class Command(BaseCommand):
    help = "Compute every seal of the audit again. Keep the printed head elsewhere and give it back with --expect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--expect", default="", help="a head printed earlier, which the chain must still contain")

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify(options["expect"])
        for each in found.broken:
            self.stderr.write(f"seal {each.seal_id} (entries {each.first_id} to {each.last_id}): {each.kind}")
        if not found.sound:
            raise CommandError(f"The audit is not what was sealed: {len(found.broken)} seals do not hold.")
        if options["expect"] and not found.expected_seen:
            raise CommandError("The chain does not contain the expected head: its end was cut off.")
        self.stdout.write(f"{found.entries} entries in {found.seals} seals hold; {found.unsealed} wait to be sealed.")
        self.stdout.write(f"head {found.head or '(none)'}")
