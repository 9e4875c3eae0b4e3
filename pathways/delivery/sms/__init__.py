"""Text messages through a Twilio-compatible HTTP interface."""

from pathways.delivery.sms.callbacks import Report, report
from pathways.delivery.sms.channel import SmsChannel
from pathways.delivery.sms.client import SmsConfig
from pathways.delivery.sms.signature import signature, signature_holds

__all__ = ["Report", "SmsChannel", "SmsConfig", "report", "signature", "signature_holds"]
