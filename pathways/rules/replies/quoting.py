"""What somebody wrote themselves, without the message they answer: mail programs and telephones put that back in.

It matters more than it looks: the message that is quoted says "Reply STOP".
"""

import re
import unicodedata

MOST = 10_000
"""Characters of a reply that are read and kept."""
_QUOTED = re.compile(r"^\s*>")
_WROTE = re.compile(r"^\s*(?:on|el|am|le)\b.{4,300}\b(?:wrote|escribi[oó])\s*:?\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|forwarded message|mensaje original|mensaje reenviado)\b.*|_{8,}\s*)$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"^\s*\*?(?:from|de)\*?:\s.+", re.IGNORECASE)
_NEXT_HEADER = re.compile(r"^\s*\*?(?:sent|date|to|subject|enviado|fecha|para|asunto)\*?:", re.IGNORECASE)
_SIGNED = re.compile(
    r"^\s*(?:--\s*|(?:sent|get outlook|enviado) (?:from|for|desde)\b.*|enviado desde\b.*)$", re.IGNORECASE
)
_OPENING, _CLOSING = '“"«„', '”"»“'
_LONG_QUOTATION = re.compile(rf"[{_OPENING}][^{_OPENING}{_CLOSING}]{{20,}}[{_CLOSING}]")
# A telephone that knows no reactions is told of them in words, with the message that was reacted to.
_REACTION = re.compile(
    rf"^\s*(?P<how>liked|loved|emphasized|laughed at|disliked|questioned|reacted \S{{1,8}} to|"
    rf"le gust[oó]|le encant[oó]|te gust[oó]|no le gust[oó])\s+[{_OPENING}].*[{_CLOSING}]\s*$",
    re.IGNORECASE | re.DOTALL,
)
_KINDLY = frozenset({"liked", "loved", "le gusto", "le gustó", "le encanto", "le encantó", "te gusto", "te gustó"})
THUMB = "\N{THUMBS UP SIGN}"


def storable(text: str) -> str:
    """The text as the database can keep it: no NUL, no other control characters than line ends, no half characters."""
    whole = text[:MOST].encode("utf-8", "replace").decode()
    lines = whole.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) != "Cc").strip()


def own_words(text: str) -> str:
    """What they wrote, without quoted lines, the head of the quoted message, a signature, or a quotation of ours.

    A reaction to a message is a thumb where it is kind, its own word otherwise. Who answers below what they quote has
    marked lines above: then the lines that are not marked count.
    """
    if reacted := _REACTION.match(text):
        how = reacted["how"].casefold()
        return THUMB if how in _KINDLY or THUMB in how else how
    lines = text.splitlines()
    kept = _kept(lines[: _end_of_own(lines)])
    if not kept and any(_QUOTED.match(each) for each in lines):
        kept = _kept(_below_the_head(lines))
    without = _LONG_QUOTATION.sub(" ", kept).strip()
    return without if any(each.isalnum() for each in without) else kept


def _end_of_own(lines: list[str]) -> int:
    """The line at which the message that is answered begins."""
    for number, line in enumerate(lines):
        following = lines[number + 1 : number + 4]
        wrapped = f"{line} {following[0]}" if following else line
        if _ORIGINAL.match(line) or _WROTE.match(line) or (_is_head(line) and _WROTE.match(wrapped)):
            return number
        if _HEADER.match(line) and any(_NEXT_HEADER.match(each) for each in following):
            return number
    return len(lines)


def _below_the_head(lines: list[str]) -> list[str]:
    """From the first line that is marked as quoted on."""
    return lines[next(number for number, each in enumerate(lines) if _QUOTED.match(each)) :]


def _is_head(line: str) -> bool:
    """Whether a line may begin the head of a quotation that goes on in the next."""
    return line.lstrip().lower().startswith(("on ", "el ")) and any(each.isdigit() for each in line)


def _kept(lines: list[str]) -> str:
    """The lines that are their own, up to a signature."""
    own: list[str] = []
    for line in lines:
        if _SIGNED.match(line):
            break
        if not _QUOTED.match(line):
            own.append(line)
    return "\n".join(own).strip()
