"""Settings, one module per concern. The order matters: later modules read what earlier ones decided."""

from .house import *  # noqa: F403
from .pages import *  # noqa: F403
from .storage import *  # noqa: F403
from .security import *  # noqa: F403
from .identity import *  # noqa: F403
from .rest import *  # noqa: F403
from .delivery import *  # noqa: F403
from .wakeups import *  # noqa: F403
from .logs import *  # noqa: F403
from .unfinished import *  # noqa: F403
