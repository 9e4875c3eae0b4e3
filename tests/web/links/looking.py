"""What looking at a page does to the database: nothing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.database import our_tables

WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM|SELECT .* FOR (NO KEY )?UPDATE)", re.IGNORECASE)


@contextmanager
def nothing_written() -> Iterator[None]:
    """No statement on our tables writes or locks anything."""
    with CaptureQueriesContext(connection) as queries:
        yield
    wrote = [each["sql"] for each in queries if WRITES.match(each["sql"])]
    assert not [each for each in wrote if any(table in each for table in our_tables())], wrote
    assert not wrote, wrote
