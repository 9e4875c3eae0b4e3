"""Recording whose record was looked at; a queue of files takes it while the audit table is away (decisions.md 15)."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor, AuditEntry

AWAY = (DatabaseError, InterfaceError)


def record_read(*, by: Actor, now: datetime, route: str, patients: Iterable[UUID], status: int = 200) -> bool:
    """One entry `read.<route>` with the patients seen. False only where neither the table nor the queue took it."""
    seen = sorted(patients)
    try:
        _record(by=by, now=now, route=route, patients=seen, status=status)
    except AWAY:
        return _queue(by=by, now=now, route=route, patients=seen, status=status)
    return True


@action(None, "audit.read")
def _record(*, by: Actor, now: datetime, route: str, patients: list[UUID], status: int) -> AuditEntry:
    """The entry itself; whoever shows a patient has been permitted to by the route's policy."""
    return audit.record(action=f"read.{route}", by=by, now=now, patients=patients, details={"status": status})


def queue_folder() -> Path:
    """Where reads wait for the audit table; codes and public ids only, readable by the clinic's own user alone."""
    return Path(settings.VAR_DIR) / "audit_queue"


def _queue(*, by: Actor, now: datetime, route: str, patients: list[UUID], status: int) -> bool:
    public_id = uuid4()
    entry = {
        "public_id": str(public_id),
        "actor": str(by.public_id),
        "recorded_at": now.isoformat(),
        "route": route,
        "patients": [str(each) for each in patients],
        "status": status,
        "request_id": audit.request_id.get(),
    }
    try:
        folder = queue_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = folder / f"{public_id}.part"
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(entry))
        unfinished.rename(folder / f"{public_id}.json")
    except OSError:
        return False
    return True


def take_in_queue(*, by: Actor, now: datetime) -> int:
    """Move waiting reads into the audit table, each once however often this is interrupted. Returns how many."""
    waiting = sorted(queue_folder().glob("*.json"))
    for path in waiting:
        _take_in(by=by, now=now, entry=json.loads(path.read_text()))
        path.unlink(missing_ok=True)
    return len(waiting)


@action(None, "audit.take_in")
def _take_in(*, by: Actor, now: datetime, entry: dict[str, Any]) -> None:
    """One waiting read, under the name of the person who looked, with the time they did."""
    public_id = UUID(str(entry["public_id"]))
    if AuditEntry.objects.filter(public_id=public_id).exists():
        return
    audit.record(
        action=f"read.{entry['route']}",
        by=Actor.objects.get(public_id=UUID(str(entry["actor"]))),
        now=datetime.fromisoformat(str(entry["recorded_at"])),
        patients=[UUID(each) for each in entry["patients"]],
        details={"status": entry["status"], "queued": True, "request_id": entry["request_id"]},
        public_id=public_id,
    )
