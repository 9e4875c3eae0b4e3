"""How messages leave the house. With nothing set, nothing leaves: they fall into the mailbox folder."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from clinic.config import environment as env

from .house import TESTING, VAR_DIR
from .security import PUBLIC_URL as _PUBLIC_URL
from .storage import REDIS_URL as _REDIS_URL

# The installation this environment believes to be; real channels open only where the database agrees.
LIVE_DELIVERY = env.text("LIVE_DELIVERY", "")
# Loopback providers count as real only in the tests.
DELIVERY_TO_LOOPBACK = TESTING

# The channels of automatic messages, each with its provider: a folder of that name under `pathways/delivery/`.
DELIVERY_PROVIDERS = {"email": "email", "sms": "sms"}

SMTP_HOST = env.text("SMTP_HOST", "")
SMTP_PORT = env.number("SMTP_PORT", default=587, least=1, most=65_535)
SMTP_USER = env.text("SMTP_USER", "")
SMTP_PASSWORD = env.text("SMTP_PASSWORD", "")
SMTP_SECURITY = env.choice("SMTP_SECURITY", "starttls", "tls", "none", default="starttls")
SMTP_FROM = env.text("SMTP_FROM", "")
SMTP_TIMEOUT = env.number("SMTP_TIMEOUT", default=10, least=1, most=60)
SMTP_CONNECTIONS = env.number("SMTP_CONNECTIONS", default=16, least=1, most=500)

# Messages a second at most, over all workers; 0 sets no ceiling.
SMTP_PER_SECOND = env.number("SMTP_PER_SECOND", default=0, least=0, most=10_000)

# What a mail server that brings letters to /callbacks/email/ signs them with (Standard Webhooks: whsec_ and Base64).
EMAIL_WEBHOOK_SECRET = env.signing_secret("EMAIL_WEBHOOK_SECRET")

SMS_URL = env.url("SMS_URL", "https", *(("http",) if TESTING else ()), default="")
SMS_ACCOUNT = env.text("SMS_ACCOUNT", "")
SMS_TOKEN = env.text("SMS_TOKEN", "")
SMS_FROM = env.text("SMS_FROM", "")
SMS_TIMEOUT = env.number("SMS_TIMEOUT", default=10, least=1, most=60)
SMS_CONNECTIONS = env.number("SMS_CONNECTIONS", default=32, least=1, most=500)
SMS_PER_SECOND = env.number("SMS_PER_SECOND", default=0, least=0, most=10_000)
if (SMTP_PER_SECOND or SMS_PER_SECOND) and not _REDIS_URL:
    raise ImproperlyConfigured("SMTP_PER_SECOND and SMS_PER_SECOND are counted in Valkey: set REDIS_URL.")
# Where the SMS provider reports what became of a message; the attempt's id is added to it.
SMS_CALLBACK_URL = env.url("SMS_CALLBACK_URL", "https", "http", default=_PUBLIC_URL)

MAILBOX_DIR = Path(env.text("MAILBOX_DIR", str(VAR_DIR / "mailbox")))

# Mail to staff (password reset, invitation) takes the same server, or the same folder.
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if SMTP_HOST else "django.core.mail.backends.filebased.EmailBackend"
)
if TESTING:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EMAIL_FILE_PATH = MAILBOX_DIR / "staff"
EMAIL_HOST = SMTP_HOST
EMAIL_PORT = SMTP_PORT
EMAIL_HOST_USER = SMTP_USER
EMAIL_HOST_PASSWORD = SMTP_PASSWORD
EMAIL_USE_TLS = SMTP_SECURITY == "starttls"
EMAIL_USE_SSL = SMTP_SECURITY == "tls"
EMAIL_TIMEOUT = SMTP_TIMEOUT
DEFAULT_FROM_EMAIL = SMTP_FROM or "stepwell@localhost"

# Runs of one channel at once, over all workers; they share its connections. With fewer than the workers' processes,
# a channel in trouble leaves some to the others.
DELIVERY_RUNS = env.number("DELIVERY_RUNS", default=2, least=1, most=100)

# Days after which the words and addresses of messages and the words of replies are let go; 0 keeps them.
MESSAGE_RETENTION_DAYS = env.number("MESSAGE_RETENTION_DAYS", default=2_190, least=0, most=36_500)
if 0 < MESSAGE_RETENTION_DAYS < 7:
    raise ImproperlyConfigured("MESSAGE_RETENTION_DAYS must be 0 or at least 7: a week is still worked with.")

# How long a worker may hold reminders before another takes them back; 0: as the rule says (three minutes).
REMINDER_LEASE_SECONDS = env.number("REMINDER_LEASE_SECONDS", default=0, least=0, most=3_600)
