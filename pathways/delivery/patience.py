"""When a channel stops trying: a provider that is away, busy or silent is not pressed on, nor a domain that hangs."""

from collections import Counter, deque

from pathways.delivery.messages import Detail, Outcome, temporary
from pathways.rules.reminders import OutcomeKind

# So many silences in a row end it: each costs a whole timeout, and many leave a message to be settled.
MOST_SILENCES = 3
# What says something about the provider and not about one message.
_ABOUT_THE_PROVIDER = frozenset(
    {
        Detail.CANNOT_CONNECT,
        Detail.SIGN_IN_REFUSED,
        Detail.NOT_ENCRYPTED,
        Detail.TOO_MANY,
        Detail.SENDER_REFUSED,
        Detail.NO_ROOM,
    }
)
_SILENT = frozenset({Detail.NO_ANSWER, Detail.CONNECTION_LOST})


class Patience:
    """One carriage's. `group` is what may be in trouble together: a domain, or a single number.

    Silences in a row of one group end it for that group, those of several for the provider. Not for use by several
    threads at once: the carriage calls it under its lock.
    """

    def __init__(self) -> None:
        self.trouble: Outcome | None = None
        """The outcome that ended it for the whole provider, or None while there is patience left."""
        self._silences: deque[str] = deque(maxlen=MOST_SILENCES)
        self._of_a_group: Counter[str] = Counter()

    def rest(self, group: str) -> Outcome | None:
        """The outcome of every further message of the group, or None where it may be tried."""
        if self.trouble is not None:
            return temporary(Detail.NOT_TRIED, retry_after=self.trouble.retry_after)
        return temporary(Detail.NOT_TRIED) if self._of_a_group[group] >= MOST_SILENCES else None

    def note(self, group: str, outcome: Outcome) -> None:
        """Takes in what became of one message."""
        code = Detail(outcome.detail_code.partition(":")[0])
        if outcome.kind is OutcomeKind.UNCERTAIN or code in _SILENT:
            self._of_a_group[group] += 1
            self._silences.append(group)
        else:
            self._of_a_group.pop(group, None)
            self._silences.clear()
        if code in _ABOUT_THE_PROVIDER or self._all_silent():
            self.trouble = self.trouble or outcome

    def _all_silent(self) -> bool:
        return len(self._silences) == MOST_SILENCES and len(set(self._silences)) > 1


def has_answered(outcome: Outcome) -> bool:
    """Whether the provider is there and takes messages in general, whatever it said of this one."""
    code = Detail(outcome.detail_code.partition(":")[0])
    return outcome.kind is not OutcomeKind.UNCERTAIN and code not in _SILENT | _ABOUT_THE_PROVIDER
