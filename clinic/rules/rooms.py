"""What can be said about a room."""

from clinic.rules.sentences import Sentence, sentence

LONGEST_NAME = 60
# A hall; more is a slip of the keyboard (local default).
MOST_SEATS = 500


def room_problems(name: str, seats: int) -> dict[str, Sentence]:
    """What is wrong with a room's name and number of seats, by field."""
    wrong: dict[str, Sentence] = {}
    if not name.strip():
        wrong["name"] = sentence("refused.required")
    elif len(name) > LONGEST_NAME:
        wrong["name"] = sentence("refused.too_long", limit=LONGEST_NAME)
    elif not name.isprintable():
        wrong["name"] = sentence("refused.text")
    if not 1 <= seats <= MOST_SEATS:
        wrong["seats"] = sentence("rooms.bad_seats", most=MOST_SEATS)
    return wrong
