"""Whether the audit is what was sealed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from clinic.models import AuditEntry, AuditSeal
from clinic.rules import seals


@dataclass(frozen=True, slots=True)
class Broken:
    """A seal that does not hold: `kind` is missing_entries, changed_entries or broken_chain."""

    seal_id: int
    kind: str
    first_id: int
    last_id: int


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the chain reaches; `head` is what to keep elsewhere, so that a cut end is noticed too."""

    seals: int
    entries: int
    unsealed: int
    head: str
    broken: tuple[Broken, ...]
    expected_seen: bool = False

    @property
    def sound(self) -> bool:
        return not self.broken


def columns_of(entry: AuditEntry) -> Mapping[str, object]:
    """Every column as it stands in the table."""
    return {field.attname: getattr(entry, field.attname) for field in AuditEntry._meta.concrete_fields}


def digest_of(previous: str, entries: Iterable[AuditEntry]) -> str:
    """The digest of these entries after the one before."""
    return seals.digest(previous, map(columns_of, entries))


def verify(expected: str = "") -> Verification:
    """Walk the whole chain, compute every digest again, and look for an `expected` head. Memory holds one seal."""
    head, counted, entries, seen = "", 0, 0, False
    broken: list[Broken] = []
    for seal in AuditSeal.objects.order_by("id").iterator(chunk_size=20):
        broken += [Broken(seal.pk, kind, seal.first_id, seal.last_id) for kind in _faults(seal, head)]
        head, counted, entries = seal.digest, counted + 1, entries + seal.entries
        seen = seen or seal.digest == expected
    total = AuditEntry.objects.count()
    return Verification(counted, entries, max(0, total - entries), head, tuple(broken), seen)


def _faults(seal: AuditSeal, head: str) -> Iterator[str]:
    if seal.previous_digest != head:
        yield "broken_chain"
    rows = AuditEntry.objects.in_bulk(seal.entry_ids)
    if len(rows) != seal.entries:
        yield "missing_entries"
    elif digest_of(seal.previous_digest, [rows[each] for each in seal.entry_ids]) != seal.digest:
        yield "changed_entries"
