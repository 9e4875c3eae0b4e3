"""Settings, one module per concern. The order matters: later modules read what earlier ones decided."""

from .house import *
from .pages import *
from .storage import *
from .security import *
from .identity import *
from .rest import *
from .delivery import *
from .wakeups import *
from .logs import *
