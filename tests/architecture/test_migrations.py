"""The migrations are the models."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

OURS = {"clinic", "patients", "pathways"}


def test_no_migration_is_missing() -> None:
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(loader.graph)
    missing = {app: [str(op) for m in found for op in m.operations] for app, found in changes.items() if app in OURS}
    assert not missing, missing


def test_migrations_do_not_conflict() -> None:
    assert not MigrationLoader(None).detect_conflicts()
