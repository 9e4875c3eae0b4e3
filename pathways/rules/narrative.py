"""Who reads what somebody wrote about a person."""

from collections.abc import Collection

from clinic.rules.roles import Permission


def reads_notes(held: Collection[Permission], *, was_theirs: bool) -> bool:
    """Those who read findings, and whose words it is or whose session it was."""
    return Permission.ASSESSMENT_READ in held or was_theirs
