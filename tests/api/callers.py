"""A program with its token, and an administrator with a session: both speak JSON."""

from typing import Any

from django.test import Client

from clinic.models import ApiClient
from clinic.rules.roles import Role
from tests.factories import clinic as make


class Caller:
    """Sends JSON with the same headers each time."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client, self.headers = client, headers

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=self.headers | headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        call = getattr(self.client, method)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(path, body, content_type="application/json", headers=self.headers | named)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("post", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("put", path, body, **headers)


def program(of: ApiClient | None = None, scopes: list[str] | None = None, **headers: str) -> Caller:
    """A program holding a fresh token; by default one that may read patients."""
    client = Client()
    row = of or make.api_client(scopes=["patients.read"])
    return Caller(client, Authorization=f"Bearer {make.token(client, row, scopes)}", **headers)


def administrator() -> Caller:
    """A signed-in administrator's browser."""
    return Caller(make.sign_in(Client(), make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])))


def place(**fields: Any) -> dict[str, Any]:
    """The body that opens a site."""
    return {
        "code": "harbor",
        "name": "Harbor House",
        "discreet_name": "the office",
        "time_zone": "America/Chicago",
        "phone": "(202) 555-0143",
        "contact_opens": "09:00",
        "contact_closes": "18:30",
    } | fields
