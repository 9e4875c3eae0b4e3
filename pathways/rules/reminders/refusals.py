"""What a provider's "no" says of the address, beyond the one message.

Source: follow-up.md, "Rules on texting": our own suppression by address; a number that comes back as none, or as
somebody else's, is suspended; an opt-out holds wherever it was said. Everything else a provider refuses (content, the
moment, a number that is out of reach) is about the message.
"""

from enum import StrEnum


class OfAddress(StrEnum):
    """What is known of an address from now on."""

    NOTHING = "nothing"
    NOT_DELIVERABLE = "not_deliverable"
    OPTED_OUT = "opted_out"


# The codes of `delivery.messages.Detail` that are about the address.
_SAYS = {"opted_out": OfAddress.OPTED_OUT, "bad_address": OfAddress.NOT_DELIVERABLE}


def says_of_address(detail_code: str) -> OfAddress:
    """Reads a code as it is recorded: `opted_out:21610`."""
    return _SAYS.get(detail_code.partition(":")[0], OfAddress.NOTHING)
