"""A message somebody sends to themselves, to see it as it arrives: to their own address, about somebody invented.

It goes through the same latch, providers and channels as every other message, by `tasks.deliver_template_trials`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.templates import Words, checked
from pathways.models import TemplateTrial
from pathways.queries.providers import provider_for, sender_of
from pathways.queries.templates import require_write, site_at, slot
from pathways.queries.trials import MOST_AT_ONCE, in_line
from pathways.rules.links import EXAMPLE, address_of
from pathways.rules.messages import SMS, render
from pathways.rules.reminders import OutcomeKind
from pathways.rules.templates import short_sample
from patients.rules.contact import UnusableAddress, normalise_phone

# As many as somebody needs who tries what they write, and far too few to send anything to anybody with.
MOST_IN_AN_HOUR = 10
HOUR = timedelta(hours=1)
# A worker that has not said by now what became of a trial will not say it any more.
SILENT_AFTER = timedelta(minutes=10)
_STATUS = {
    OutcomeKind.SENT: "sent",
    OutcomeKind.DELIVERED: "sent",
    OutcomeKind.PERMANENT: "failed",
    OutcomeKind.TEMPORARY: "failed",
    OutcomeKind.UNCERTAIN: "uncertain",
}


@action(Permission.TEMPLATE_WRITE, "template.try")
def try_template(
    *,
    by: Actor,
    now: datetime,
    key: str,
    channel: str,
    language: str,
    words: Words,
    site_id: UUID | None = None,
) -> TemplateTrial:
    """Put the words in line to be sent to whoever asks: to the e-mail address they sign in with, or the telephone
    number of their own staff entry. They need not be kept as a version, but must be such that they could be.

    Raises Refused: 403, 404, 409 `trial_no_number`, 422 `template_problems`, 429 `trial_too_many`.
    """
    of, site = slot(key, channel, language), site_at(by, site_id)
    require_write(by, site)
    wanted = checked(of, words)
    member = by.staff_member
    address = _own_number(member.phone, site) if channel == SMS else member.user.email
    if TemplateTrial.objects.filter(asked_by=by, asked_at__gt=now - HOUR).count() >= MOST_IN_AN_HOUR:
        raise Refused("trial_too_many", sentence("template.refused.too_many_trials", most=MOST_IN_AN_HOUR), status=429)
    ready = render(wanted, _fields(language, site))
    row = TemplateTrial.objects.create(
        channel=channel,
        address=address,
        subject=ready.subject or "",
        text=ready.text,
        template=of.key,
        template_digest=wanted.digest,
        language=language,
        asked_at=now,
        asked_by=by,
        status_at=now,
    )
    details = {"key": of.key, "channel": channel, "language": language}
    audit.record(action="template.try", by=by, now=now, subject=("template_trial", row.public_id), details=details)
    return row


def _own_number(phone: str, site: Site | None) -> str:
    try:
        return normalise_phone(phone, site.region if site else "US")
    except UnusableAddress:
        raise Refused("trial_no_number", sentence("template.refused.no_number")) from None


def _fields(language: str, site: Site | None) -> dict[str, str]:
    """Somebody invented, written to by the site that is meant."""
    fields = dict(short_sample(language))
    if site is not None:
        fields |= {"discreet_name": site.discreet_name, "phone": site.phone}
    if settings.PATIENT_LINK_URL:
        fields["link"] = address_of(EXAMPLE, settings.PATIENT_LINK_URL)
    return fields


@dataclass(frozen=True, slots=True)
class PreparedTrial:
    """What the channel needs; `reference` is what the trial is known by."""

    reference: UUID
    provider: str
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What a channel said of a trial."""

    reference: UUID
    kind: OutcomeKind
    provider_id: str = ""
    detail_code: str = ""


@action(None, "template.send_trials")
def open_trials(*, by: Actor, now: datetime, live: bool, room: Mapping[str, int]) -> list[PreparedTrial]:
    """Mark those in line as *sending* before any of them goes; what a worker never reported on is *uncertain*.

    `room`: how many may go, by channel.
    """
    silent = TemplateTrial.objects.filter(status="sending", status_at__lt=now - SILENT_AFTER)
    silent.update(status="uncertain", status_at=now)
    held = in_line().select_for_update(no_key=True, of=("self",), skip_locked=True)
    rows = _with_room(held[:MOST_AT_ONCE], room)
    for row in rows:
        row.status, row.status_at, row.provider = "sending", now, provider_for(row.channel, live=live)
        row.save(update_fields=["status", "status_at", "provider"])
    return [_prepared(row) for row in rows]


def _with_room(rows: Iterable[TemplateTrial], room: Mapping[str, int]) -> list[TemplateTrial]:
    """Of each channel the first, as many as may go."""
    taken: Counter[str] = Counter()
    going = []
    for row in rows:
        taken[row.channel] += 1
        if taken[row.channel] <= room.get(row.channel, 0):
            going.append(row)
    return going


def _prepared(row: TemplateTrial) -> PreparedTrial:
    return PreparedTrial(
        reference=row.public_id,
        provider=row.provider,
        channel=row.channel,
        to=row.address,
        sender=sender_of(row.channel),
        subject=row.subject,
        text=row.text,
        language=row.language,
    )


@action(None, "template.record_trials")
def record_trials(*, by: Actor, now: datetime, outcomes: Sequence[TrialOutcome]) -> dict[str, int]:
    """What became of them. A trial is tried once: whoever wants it again asks again. Returns counts by status."""
    counts: dict[str, int] = {}
    for each in outcomes:
        status = _STATUS[each.kind]
        TemplateTrial.objects.filter(public_id=each.reference, status="sending").update(
            status=status, status_at=now, provider_id=each.provider_id[:128], detail_code=each.detail_code[:60]
        )
        counts[status] = counts.get(status, 0) + 1
    return counts
