"""Nobody overwrites what they have not seen: `ETag` is the row's version, `If-Match` says which one was meant."""

import re

from django.http import HttpRequest
from rest_framework.request import Request

from clinic.errors import Refused, stale
from clinic.models import Versioned

_STRONG = re.compile(r'"([1-9][0-9]{0,8})"\Z')


def etag_of(row: Versioned) -> str:
    """The entity tag of an editable row."""
    return f'"{row.version}"'


def expected_version(request: Request | HttpRequest) -> int:
    """The version the caller saw. 428 where it does not say; 412 for a tag that can never have been ours.

    `*` would mean "whatever it is now", which is what this header is there to prevent. The verb compares the number
    under its lock, as `expected_version`.
    """
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise Refused("precondition_required", status=428)
    tag = _STRONG.match(given)
    if tag is None:
        raise stale()
    return int(tag[1])
