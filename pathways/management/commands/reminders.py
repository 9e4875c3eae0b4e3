"""Delivery from the command line: how it stands, holding it back, letting it go, putting it back in line."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.errors import Refused
from clinic.models import Actor
from clinic.queries.sites import open_sites
from clinic.queries.staff import staff_by_email
from clinic.wording import say
from pathways.actions import reminders as verbs
from pathways.messages.library import keys
from pathways.queries.deliveries import lines
from pathways.queries.pauses import current, waiting_behind
from pathways.queries.providers import CHANNELS
from pathways.rules.reminders.lines import Line, standing_still
from pathways.rules.reminders.pauses import Missed, PauseScope


class Command(BaseCommand):
    help = "How messages are delivered: status, pause, resume, requeue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs_of = parser.add_subparsers(dest="verb", required=True)
        verbs_of.add_parser("status", help="each channel's line, what is paused, and what stands still")
        _pause_arguments(verbs_of.add_parser("pause", help="hold messages back"))
        resume = _signed(verbs_of.add_parser("resume", help="let them go again"))
        resume.add_argument("pause", help="the pause's id, as `status` shows it; its beginning is enough")
        resume.add_argument(
            "--missed",
            required=True,
            choices=[each.value for each in Missed],
            help="what becomes of those due meanwhile",
        )
        requeue = _signed(verbs_of.add_parser("requeue", help="give back what stopped workers hold"))
        requeue.add_argument("--given-up", action="store_true", help="also what was not taken in all its tries")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            match options["verb"]:
                case "status":
                    self._status(now)
                case "pause":
                    self._pause(now, options)
                case "resume":
                    self._resume(now, options)
                case "requeue":
                    self._requeue(now, options)
        except Refused as refused:
            said = [refused.sentence, *refused.fields.values()]
            raise CommandError(" ".join(say(each) for each in said)) from refused

    def _status(self, now: datetime) -> None:
        found = lines(now)
        self.stdout.write(
            _columns("channel", "through", "due", "oldest", "held back", "under way", "unclear", "for a person")
        )
        for line in found:
            self.stdout.write(_line(line, now))
        for row in current():
            what = " ".join(filter(None, [row.scope, row.site.code if row.site else "", row.channel, row.template]))
            self.stdout.write(
                f"paused {str(row.public_id)[:8]}: {what}, by {row.paused_by.name}, "
                f"since {row.paused_at:%Y-%m-%d %H:%M} UTC, {waiting_behind(row, now)} waiting: {row.reason}"
            )
        for line in found:
            for said in standing_still(line, now):
                self.stdout.write(f"{line.channel}: {say(said)}")

    def _pause(self, now: datetime, options: dict[str, Any]) -> None:
        site = next((each for each in open_sites() if each.code == options["site"]), None)
        if options["site"] and site is None:
            raise CommandError("There is no open site of that code.")
        scope = next((each for each in ("site", "channel", "template") if options[each]), PauseScope.ALL)
        row = verbs.pause(
            by=_signer(options), now=now, scope=PauseScope(scope), reason=options["reason"],
            site_id=site.public_id if site else None, channel=options["channel"] or "",
            template=options["template"] or "",
        )  # fmt: skip
        self.stdout.write(f"Paused: {row.public_id}")

    def _resume(self, now: datetime, options: dict[str, Any]) -> None:
        meant = [each for each in current() if str(each.public_id).startswith(options["pause"])]
        if len(meant) != 1:
            raise CommandError("No one pause in force has that id; `reminders status` shows them.")
        chosen = Missed(options["missed"])
        _, number = verbs.resume(by=_signer(options), now=now, pause_id=meant[0].public_id, missed_ones=chosen)
        self.stdout.write(f"Lifted; {number} had fallen due meanwhile: {chosen}.")

    def _requeue(self, now: datetime, options: dict[str, Any]) -> None:
        counts = verbs.requeue(by=_signer(options), now=now, given_up=options["given_up"])
        self.stdout.write(", ".join(f"{name} {number}" for name, number in counts.items()))


def _pause_arguments(parser: ArgumentParser) -> None:
    _signed(parser).add_argument("--reason", required=True)
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--site", help="the code of one site")
    scope.add_argument("--channel", choices=CHANNELS)
    scope.add_argument("--template", choices=sorted(keys()))


def _signed(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("--by", required=True, help="e-mail address of the person who answers for it")
    return parser


def _signer(options: dict[str, Any]) -> Actor:
    member = staff_by_email(options["by"])
    if member is None:
        raise CommandError("Nobody here has that e-mail address.")
    return member.actor


def _line(line: Line, now: datetime) -> str:
    oldest = f"{(now - line.oldest_due_at).total_seconds():.0f} s" if line.oldest_due_at else "-"
    rests = f"  rests until {line.rests_until:%H:%M:%S} UTC ({line.trouble_code})" if line.rests(now) else ""
    most = f"  at most {line.per_second}/s" if line.per_second else ""
    numbers = (line.due, oldest, line.held, line.under_way, line.unclear, line.for_a_person)
    return f"{_columns(line.channel, line.provider, *numbers)}{'  paused' if line.paused else ''}{most}{rests}"


def _columns(channel: str, provider: str, *numbers: object) -> str:
    return f"{channel:<10}{provider:<10}" + "".join(f"{each:>13}" for each in numbers)
