"""The sandbox latch as the channels ask it: nothing real leaves while it is shut (decisions.md 18)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class Latch:
    """Whether this installation may send anything real, and a code that says why not."""

    open: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Asked by a channel before every window, for the host it is about to talk to.

    Shut, it lets nothing through but loopback, and that only with `loopback_allowed` (the test settings
    alone). Open, it lets through the hosts in `allowed_hosts` and no other, so that a changed address does
    not carry messages away.
    """

    latch: Callable[[], Latch]
    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    loopback_allowed: bool = False

    def lets_through(self, host: str) -> bool:
        """Whether a message may go to this host now."""
        if is_loopback(host):
            return self.loopback_allowed
        return self.latch().open and host.casefold() in {each.casefold() for each in self.allowed_hosts}


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its spelling alone: no name is looked up."""
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback
