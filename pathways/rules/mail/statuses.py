"""What an enhanced mail status code says of an address.

Source: RFC 3463 (the codes), RFC 7505 (5.1.10, a domain that takes no mail). Mark L, our own local rule: an address is
held to be none unless the code says that something else was in the way; then the message has failed, and the next one
may arrive.
"""

import re

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# Permanent, and still not about whether the address exists: our own address (1.7, 1.8), a full or busy mailbox or list
# (2.2 to 2.4), the machine there, the way there, the protocol, the content, and what they let in.
_SOMETHING_ELSE = frozenset({"1.7", "1.8", "2.2", "2.3", "2.4"})
_SUBJECTS_OF_SOMETHING_ELSE = frozenset({"3", "4", "5", "6", "7"})
# The one code of the way there that says there is none: no such domain.
_NO_WAY = "4.4"


def status_in(text: str) -> str | None:
    """The first enhanced status code in a text, such as the answer of a mail server: "5.1.1"."""
    found = _STATUS.search(text)
    return ".".join(str(int(each)) for each in found.groups()) if found else None


def about_address(status: str) -> bool:
    """Whether the code says for good that there is no such address. Raises ValueError for what is no code."""
    parts = _STATUS.fullmatch(status)
    if parts is None:
        raise ValueError(f"{status!r} is no enhanced status code")
    kind, subject, rest = (str(int(each)) for each in parts.groups())
    if kind != "5":
        return False
    detail = f"{subject}.{rest}"
    return detail == _NO_WAY or (detail not in _SOMETHING_ELSE and subject not in _SUBJECTS_OF_SOMETHING_ELSE)
