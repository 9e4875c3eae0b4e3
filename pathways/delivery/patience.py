"""When a channel stops trying the rest of a window: a provider that is away, busy, silent or slow is not pressed on."""

from threading import Lock
from time import monotonic

from pathways.delivery.messages import Detail, Outcome, temporary
from pathways.rules.reminders import OutcomeKind

# So many unclear answers in a row end the window: each costs a whole timeout and leaves a message to be settled.
MOST_SILENCES = 3
# After this many seconds nothing new is begun, so that a window ends well before its worker's lease does.
LONGEST_WINDOW = 60.0
# What says something about the provider and not about one message.
_ABOUT_THE_PROVIDER = frozenset(
    {
        Detail.CANNOT_CONNECT,
        Detail.SIGN_IN_REFUSED,
        Detail.NOT_ENCRYPTED,
        Detail.TOO_MANY,
        Detail.SENDER_REFUSED,
        Detail.LATCH_SHUT,
    }
)


class Patience:
    """One window's, shared by its threads; begins when made."""

    def __init__(self, longest: float = LONGEST_WINDOW) -> None:
        self._until = monotonic() + longest
        self._ended: Outcome | None = None
        self._silences = 0
        self._lock = Lock()

    @property
    def rest(self) -> Outcome | None:
        """The outcome of every message not tried any more, or None while there is patience left."""
        if self._ended is None and monotonic() > self._until:
            return temporary(Detail.NOT_TRIED)
        return self._ended

    def note(self, outcome: Outcome) -> None:
        """Takes in one outcome."""
        code = Detail(outcome.detail_code.partition(":")[0])
        with self._lock:
            self._silences = self._silences + 1 if outcome.kind is OutcomeKind.UNCERTAIN else 0
            if code in _ABOUT_THE_PROVIDER or self._silences >= MOST_SILENCES:
                self._ended = temporary(Detail.NOT_TRIED, retry_after=outcome.retry_after)
