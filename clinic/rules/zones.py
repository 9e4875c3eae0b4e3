"""When a time on a page is told with its zone: where the clock there shows something else than the clock here."""

from datetime import datetime, tzinfo

ZULU = "UTC"


def are_apart(zone: tzinfo, here: tzinfo, at: datetime) -> bool:
    """Whether the clocks of two zones differ at that moment; zones of two names often agree."""
    return at.astimezone(zone).utcoffset() != at.astimezone(here).utcoffset()


def zone_word(zone: tzinfo, at: datetime) -> str:
    """What people call the zone at that moment: "CDT"; "UTC-03" where it is only a number."""
    name = at.astimezone(zone).tzname() or ZULU
    return f"{ZULU}{name}" if name[0] in "+-" else name
