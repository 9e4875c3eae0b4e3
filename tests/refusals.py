"""What a verb answers when it refuses."""

from typing import Any

import pytest

from clinic.errors import Refused


def refused(verb: Any, *given: Any, **named: Any) -> Refused:
    """The refusal of a verb called so."""
    with pytest.raises(Refused) as caught:
        verb(*given, **named)
    return caught.value
