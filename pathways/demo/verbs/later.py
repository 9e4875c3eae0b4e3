"""What may follow from a step by itself."""

from collections.abc import Callable
from datetime import datetime

Later = tuple[datetime, Callable[[datetime], None]]
"""When, and what."""
