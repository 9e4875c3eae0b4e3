"""The SMS channel: a message over one of a few pooled connections, and asking the provider what it has."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from pathways.delivery.channel import Channel
from pathways.delivery.gate import Gate
from pathways.delivery.messages import Answer, Detail, Message, Outcome, permanent, temporary
from pathways.delivery.sms.answers import standing
from pathways.delivery.sms.client import SmsClient, SmsConfig, Unanswered
from pathways.rules.reminders import Finding

# The provider's clock and ours may differ by this much when a message is looked for by its time.
CLOCKS_DIFFER = timedelta(minutes=2)
PAGE_SIZE = 100
# One number has never had more messages since an attempt than this many pages hold; beyond, the answer is
# unclear.
MOST_PAGES = 10


class SmsChannel(Channel):
    """Text messages over a few pooled connections."""

    name = "sms"

    def __init__(self, config: SmsConfig, gate: Gate) -> None:
        self._config = config
        self._gate = gate
        self._client = SmsClient(config)
        self.connections = config.connections

    def shut(self) -> Outcome | None:
        return None if self._gate.lets_through(self._config.host) else temporary(Detail.LATCH_SHUT)

    def carry(self, message: Message) -> Outcome:
        if not message.text or not message.to.startswith("+") or not message.to[1:].isdecimal():
            return permanent(Detail.BAD_MESSAGE if not message.text else Detail.BAD_ADDRESS)
        return self._client.create(message)

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
