"""What a route asks of whoever calls it: the rule behind every door's policy table (decisions.md 19)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from clinic.rules.roles import Permission

READING = frozenset({"GET", "HEAD", "OPTIONS"})
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Route:
    """`read` is needed to look, `write` to change; `public` is the reason why a route is open to everybody,
    `known` the reason why everybody who has proved who they are may look, whatever their role."""

    read: Permission | None = None
    write: Permission | None = None
    public: str = ""
    known: str = ""

    def __post_init__(self) -> None:
        if bool(self.public) == bool(self.read or self.write or self.known):
            raise ValueError("a route is either public, with its reason, or asks for a permission")
        if self.read and self.known:
            raise ValueError("a route that everybody known may read asks for no permission to read")

    def needed(self, method: str) -> Permission | None:
        """The permission this method asks for; None where the route does not take the method."""
        if method in READING:
            return self.read or (self.write if method == "OPTIONS" else None)
        return self.write if method in WRITING else None


class Access(StrEnum):
    """What becomes of a call."""

    ALLOWED = "allowed"
    SIGN_IN = "sign_in"
    FORBIDDEN = "forbidden"
    NO_METHOD = "no_method"


def access(route: Route | None, method: str, held: Collection[Permission] | None) -> Access:
    """Decide a call: deny by default. `held` is None for an anonymous caller; a route without a policy is closed."""
    if route is None:
        return Access.SIGN_IN if held is None else Access.FORBIDDEN
    if route.public:
        return Access.ALLOWED
    if held is None:
        return Access.SIGN_IN
    if route.known and method in READING:
        return Access.ALLOWED
    needed = route.needed(method)
    if needed is None:
        return Access.NO_METHOD
    return Access.ALLOWED if needed in held else Access.FORBIDDEN
