"""E-mail through a real SMTP server."""

from pathways.delivery.email.channel import EmailChannel
from pathways.delivery.email.session import SmtpConfig, SmtpSecurity

__all__ = ["EmailChannel", "SmtpConfig", "SmtpSecurity"]
