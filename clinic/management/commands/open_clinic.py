"""The first site and the first administrator of a real clinic."""

import secrets
import stat
from argparse import ArgumentParser
from datetime import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import clock, letters
from clinic.actions.opening import open_clinic
from clinic.actions.sites import Place
from clinic.errors import Refused
from clinic.models import StaffMember
from clinic.wording import say


class Command(BaseCommand):
    help = "Make the first site and its administrator. Refuses where there is a clinic already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="name of the first site")
        parser.add_argument("--code", required=True, help="short code of the site, for lists and addresses")
        parser.add_argument("--zone", required=True, help="time zone, as in America/New_York")
        parser.add_argument("--phone", required=True, help="telephone number people may call")
        parser.add_argument("--discreet-name", required=True, help="what messages call the place")
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-name", required=True)
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--password-file", type=Path, help="take the administrator's password from this file")
        way.add_argument(
            "--letter", action="store_true", help="send a link to set the password instead of printing one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = self._password(options)
        try:
            member = open_clinic(
                code=options["code"],
                place=_place(options),
                email=options["admin_email"],
                full_name=options["admin_name"],
                password=password,
                now=clock.now(),
            )
        except Refused as refused:
            raise CommandError(_in_words(refused)) from refused
        self.stdout.write(f"{options['site']} is open. {member.full_name} ({member.user.email}) is its administrator.")
        self._hand_over(member, password, options)

    def _password(self, options: dict[str, Any]) -> str | None:
        if options["letter"]:
            return None
        path: Path | None = options["password_file"]
        if path is None:
            return secrets.token_urlsafe(18)
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise CommandError(f"{path} can be read by others; chmod 600 it first.")
            return path.read_text().strip()
        except OSError as error:
            raise CommandError(f"{path} cannot be read.") from error

    def _hand_over(self, member: StaffMember, password: str | None, options: dict[str, Any]) -> None:
        if password is None:
            if letters.send_password_letter(member):
                self.stdout.write("A letter with a link to set the password is on its way.")
                return
            self.stdout.write(f"The letter could not be sent. Open this link once: {letters.password_link(member)}")
        elif options["password_file"] is None:
            self.stdout.write(f"Password, shown only now: {password}")


def _place(options: dict[str, Any]) -> Place:
    return Place(
        name=options["site"],
        discreet_name=options["discreet_name"],
        time_zone=options["zone"],
        phone=options["phone"],
        contact_opens=time(9),
        contact_closes=time(19),
    )


def _in_words(refused: Refused) -> str:
    if not refused.fields:
        return say(refused.sentence)
    return " ".join(f"{name}: {say(said)}" for name, said in refused.fields.items())
