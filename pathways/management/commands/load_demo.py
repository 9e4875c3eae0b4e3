"""Load the demonstration clinic: invented people, a year of care, nothing real."""

import json
import time
from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock
from clinic.errors import Refused
from clinic.running.places import Places, write_private
from clinic.wording import say
from pathways.demo.arcs import ESSENTIAL
from pathways.demo.loading import Standing, load, moment_of, renew_secrets, standing
from pathways.demo.people import MOST_PEOPLE

PATIENTS, SEED = 62, 7


class Command(BaseCommand):
    help = (
        "Makes the demonstration clinic: two sites, a dozen staff, invented patients and their year, up to now. The "
        "same seed and day give the same story. Refuses where real people are kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patients", type=_number_of_patients, default=PATIENTS)
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--today", type=date.fromisoformat, help="load as of nine on this day, as in 2026-06-15")

    def handle(self, *args: Any, patients: int, seed: int, today: date | None, **options: Any) -> None:
        """Loads once; asked again, it says so, and makes new sign-ins where the old ones were lost."""
        found = standing()
        if found is Standing.REAL:
            raise CommandError("This database is a real clinic's; a demonstration is only loaded into an empty one.")
        if found is Standing.DEMONSTRATION:
            self._is_there()
            return
        began = time.monotonic()
        moment = clock.now() if today is None else moment_of(today)
        try:
            loaded = load(moment=moment, patients=patients, seed=seed, mailbox=Path(settings.MAILBOX_DIR))
        except Refused as refused:
            raise CommandError(_in_words(refused)) from refused
        _keep(loaded.secrets)
        numbers = ", ".join(f"{number} {name.replace('_', '-')}" for name, number in loaded.counts.items())
        self.stdout.write(f"The demonstration clinic is there: {numbers}; {time.monotonic() - began:.0f} s.")

    def _is_there(self) -> None:
        if _secrets_file().exists():
            self.stdout.write("The demonstration clinic is there already.")
            return
        _keep(renew_secrets(now=clock.now()))
        self.stdout.write("The demonstration clinic is there already; its sign-ins were missing and are new.")


def _number_of_patients(text: str) -> int:
    least = len(ESSENTIAL)
    if not text.isdecimal() or not least <= int(text) <= MOST_PEOPLE:
        raise ArgumentTypeError(f"must be a whole number from {least} to {MOST_PEOPLE}")
    return int(text)


def _secrets_file() -> Path:
    return Places(Path(settings.VAR_DIR)).demo_secrets


def _keep(secrets: Mapping[str, object]) -> None:
    write_private(_secrets_file(), json.dumps(secrets, indent=2) + "\n")


def _in_words(refused: Refused) -> str:
    return " ".join([say(refused.sentence), *(f"{name}: {say(said)}" for name, said in refused.fields.items())])
