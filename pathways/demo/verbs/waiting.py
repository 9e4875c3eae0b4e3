"""Before the first day: a program proposed, a place in line, a place offered and taken."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from clinic.rules.roles import Role
from pathways.actions import enrollments, waits
from pathways.demo import steps
from pathways.demo.players import Player
from pathways.demo.verbs.later import Later
from pathways.models import PlaceOffer, WaitlistEntry


def propose(step: steps.Propose, player: Player, now: datetime) -> Iterator[Later]:
    made = enrollments.propose(
        by=player.who(Role.CLINICIAN), now=now, patient_id=player.row.public_id, program_key=step.program,
        note=step.note,
    )  # fmt: skip
    player.enrollment = made.public_id
    yield from ()


def put_on_waitlist(step: steps.PutOnWaitlist, player: Player, now: datetime) -> Iterator[Later]:
    made = waits.put_on_waitlist(
        by=player.who(Role.CLINICIAN), now=now, patient_id=player.row.public_id, program_key=step.program,
        priority=step.priority, note=step.note,
    )  # fmt: skip
    player.enrollment = made.enrollment.public_id
    yield from ()


def offer_place(step: steps.OfferPlace, player: Player, now: datetime) -> Iterator[Later]:
    wait = WaitlistEntry.objects.get(enrollment__public_id=player.enrolled, ended_at__isnull=True)
    waits.offer_place(
        by=player.who(Role.COUNSELOR), now=now, wait_id=wait.public_id, expires_at=now + timedelta(days=step.days)
    )
    yield from ()


def accept_place(step: steps.AcceptPlace, player: Player, now: datetime) -> Iterator[Later]:
    offer = PlaceOffer.objects.get(wait__enrollment__public_id=player.enrolled, answer="")
    waits.accept_offer(
        by=player.who(Role.CLINICIAN), now=now, offer_id=offer.public_id,
        counselor_id=player.who(Role.COUNSELOR).public_id,
    )  # fmt: skip
    yield from ()
