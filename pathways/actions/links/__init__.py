"""Patients' own links: given and revoked by staff, made for messages, and used by whoever bears them."""

from pathways.actions.links.answers import keep_answers, record_answers
from pathways.actions.links.appointments import ask_for_a_call, ask_for_another_time, call_off, confirm
from pathways.actions.links.bearers import bearer, note_known, note_wrong_try
from pathways.actions.links.giving import give_link, revoke_link
from pathways.actions.links.preferences import Wishes, stop_messages, write_wishes

__all__ = [
    "Wishes",
    "ask_for_a_call",
    "ask_for_another_time",
    "bearer",
    "call_off",
    "confirm",
    "give_link",
    "keep_answers",
    "note_known",
    "note_wrong_try",
    "record_answers",
    "revoke_link",
    "stop_messages",
    "write_wishes",
]
