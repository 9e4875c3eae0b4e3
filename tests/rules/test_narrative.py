"""What somebody wrote about a person is read by those who read findings, and by whoever wrote it."""

from clinic.rules.roles import Role, permissions_of
from pathways.rules.narrative import reads_notes


def test_notes_are_read_by_those_who_read_findings_and_whoever_led() -> None:
    assert reads_notes(permissions_of([Role.NURSE]), was_theirs=False)
    assert not reads_notes(permissions_of([Role.FRONT_DESK]), was_theirs=False)
    assert not reads_notes(permissions_of([Role.PEER_SUPPORTER]), was_theirs=False)
    assert reads_notes(permissions_of([Role.PEER_SUPPORTER]), was_theirs=True)
