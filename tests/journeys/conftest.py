"""The running clinic as a fixture."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pytest_django.live_server_helper import LiveServer

if TYPE_CHECKING:
    from tests.journeys.house import House


@pytest.fixture
def house(transactional_db: None, valkey: str, live_server: LiveServer) -> Iterator["House"]:
    """A clinic with one site and the kratom program, worker, beat, mail and SMS provider, on a Tuesday morning."""
    from tests.journeys.house import running  # models want Django ready, which it is only now

    with running(live_server.url) as house:
        yield house
