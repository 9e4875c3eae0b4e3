"""Addresses and words of pages, and who looks at them."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.models import Site
from clinic.rules.roles import Role
from tests.factories import clinic as make


def at(name: str, row: Any, **query: str) -> str:
    """The address of a page about a row."""
    return f"{reverse(name, args=[row.public_id])}?" + "&".join(f"{key}={value}" for key, value in query.items())


def words(answer: Any) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def reader(client: Client, site: Site, role: Role) -> Client:
    """Somebody of the site in this role, signed in."""
    return make.sign_in(client, make.staff(roles=[role], sites=[site]))
