"""Sessions: booked, moved, cancelled, attended, documented; and the meetings people go to by themselves."""

from pathways.actions.sessions.booking import BookedSeries, What, book, book_series
from pathways.actions.sessions.changes import KEEP, Keep, Move, cancel, move
from pathways.actions.sessions.confirming import confirm, undo_confirm
from pathways.actions.sessions.documenting import Came, amend, document
from pathways.actions.sessions.exits import cancel_future_places, restore_places
from pathways.actions.sessions.locking import Person
from pathways.actions.sessions.mutual_help import record_mutual_help, retract_mutual_help
from pathways.actions.sessions.places import add_person, check_in, no_show, take_off, undo_check_in

__all__ = [
    "KEEP",
    "BookedSeries",
    "Came",
    "Keep",
    "Move",
    "Person",
    "What",
    "add_person",
    "amend",
    "book",
    "book_series",
    "cancel",
    "cancel_future_places",
    "check_in",
    "confirm",
    "document",
    "move",
    "no_show",
    "record_mutual_help",
    "restore_places",
    "retract_mutual_help",
    "take_off",
    "undo_check_in",
    "undo_confirm",
]
