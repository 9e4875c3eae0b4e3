"""The words of automatic messages, as data files, one per message, and their library."""

from pathways.messages.library import UnknownTemplate, keys, template, templates

__all__ = ["UnknownTemplate", "keys", "template", "templates"]
