"""Where providers report what became of a message, and bring what people write back.

Open to everybody; what is not signed is turned away.
"""

from datetime import datetime
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.actions.idempotency import Answer, once
from clinic.actions.jobs import job
from clinic.errors import NOT_FOUND, Refused
from clinic.models import Actor
from pathways.actions.mail import receive_mail
from pathways.actions.reminders import record_report
from pathways.actions.replies import receive
from pathways.delivery.email import webhooks
from pathways.delivery.sms import inbound, nothing_to_say, said_back
from pathways.delivery.sms.callbacks import Report, report
from pathways.delivery.sms.provider import callback_url
from pathways.delivery.sms.signature import signature_holds
from pathways.queries.providers import live, provider_for
from pathways.queries.replies import words_to_somebody_unknown
from patients.rules.contact import Channel

SIGNATURE = "X-Twilio-Signature"
SMS = "sms"


@csrf_exempt
@require_POST
def sms_status(request: HttpRequest, reference: UUID) -> HttpResponse:
    """403 without the provider's signature, 400 for a report that says nothing, 404 for a message that is not ours."""
    if not _signed(request, f"{callback_url(settings)}/{reference}"):
        return _plain(403)
    try:
        _record(reference, report(request.POST))
    except ValueError:
        return _plain(400)
    except Refused as refused:
        if refused.status != NOT_FOUND:
            raise
        return _plain(404)
    return _plain(204)


@csrf_exempt
@require_POST
def sms_reply(request: HttpRequest) -> HttpResponse:
    """403 without the provider's signature, 400 for what is no message. The same message again: the same answer.

    What goes back to people we know goes the way of every message; only somebody unknown is answered here, who has
    written STOP or HELP.
    """
    if not _signed(request, f"{callback_url(settings)}/replies"):
        return _plain(403)
    try:
        came = inbound(request.POST)
    except ValueError:
        return _plain(400)
    row = receive(
        by=job("replies"), now=clock.now(), provider=SMS, provider_id=came.provider_id, channel=Channel.SMS,
        address=came.sender, to_address=came.recipient, text=came.text,
    )  # fmt: skip
    words = words_to_somebody_unknown(row) if provider_for(SMS, live=live()) == SMS else None
    return HttpResponse(said_back(words) if words else nothing_to_say(), content_type="text/xml")


@csrf_exempt
@require_POST
def email_in(request: HttpRequest) -> HttpResponse:
    """One letter as it came to our address, whole, as the body. 403 without our mail server's signature or with one of
    another time, 413 for one that is too long; the same call again is answered the same and does nothing."""
    try:
        raw, now = request.body, clock.real_now()
    except RequestDataTooBig:
        return _plain(413)
    if not webhooks.signature_holds(settings.EMAIL_WEBHOOK_SECRET, request.headers, raw, now=now):
        return _plain(403)
    try:
        return _plain(_taken_in_once(request, raw, now).status)
    except Refused as refused:
        return _plain(refused.status)


def _taken_in_once(request: HttpRequest, raw: bytes, now: datetime) -> Answer:
    by = job("mail")
    return once(
        by=by, key=request.headers[webhooks.ID], method_and_path=f"POST {request.path}",
        body_hash=sha256(raw).hexdigest(), verb=partial(_taken_in, by, raw), now=now,
    )  # fmt: skip


def _taken_in(by: Actor, raw: bytes) -> Answer:
    receive_mail(by=by, now=clock.now(), raw=raw)
    return Answer(status=204, body=b"")


def _signed(request: HttpRequest, address: str) -> bool:
    """Signed is the address the provider was given, whatever stands in front of this server."""
    form = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    return signature_holds(settings.SMS_TOKEN, address, form, request.headers.get(SIGNATURE, ""))


def _record(reference: UUID, told: Report) -> None:
    record_report(
        by=job("message reports"), now=clock.now(), reference=reference, kind=told.outcome.kind,
        provider_id=told.provider_id, detail_code=told.outcome.detail_code,
    )  # fmt: skip


def _plain(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain")
