"""Where the messages of real workers arrive."""

from collections.abc import Iterator

import pytest

from tests.faults.machinery import Sink, provider


@pytest.fixture
def sink() -> Iterator[Sink]:
    """The provider as a process of its own."""
    with provider() as running:
        yield running
