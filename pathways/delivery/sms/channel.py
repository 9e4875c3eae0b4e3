"""The SMS channel: a window of messages over a few pooled connections, and asking the provider what it has."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from queue import SimpleQueue
from urllib.parse import urlencode

from pathways.delivery.gate import Gate
from pathways.delivery.messages import Answer, Detail, Message, Outcome, permanent, temporary
from pathways.delivery.patience import Patience
from pathways.delivery.sms.answers import standing
from pathways.delivery.sms.client import SmsClient, SmsConfig, Unanswered
from pathways.rules.reminders import Finding

# The provider's clock and ours may differ by this much when a message is looked for by its time.
CLOCKS_DIFFER = timedelta(minutes=2)
PAGE_SIZE = 100
# One number has never had more messages since an attempt than this many pages hold; beyond, the answer is
# unclear.
MOST_PAGES = 10


class SmsChannel:
    """May be used by several threads at once."""

    name = "sms"

    def __init__(self, config: SmsConfig, gate: Gate) -> None:
        self._config = config
        self._gate = gate
        self._client = SmsClient(config)

    def send(self, messages: Sequence[Message]) -> Iterator[tuple[Message, Outcome]]:
        if not self._gate.lets_through(self._config.host):
            yield from ((message, temporary(Detail.LATCH_SHUT)) for message in messages)
            return
        waiting, told = deque(messages), SimpleQueue[tuple[Message, Outcome] | None]()
        threads, patience = min(self._config.concurrency, len(messages)), Patience()
        with ThreadPoolExecutor(threads or 1, thread_name_prefix="sms") as pool:
            carriers = [pool.submit(self._carry, waiting, told, patience) for _ in range(threads)]
            try:
                for _ in carriers:
                    yield from iter(told.get, None)
            finally:  # nobody listens any more: what is not under way stays unsent
                waiting.clear()
        for each in carriers:
            each.result()  # raises what a thread raised

    def find(self, message: Message, *, since: datetime, known: Collection[str] = ()) -> Answer:
        """Looks through the provider's list for the number, newest first, back to the beginning of the
        attempt.

        A message that carries our reference is it; one that carries another is not; where the provider does
        not say, the same words to the same number since `since`, unless they are known to be another
        attempt's.
        """
        if not self._gate.lets_through(self._config.host):
            return Answer(Finding.UNKNOWN)
        try:
            return self._looked_for(message, since - CLOCKS_DIFFER, known)
        except (Unanswered, ValueError, TypeError, KeyError, AttributeError):
            return Answer(Finding.UNKNOWN)

    def close(self) -> None:
        self._client.close()

    def _carry(
        self,
        waiting: deque[Message],
        told: SimpleQueue[tuple[Message, Outcome] | None],
        patience: Patience,
    ) -> None:
        """One thread's work: message after message, until none waits; then None."""
        try:
            while (message := _next(waiting)) is not None:
                told.put((message, self._try(message, patience)))
        finally:
            told.put(None)

    def _try(self, message: Message, patience: Patience) -> Outcome:
        if (given_up := patience.rest) is not None:
            return given_up
        if not message.text or not message.to.startswith("+") or not message.to[1:].isdecimal():
            return permanent(Detail.BAD_MESSAGE if not message.text else Detail.BAD_ADDRESS)
        outcome = self._client.create(message)
        patience.note(outcome)
        return outcome

    def _looked_for(self, message: Message, since: datetime, known: Collection[str]) -> Answer:
        page = f"{self._config.path}?{urlencode({'To': message.to, 'PageSize': PAGE_SIZE})}"
        for _ in range(MOST_PAGES):
            document = self._client.listed(page)
            for row in _rows(document):
                if _created(row) < since:
                    return Answer(Finding.NOT_FOUND)
                if _is_it(row, message, known):
                    stands = standing(str(row["status"]), row.get("error_code"))
                    return Answer(Finding.FOUND, stands.kind, str(row["sid"]), stands.detail_code)
            following = document.get("next_page_uri")
            if not following:
                return Answer(Finding.NOT_FOUND)
            page = self._own_page(str(following))
        return Answer(Finding.UNKNOWN)

    def _own_page(self, uri: str) -> str:
        """The path of the next page. Raises ValueError for one that leaves our own list."""
        if not uri.startswith(self._config.path):
            raise ValueError("the next page is not in our list")
        return uri


def _next(waiting: deque[Message]) -> Message | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _rows(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    rows = document["messages"]
    if not isinstance(rows, list):
        raise TypeError("a list of messages is a list")
    return rows


def _created(row: Mapping[str, object]) -> datetime:
    return parsedate_to_datetime(str(row["date_created"])).astimezone(UTC)


def _is_it(row: Mapping[str, object], message: Message, known: Collection[str]) -> bool:
    callback = row.get("status_callback")
    if callback:
        return str(callback).rstrip("/").endswith(message.reference)
    return row["to"] == message.to and row["body"] == message.text and row["sid"] not in known
