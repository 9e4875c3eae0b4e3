"""What a mail server brings back: notifications on letters of ours, and what people and machines write."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.clock import real_now
from pathways.delivery.email.webhooks import signature

OFFICE = "office@clinic.example"
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgbG9uZyBlbm91Z2g="
_REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; person@example.org
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: A note

--b--
"""


def bounce_of(message_id: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A mail server's notification on the letter of this Message-ID."""
    text = _REPORT.format(to=OFFICE, action=action, status=status, message_id=message_id)
    return text.replace("\n", "\r\n").encode()


def letter(text: str, *, sender: str = "person@example.org", name: str = "<1@mail.example>", **headers: str) -> bytes:
    """What somebody wrote to the office; headers with underscores for hyphens."""
    made = EmailMessage(policy=SMTP)
    usual = {"From": sender, "To": OFFICE, "Subject": "Re: A note", "Message-ID": name}
    for key, value in (usual | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        made[key] = value
    made.set_content(text)
    return made.as_bytes()


def brought(
    client: Client, raw: bytes, *, call: str = "call_1", at: datetime | None = None, signed: str | None = None,
    secret: str = SECRET,
) -> Any:  # fmt: skip
    """The mail server's signed call."""
    moment = str(int((at or real_now()).timestamp()))
    given = signature(secret, call, moment, raw) if signed is None else signed
    headers = {"Webhook-Id": call, "Webhook-Timestamp": moment, "Webhook-Signature": given}
    return client.post(reverse("email_in"), raw, content_type="message/rfc822", headers=headers)
