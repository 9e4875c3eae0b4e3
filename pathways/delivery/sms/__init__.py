"""Text messages through a Twilio-compatible HTTP interface."""

from pathways.delivery.sms.callbacks import Report, report
from pathways.delivery.sms.channel import SmsChannel
from pathways.delivery.sms.client import SmsConfig
from pathways.delivery.sms.inbound import Inbound, inbound, nothing_to_say, said_back
from pathways.delivery.sms.signature import signature, signature_holds

__all__ = [
    "Inbound",
    "Report",
    "SmsChannel",
    "SmsConfig",
    "inbound",
    "nothing_to_say",
    "report",
    "said_back",
    "signature",
    "signature_holds",
]
