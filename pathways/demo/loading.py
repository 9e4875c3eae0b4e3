"""Loading the demonstration: all of it or nothing, in one transaction and one process."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

from django.db import transaction

from clinic.actions import api_clients
from clinic.actions.jobs import job
from clinic.models import ApiClient, Installation, Site, StaffMember
from clinic.rules.opening_hours import to_utc
from pathways.demo.arcs import deal
from pathways.demo.cast import CLIENT, PLACES, RIVERBEND
from pathways.demo.stage import give_passwords, hand_over, set_up
from pathways.demo.story import Story, cast_of
from pathways.models import Enrollment, FollowUp, Reminder
from patients.models import Assessment, Patient, SafetyFlag

FOUNDED_BEFORE = timedelta(days=7)
"""The house opens a week before its first patient."""
OPENS = time(9)


class Standing(StrEnum):
    """What a database holds before anything is loaded."""

    EMPTY = "empty"
    DEMONSTRATION = "demonstration"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was made: how much of each, and the secrets to be handed over once."""

    counts: Mapping[str, int]
    secrets: Mapping[str, object]


def standing() -> Standing:
    """Whether a demonstration may be loaded here: never beside real people, or in a clinic that has been opened."""
    row = Installation.objects.first()
    practice = row is not None and row.practice
    if Patient.objects.exists() or Site.objects.exists() or StaffMember.objects.exists():
        return Standing.DEMONSTRATION if practice else Standing.REAL
    return Standing.EMPTY


def moment_of(today: date) -> datetime:
    """Nine in the morning of a day at the first site."""
    return to_utc(datetime.combine(today, OPENS), PLACES[RIVERBEND].time_zone).astimezone(UTC)


def load(*, moment: datetime, patients: int, seed: int, mailbox: Path) -> Loaded:
    """Open the demonstration clinic and let its year pass, up to `moment`.

    Letters are put into the mailbox only when all is written. Raises Refused, and then nothing is there.
    """
    today = moment.astimezone(ZoneInfo(PLACES[RIVERBEND].time_zone)).date()
    told = deal(patients, seed=seed, today=today)
    first = min(each.tale.began for each in told)
    founded = moment_of(first) - FOUNDED_BEFORE
    mailbox.parent.mkdir(parents=True, exist_ok=True)
    letters = Path(mkdtemp(prefix=".demonstration-", dir=mailbox.parent))
    try:
        with transaction.atomic():
            stage = set_up(at=founded)
            Story(stage, cast_of(told, stage, seed), moment, today, letters).play()
            counts = _counts()
        return Loaded({**counts, "letters": _hand_letters_over(letters, mailbox)}, stage.secrets)
    finally:
        shutil.rmtree(letters, ignore_errors=True)


def renew_secrets(*, now: datetime) -> Mapping[str, object]:
    """New passwords and a new client secret for a demonstration whose own were lost."""
    by = job("demonstration")
    members = {each.user.email.split("@")[0]: each for each in StaffMember.objects.select_related("user", "actor")}
    with transaction.atomic():
        sign_ins = give_passwords(members, by=by, at=now)
        client = ApiClient.objects.select_related("actor", "made_by").filter(actor__name=CLIENT, revoked_at=None).get()
        client, secret = api_clients.rotate(client=client, by=client.made_by, now=now)
    return hand_over(sign_ins, client, secret)


def _hand_letters_over(letters: Path, mailbox: Path) -> int:
    """Into the mailbox, keeping the order they were written in."""
    mailbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = sorted(letters.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in files:
        path.replace(mailbox / path.name)
    return len(files)


def _counts() -> dict[str, int]:
    return {
        "patients": Patient.objects.count(),
        "assessments": Assessment.objects.count(),
        "enrollments": Enrollment.objects.count(),
        "follow_ups": FollowUp.objects.count(),
        "reminders": Reminder.objects.count(),
        "flags": SafetyFlag.objects.count(),
    }
