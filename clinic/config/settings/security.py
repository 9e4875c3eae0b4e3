"""What the browser is told, and who may ask. Strict unless the clinic runs on this machine alone."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from clinic.config import environment as env

from .house import LOCAL, MODE, TESTING

# The address people and programs use; links in messages start with it.
PUBLIC_URL = env.url(
    "PUBLIC_URL", "https", *(() if MODE == "production" else ("http",)),
    default=None if MODE == "production" else "http://127.0.0.1:8000",
)  # fmt: skip
_PUBLIC = urlsplit(PUBLIC_URL)
# Where patients' own links lead: a short address whose name gives nothing away. Without one no message carries a link.
PATIENT_LINK_URL = env.url(
    "PATIENT_LINK_URL", "https", *(() if MODE == "production" else ("http",)), default=PUBLIC_URL if LOCAL else "",
)  # fmt: skip
_LINKS = urlsplit(PATIENT_LINK_URL).hostname
# On a host of their own the links' pages are all there is (`clinic.web.middleware.hosts`).
PATIENT_LINK_HOST = _LINKS if _PUBLIC.hostname != _LINKS else None
PATIENT_LINK_PATHS = ("/l/",)

_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", _PUBLIC.hostname or "") + ([_LINKS] if _LINKS else []) + _LOOPBACK
if TESTING:
    ALLOWED_HOSTS.append("testserver")
CSRF_TRUSTED_ORIGINS = [f"{_PUBLIC.scheme}://{_PUBLIC.netloc}"]

# How many proxies of our own stand in front; only so many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", default=0, least=0, most=5)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_SECURE = not (LOCAL or TESTING)
SECURE_SSL_REDIRECT = _SECURE and env.flag("SECURE_SSL_REDIRECT", default=True)
# Health checks come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _SECURE
SECURE_HSTS_PRELOAD = _SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SESSION_COOKIE_SECURE = _SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if _SECURE else "stepwell_session"
SESSION_COOKIE_AGE = 12 * 3600  # one working day at most; idleness ends it sooner
CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_HTTPONLY = False  # htmx reads it to send the header
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if _SECURE else "stepwell_csrf"
LANGUAGE_COOKIE_SECURE = _SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Minutes without anything a person did before the page signs off (45 CFR 164.312(a)(2)(iii), automatic logoff).
IDLE_MINUTES = env.number("IDLE_MINUTES", default=15, least=1, most=120)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the shared look draws its arrows as data images
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# `make run` speaks plain HTTP on the loopback interface; the checks below are about deployments.
SILENCED_SYSTEM_CHECKS: list[str] = []
