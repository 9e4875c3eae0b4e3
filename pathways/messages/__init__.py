"""The words of automatic messages, as data files, one per message, and their library."""

from pathways.messages.library import (
    UnknownTemplate,
    channels_of,
    keys,
    link_of,
    linked,
    linked_templates,
    template,
    templates,
)

__all__ = [
    "UnknownTemplate",
    "channels_of",
    "keys",
    "link_of",
    "linked",
    "linked_templates",
    "template",
    "templates",
]
