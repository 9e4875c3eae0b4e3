"""Where the SMS provider reports what became of a message. Open to everybody; what is not signed is turned away."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.actions.jobs import job
from clinic.errors import NOT_FOUND, Refused
from pathways.actions.reminders import record_report
from pathways.couriers import callback_url
from pathways.delivery.sms.callbacks import Report, report
from pathways.delivery.sms.signature import signature_holds

SIGNATURE = "X-Twilio-Signature"


@csrf_exempt
@require_POST
def sms_status(request: HttpRequest, reference: UUID) -> HttpResponse:
    """403 without the provider's signature, 400 for a report that says nothing, 404 for a message that is not ours."""
    form = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    given = request.headers.get(SIGNATURE, "")
    # Signed is the address the provider was given, whatever stands in front of this server.
    if not signature_holds(settings.SMS_TOKEN, f"{callback_url()}/{reference}", form, given):
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


def _record(reference: UUID, told: Report) -> None:
    record_report(
        by=job("message reports"), now=clock.now(), reference=reference, kind=told.outcome.kind,
        provider_id=told.provider_id,
    )  # fmt: skip


def _plain(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain")
