class CannotRun(Exception):
    """Why the clinic cannot be started, in one sentence a person can act on."""
