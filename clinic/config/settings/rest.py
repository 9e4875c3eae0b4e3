"""The REST door: JSON only, our own authentication, problems and pages; OpenAPI 3.1 from the code."""

from clinic.config import environment as env

from .house import TESTING

# Calls per caller and minute; 0 sets no limit. Tests call thousands of times; the limit has tests of its own.
API_RATE_PER_MINUTE = 0 if TESTING else env.number("API_RATE_PER_MINUTE", default=600, least=0, most=1_000_000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinic.api.authentication.ClientCredentialsAuthentication",
        "clinic.api.authentication.StaffSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.api.permissions.RoutePolicyPermission"],
    "DEFAULT_PAGINATION_CLASS": "clinic.api.pagination.KeysetPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["clinic.api.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "clinic.api.problems.handler",
    "DEFAULT_SCHEMA_CLASS": "clinic.api.schema.DoorSchema",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Stepwell",
    "DESCRIPTION": "Patient pathways of an addiction clinic: people, findings, phases, follow-ups, reminders.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Enumerations stay where they are used: named ones change their name when another field is called the same.
    "POSTPROCESSING_HOOKS": [],
}
