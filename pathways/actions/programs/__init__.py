"""Programs and their versions: read strictly, edited as one draft, published by name, never changed after that."""

from pathways.actions.programs.drafts import copy_program, discard_draft, import_draft, save_draft, start_draft
from pathways.actions.programs.loading import load, load_all
from pathways.actions.programs.publishing import confirm_defaults, publish, retire
from pathways.actions.programs.rows import problems_refused

__all__ = [
    "confirm_defaults",
    "copy_program",
    "discard_draft",
    "import_draft",
    "load",
    "load_all",
    "problems_refused",
    "publish",
    "retire",
    "save_draft",
    "start_draft",
]
