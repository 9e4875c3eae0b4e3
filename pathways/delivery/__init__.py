"""Channels: a message in, an outcome out. Knows addresses and providers, no patients, no tables, no
framework.

Every channel keeps one contract (`channel.Channel`), which the tests run against each over a real socket.
"""

from pathways.delivery.channel import Channel
from pathways.delivery.email import EmailChannel, SmtpConfig, SmtpSecurity
from pathways.delivery.gate import Gate, Latch
from pathways.delivery.mailbox import MailboxChannel
from pathways.delivery.messages import Answer, Detail, Message, Outcome
from pathways.delivery.sms import SmsChannel, SmsConfig

__all__ = [
    "Answer",
    "Channel",
    "Detail",
    "EmailChannel",
    "Gate",
    "Latch",
    "MailboxChannel",
    "Message",
    "Outcome",
    "SmsChannel",
    "SmsConfig",
    "SmtpConfig",
    "SmtpSecurity",
]
