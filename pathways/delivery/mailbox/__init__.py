"""A folder in place of a provider, for trials and practice: one file per message, read back by a page."""

from pathways.delivery.mailbox.channel import MailboxChannel
from pathways.delivery.mailbox.reading import Delivered, read

__all__ = ["Delivered", "MailboxChannel", "read"]
