"""Rehearsals: an invented patient walks through a version of a program, and nothing of it is kept or sent."""

from pathways.actions.rehearsals.runner import rehearse
from pathways.actions.rehearsals.world import Wanted

__all__ = ["Wanted", "rehearse"]
