"""What the house is made of: mode, apps, middleware, templates, languages, static files."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from clinic.config import environment as env

env.adopt_running_clinic()

BASE_DIR = env.ROOT
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# A database named by the environment means a deployment: the strict mode is what one gets by saying nothing.
_NAMED = "DATABASE_URL" in os.environ or "DATABASE_URL_FILE" in os.environ
MODE = env.choice("STEPWELL_MODE", "production", "local", "test", default="production" if _NAMED else "local")
LOCAL = MODE == "local"
TESTING = MODE == "test"
DEBUG = False

# Outside production a key of this process is enough; `make run` hands down one that is kept.
SECRET_KEY = env.text("SECRET_KEY", None if MODE == "production" else secrets.token_urlsafe(48))
if len(SECRET_KEY) < 40:
    raise ImproperlyConfigured("SECRET_KEY must have at least 40 characters.")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

AUTH_USER_MODEL = "clinic.User"
ROOT_URLCONF = "clinic.config.urls"
WSGI_APPLICATION = "clinic.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "clinic",
    "patients",
    "pathways",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "pgtrigger",
    "django_htmx",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.config.logs.RequestLogMiddleware",
    "clinic.web.middleware.LinkHostMiddleware",
    "clinic.api.middleware.ProblemMiddleware",
    # Before sessions, so that a database that is away is one sentence and a 503 for every page.
    "clinic.web.middleware.RefusalMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.web.middleware.IdleSignOffMiddleware",
    "clinic.web.middleware.ActorMiddleware",
    "clinic.web.middleware.RoutePolicyMiddleware",
    "clinic.web.middleware.PatientReadMiddleware",
    "axes.middleware.AxesMiddleware",
]

# Every route of every door stands in one of these tables; a route in none is refused.
ROUTE_POLICIES = [
    "clinic.web.policy.ROUTES",
    "clinic.api.policy.ROUTES",
    "patients.web.policy.ROUTES",
    "patients.api.policy.ROUTES",
    "pathways.web.policy.ROUTES",
    "pathways.api.policy.ROUTES",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "clinic.web.context.house",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored and computed in UTC; shown in the zone of the site or the recipient

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
_STATIC = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if TESTING
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC},
}
WHITENOISE_USE_FINDERS = TESTING

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
