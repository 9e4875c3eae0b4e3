"""What providers say of an address, taken in: an opt-out there counts like one here, and what is no address is closed.

Locked in the order of everything that comes in: the address, the people who have it by id, then messages to them.
"""

from datetime import datetime
from uuid import UUID

from clinic.actions.locks import lock_name
from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.models import Attempt
from pathways.queries.senders import contact_points_at
from pathways.rules.reminders import OfAddress, says_of_address
from patients.actions import consents, opt_outs
from patients.actions.locks import lock_patients
from patients.models import ContactPoint
from patients.rules.contact import NOT_DELIVERABLE

EVIDENCE = {
    OfAddress.OPTED_OUT: "contact.evidence.opted_out",
    OfAddress.NOT_DELIVERABLE: "contact.evidence.bad_address",
}


@action(None, "reminder.heed_refusal")
def heed_refusal(*, by: Actor, now: datetime, reference: UUID, detail_code: str) -> OfAddress:
    """Take in what a provider's "no" to a message says of its address. Doing it twice changes nothing.

    Opted out with the provider: as if they had written STOP. No such address: nothing automatic goes there, whoever
    has it. The code, the time and the message are the evidence.
    """
    says = says_of_address(detail_code)
    attempt = Attempt.objects.filter(public_id=reference).first() if says is not OfAddress.NOTHING else None
    if attempt is None or not attempt.address:  # the words and the address of an old one have been let go
        return OfAddress.NOTHING
    channel, address, evidence = attempt.channel, attempt.address, _evidence(attempt, says, detail_code, now)
    lock_address(channel, address)
    points = _locked(channel, address, by)
    if says is OfAddress.OPTED_OUT:
        people = [each.patient for each in points]
        opt_outs.opt_out(patients=people, channel=channel, address=address, evidence=evidence, by=by, now=now)
        for each in points:
            consents.record_change(
                contact_point=each, given=False, method="provider", evidence=evidence, effective_at=now, by=by, now=now
            )
    else:
        opt_outs.close_address(
            channel=channel, address=address, reason=NOT_DELIVERABLE, evidence=evidence, by=by, now=now
        )
    return says


def lock_address(channel: str, address: str) -> None:
    """Hold an address to the end of the transaction."""
    lock_name(f"reply.receive {channel} {address.casefold()}")


def _locked(channel: str, address: str, by: Actor) -> list[ContactPoint]:
    """Who has the address; read again under the locks."""
    held = lock_patients([each.patient for each in contact_points_at(channel, address)], by)
    return [each for each in contact_points_at(channel, address) if each.patient_id in held]


def _evidence(attempt: Attempt, says: OfAddress, detail_code: str, now: datetime) -> str:
    number = detail_code.partition(":")[2]
    said = sentence(
        EVIDENCE[says], number=number or "-", at=f"{now:%Y-%m-%d %H:%M} UTC",
        channel=attempt.channel, message=str(attempt.public_id),
    )  # fmt: skip
    return say(said)
