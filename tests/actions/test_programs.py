"""Programs: read strictly, kept as drafts, published by name, never changed after that."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import Enrollment, Phase, Program, ProgramVersion
from pathways.programs.library import shipped
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def changed_goals() -> dict[str, Any]:
    document = pathways.document()
    document["phases"][0]["goals"] = ["Sleep through the night"]
    return document


def broken() -> dict[str, Any]:
    document = pathways.document()
    document["phases"][1]["exit"]["criteria"][1]["instrument"] = "phq11"
    return document


def load(document: dict[str, Any], publish: bool = False, by: Any = None) -> ProgramVersion:
    return programs.load(by=by or clinic.job(), now=LATER, document=document, publish=publish)


def test_a_new_program_is_a_draft_until_it_is_told_to_be_published() -> None:
    version = pathways.program(published=False)
    assert (version.number, version.status, version.is_current) == (1, "draft", False)
    assert not Phase.objects.exists()


def test_a_published_program_has_its_phases_as_rows_and_is_the_current_version() -> None:
    version = pathways.program()
    assert (version.status, version.is_current, version.published_at) == ("published", True, NOW)
    found = list(version.phases.values_list("key", "ordinal", "short_title"))
    assert found[0] == ("assessment-and-stabilization", 1, "Stabilization")
    assert [key for key, _, _ in found] == ["assessment-and-stabilization", "behavioral-therapy", "aftercare"]
    entry = AuditEntry.objects.get(action="program.publish")
    assert entry.subject_id == version.public_id


def test_the_same_document_changes_nothing() -> None:
    first = pathways.program()
    assert load(pathways.document(), publish=True) == first
    assert ProgramVersion.objects.count() == 1


def test_a_draft_loaded_again_is_published_when_told_to() -> None:
    draft = pathways.program(published=False)
    assert load(pathways.document(), publish=True) == draft
    draft.refresh_from_db()
    assert draft.status == "published"


def test_a_changed_document_makes_a_draft_and_leaves_the_current_version() -> None:
    first = pathways.program()
    second = load(changed_goals())
    assert (second.number, second.status) == (2, "draft")
    first.refresh_from_db()
    assert first.is_current


def test_publishing_a_changed_document_takes_over_as_the_current_version_and_moves_nobody() -> None:
    enrollment = pathways.enrolled()
    second = load(changed_goals(), publish=True)
    first = ProgramVersion.objects.get(number=1)
    assert (first.status, first.is_current, second.is_current) == ("published", False, True)
    assert Enrollment.objects.get(pk=enrollment.pk).program_version == first
    assert second.phases.count() == 3


def test_a_file_replaces_the_draft_a_file_made() -> None:
    pathways.program()
    load(changed_goals())
    again = changed_goals()
    again["phases"][0]["goals"].append("Eat well")
    draft = load(again)
    assert (draft.number, ProgramVersion.objects.count()) == (2, 2)
    assert draft.document["phases"][0]["goals"][-1] == "Eat well"


def test_a_file_never_replaces_the_draft_of_a_person() -> None:
    pathways.program()
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER])
    own = load(changed_goals(), by=manager)
    other = changed_goals()
    other["phases"][1]["goals"] = ["Find a rhythm"]
    with pytest.raises(Refused) as refused:
        load(other)
    assert refused.value.code == "program_draft_open"
    assert ProgramVersion.objects.get(status="draft").digest == own.digest


def test_a_gate_that_names_what_does_not_exist_is_refused_with_its_path_and_stores_nothing() -> None:
    with pytest.raises(Refused) as refused:
        load(broken(), publish=True)
    assert refused.value.status == 422
    assert list(refused.value.fields) == ["phases[1].exit.criteria[1].instrument"]
    assert not Program.objects.exists()


def test_a_malformed_document_is_refused_with_every_problem() -> None:
    document = pathways.document()
    document["phases"][0]["typical_days"] = "four weeks"
    document["surprise"] = 1
    with pytest.raises(Refused) as refused:
        load(document)
    assert set(refused.value.fields) == {"phases[0].typical_days", "surprise"}


def test_somebody_without_the_permission_loads_nothing() -> None:
    with pytest.raises(Refused) as refused:
        load(pathways.document(), by=clinic.actor(roles=[Role.NURSE]))
    assert refused.value.status == 403


def test_a_manager_publishes_a_draft_by_name() -> None:
    draft = pathways.program(published=False)
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER])
    version = programs.publish(by=manager, now=LATER, version_id=draft.public_id, expected_version=draft.version)
    assert (version.published_by, version.is_current) == (manager, True)
    with pytest.raises(Refused) as refused:
        programs.publish(by=manager, now=LATER, version_id=draft.public_id, expected_version=version.version)
    assert refused.value.code == "program_not_draft"


def test_a_draft_changed_meanwhile_is_not_published() -> None:
    draft = pathways.program(published=False)
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER])
    with pytest.raises(Refused) as refused:
        programs.publish(by=manager, now=LATER, version_id=draft.public_id, expected_version=draft.version + 1)
    assert refused.value.status == 412


def test_a_retired_version_begins_nothing_and_keeps_who_is_on_it() -> None:
    enrollment = pathways.enrolled()
    version = enrollment.program_version
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER])
    version.refresh_from_db()
    retired = programs.retire(by=manager, now=LATER, version_id=version.public_id, expected_version=version.version)
    assert (retired.status, retired.is_current, retired.retired_by) == ("retired", False, manager)
    enrollment.refresh_from_db()
    assert enrollment.program_version == retired


def statement(sql: str, pk: int) -> None:
    with allow_direct_writes(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [pk])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE pathways_programversion SET document = '{}' WHERE id = %s",
        "UPDATE pathways_programversion SET digest = 'x' WHERE id = %s",
        "UPDATE pathways_programversion SET number = 9 WHERE id = %s",
        "UPDATE pathways_programversion SET status = 'draft', is_current = false WHERE id = %s",
        "DELETE FROM pathways_phase WHERE program_version_id = %s",
        "UPDATE pathways_phase SET title = 'Other' WHERE program_version_id = %s",
    ],
)
def test_the_database_keeps_a_published_version_as_it_is(sql: str) -> None:
    version = pathways.program()
    with pytest.raises(IntegrityError):
        statement(sql, version.pk)


def run(*files: Path, publish: bool = False) -> str:
    told = StringIO()
    call_command("load_programs", *files, publish=publish, stdout=told)
    return told.getvalue()


def test_the_command_publishes_every_shipped_program_and_a_second_run_changes_nothing() -> None:
    first, second = run(publish=True), run(publish=True)
    for each in shipped():
        assert f"{each.name}: version 1 published" in first
        assert f"{each.name}: version 1 unchanged" in second
    published = ProgramVersion.objects.filter(is_current=True, number=1, published_by__name="load_programs")
    assert {each.program.key for each in published} == {each.name for each in shipped()}


def test_the_command_refuses_a_file_with_path_and_sentence_and_stores_nothing(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(pathways.document()), encoding="utf-8")
    bad.write_text(json.dumps(broken()), encoding="utf-8")
    with pytest.raises(CommandError) as error:
        run(good, bad, publish=True)
    assert error.value.returncode == 1
    assert "phases[1].exit.criteria[1].instrument: There is no instrument “phq11”." in str(error.value)
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("phases: [", "not readable as YAML"),
        ("key: 1\nkey: 2\n", "stands in this program twice"),
        ("- a\n", "Fields with names"),
    ],
)
def test_the_command_refuses_what_is_no_program(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as error:
        run(path)
    assert told in str(error.value)


def test_the_command_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nothing.yaml")
