"""Lines of Today on a page, and for whom they are shown."""

from pathways.web.lines.doing import form_address
from pathways.web.lines.naming import element_id, id_of, line_id
from pathways.web.lines.reader import Reader, Shown
from pathways.web.lines.showing import shown

__all__ = ["Reader", "Shown", "element_id", "form_address", "id_of", "line_id", "shown"]
