"""Messages of the past, sent through the product's own delivery into a folder. No other channel is ever made here."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from clinic.actions.jobs import job
from clinic.models import Actor
from pathways.actions.follow_ups import climb_ladders
from pathways.actions.reminders import Claim, Prepared, Reported, claim_due, open_window, record_answer, record_outcomes
from pathways.delivery.mailbox import MailboxChannel
from pathways.delivery.messages import Message
from pathways.models import FollowUp, Reminder
from pathways.queries.providers import provider_of, window_of
from pathways.rules.reminders import Finding, OutcomeKind, ReminderStatus

NO_ANSWER = "no_answer"
ASKED_AFTER = timedelta(hours=6, minutes=5)


def owed_by(moment: datetime) -> tuple[bool, bool]:
    """Whether by then a contact climbs its ladder, and whether a message is due."""
    climbs = FollowUp.objects.open().filter(climbs_at__lte=moment).exists()
    return climbs, Reminder.objects.filter(status=ReminderStatus.PLANNED, next_at__lte=moment).exists()


class Post:
    """The delivery run and the ladders, at the story's time. `folder` collects the letters until all is well."""

    def __init__(self, folder: Path, lost: Callable[[Prepared, datetime], bool]) -> None:
        self._now: datetime | None = None
        self._lost = lost
        self._mailbox = MailboxChannel(folder, clock=self._story_time)
        self._sender, self._climber = job("reminder delivery"), job("follow-up ladders")
        self._settler = job("reminder settlement")

    def climb(self, now: datetime) -> None:
        """Silence climbs."""
        climb_ladders(by=self._climber, now=now)

    def deliver(self, now: datetime) -> list[Prepared]:
        """Send what is due by now; returns the messages of which nobody knows whether they left."""
        self._now, unclear = now, []
        while (claim := claim_due(by=self._sender, now=now)).size:
            unclear += self._deliver(claim, now)
        return unclear

    def ask(self, prepared: Prepared, now: datetime) -> None:
        """Hours later the provider still has no answer: a person decides."""
        record_answer(by=self._settler, now=now, reference=prepared.reference, finding=Finding.UNKNOWN)

    def _deliver(self, claim: Claim, now: datetime) -> list[Prepared]:
        unclear = []
        for channel, ids in claim.by_channel.items():
            size = window_of(provider_of(channel))
            for start in range(0, len(ids), size):
                window = open_window(
                    by=self._sender, now=now, claim_id=claim.claim_id, ids=ids[start : start + size], live=False
                )
                unclear += self._send(window, claim, self._sender, now)
        return unclear

    def _send(self, window: list[Prepared], claim: Claim, by: Actor, now: datetime) -> list[Prepared]:
        lost = [each for each in window if self._lost(each, now)]
        known = {str(each.reference): each for each in window if each not in lost}
        reported = [Reported(each, OutcomeKind.UNCERTAIN, detail_code=NO_ANSWER) for each in lost]
        reported += self._post(known)
        if reported:
            record_outcomes(by=by, now=now, claim_id=claim.claim_id, reported=reported)
        return lost

    def _post(self, known: Mapping[str, Prepared]) -> list[Reported]:
        sent = self._mailbox.send([_message(reference, each) for reference, each in known.items()])
        return [
            Reported(
                known[message.reference], outcome.kind, outcome.provider_id, outcome.retry_after, outcome.detail_code
            )
            for message, outcome in sent
        ]

    def _story_time(self) -> datetime:
        if self._now is None:
            raise ValueError("nothing has been sent yet")
        return self._now


def _message(reference: str, prepared: Prepared) -> Message:
    return Message(
        reference=reference,
        channel=prepared.channel,
        to=prepared.to,
        sender=prepared.sender,
        text=prepared.text,
        subject=prepared.subject or None,
        language=prepared.language,
    )
