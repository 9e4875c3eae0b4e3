"""Drafts of programs: begun from a version or a file, half-finished while one likes, published whole."""

import json
from datetime import timedelta
from typing import Any

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import Enrollment, Phase, Program, ProgramVersion
from pathways.queries.programs import draft_of
from pathways.rules.programs import digest, editing
from pathways.rules.programs.limits import limits
from pathways.rules.programs.spelling import spell
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


@pytest.fixture
def manager() -> Actor:
    return clinic.actor(roles=[Role.PROGRAM_MANAGER])


def started(by: Actor, **given: Any) -> ProgramVersion:
    version = pathways.program()
    return programs.start_draft(by=by, now=LATER, program_id=version.program.public_id, **given)


def saved(draft: ProgramVersion, by: Actor, document: Any, expected: int | None = None) -> ProgramVersion:
    return programs.save_draft(
        by=by, now=LATER, version_id=draft.public_id, document=document, expected_version=expected or draft.version
    )


def without_name(document: dict[str, Any]) -> dict[str, Any]:
    return editing.put(document, "phases[0].title", "")


def test_a_draft_is_a_copy_of_the_version_in_force_and_moves_nobody(manager: Actor) -> None:
    enrollment = pathways.enrolled()
    draft = started(manager)
    current = ProgramVersion.objects.get(is_current=True)
    assert (draft.number, draft.status, draft.version) == (2, "draft", 1)
    assert (draft.document, draft.based_on) == (current.document, current)
    assert Enrollment.objects.get(pk=enrollment.pk).program_version == current
    assert AuditEntry.objects.get(action="program.start_draft").subject_id == draft.public_id


def test_a_draft_may_begin_from_an_older_version(manager: Actor) -> None:
    first = pathways.program()
    second = programs.save_draft(
        by=manager,
        now=LATER,
        version_id=started(manager).public_id,
        document=editing.put(first.document, "phases[0].title", "Arriving"),
        expected_version=1,
    )
    programs.publish(by=manager, now=LATER, version_id=second.public_id, expected_version=2)
    third = programs.start_draft(
        by=manager, now=LATER, program_id=first.program.public_id, from_version_id=first.public_id
    )
    assert (third.number, third.based_on, third.digest) == (3, first, first.digest)


def test_a_program_has_one_draft_and_whoever_is_at_it_is_named(manager: Actor) -> None:
    draft = started(manager)
    with pytest.raises(Refused) as refused:
        started(clinic.actor(roles=[Role.SUPERVISOR]))
    assert (refused.value.code, refused.value.status) == ("program_draft_open", 409)
    assert refused.value.sentence.params["name"] == manager.name
    assert ProgramVersion.objects.get(status="draft") == draft


def test_a_file_that_is_known_already_does_not_publish_the_copy_somebody_is_editing(manager: Actor) -> None:
    draft = started(manager)
    programs.load(by=clinic.job(), now=LATER, document=pathways.document(), publish=True)
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_half_finished_draft_is_kept_and_says_what_stands_against_it(manager: Actor) -> None:
    draft = started(manager)
    kept = saved(draft, manager, without_name(draft.document))
    read = draft_of(kept)
    assert kept.version == 2
    assert read.document is None
    assert [problem.path for problem in read.problems] == ["phases[0].title"]
    assert read.drawn.phases[1].title == "Behavioral therapy and relapse prevention"


@pytest.mark.parametrize("document", [{}, {"phases": "none"}, {"phases": [1, None, {}], "transitions": {"a": 1}}])
def test_what_is_hardly_a_program_is_a_draft_as_well(manager: Actor, document: dict[str, Any]) -> None:
    kept = saved(started(manager), manager, document)
    assert draft_of(kept).problems
    assert draft_of(kept).document is None


def test_a_problem_of_sense_stays_with_the_draft(manager: Actor) -> None:
    draft = started(manager)
    kept = saved(draft, manager, editing.put(draft.document, "phases[0].assessments[0].instrument", "phq11"))
    read = draft_of(kept)
    assert read.document is not None
    assert "phases[0].assessments[0].instrument" in [problem.path for problem in read.problems]


def test_nobody_overwrites_what_they_have_not_seen(manager: Actor) -> None:
    draft = started(manager)
    saved(draft, manager, without_name(draft.document))
    with pytest.raises(Refused) as refused:
        saved(draft, clinic.actor(roles=[Role.SUPERVISOR]), {}, expected=1)
    assert refused.value.status == 412
    draft.refresh_from_db()
    assert draft.document["phases"][0]["title"] == ""


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ({"a": "x\x00"}, "a", "program.problem.unprintable"),
        ({"a": ["\ud800"]}, "a[0]", "program.problem.unprintable"),
        ({"a\x01": 1}, "", "program.problem.unprintable"),
        ({"a": "x" * 4001}, "a", "program.problem.too_long"),
        ({"a": 10**10}, "a", "program.problem.too_great"),
        ({"a": float("nan")}, "a", "program.problem.too_great"),
        ({"a": NOW}, "a", "program.problem.not_json"),
        ({"phases": [{}] * 10_000}, "phases", "program.problem.too_many"),
        ({"a": [["x" * 4000] * 300]}, "", "program.problem.too_large"),
    ],
)
def test_what_cannot_be_stored_or_shown_is_refused_with_its_place(
    manager: Actor, document: dict[str, Any], path: str, code: str
) -> None:
    draft = started(manager)
    with pytest.raises(Refused) as refused:
        saved(draft, manager, document)
    assert refused.value.status == 422
    assert refused.value.fields[path].code == code
    assert ProgramVersion.objects.get(pk=draft.pk).version == 1


def test_a_draft_is_not_nested_without_end(manager: Actor) -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    assert [problem.sentence.code for problem in limits({"a": deep})] == ["program.problem.nested"]


def test_a_published_version_is_not_saved_over(manager: Actor) -> None:
    version = pathways.program()
    with pytest.raises(Refused) as refused:
        saved(version, manager, {}, expected=version.version)
    assert refused.value.code == "program_not_draft"


def test_a_draft_with_problems_is_not_published_and_each_is_named(manager: Actor) -> None:
    draft = started(manager)
    kept = saved(draft, manager, without_name(draft.document))
    with pytest.raises(Refused) as refused:
        programs.publish(by=manager, now=LATER, version_id=kept.public_id, expected_version=2)
    assert (refused.value.status, list(refused.value.fields)) == (422, ["phases[0].title"])
    assert not Phase.objects.filter(program_version=kept).exists()


def test_a_draft_of_another_program_is_not_published(manager: Actor) -> None:
    draft = started(manager)
    kept = saved(draft, manager, editing.put(draft.document, "program.key", "something-else"))
    with pytest.raises(Refused) as refused:
        programs.publish(by=manager, now=LATER, version_id=kept.public_id, expected_version=2)
    assert list(refused.value.fields) == ["program.key"]


def test_of_two_who_publish_at_once_one_wins_and_the_other_is_told(manager: Actor) -> None:
    draft = started(manager)
    changed = saved(draft, manager, editing.put(draft.document, "phases[0].title", "Arriving"))
    other = clinic.actor(roles=[Role.SUPERVISOR])
    programs.publish(by=manager, now=LATER, version_id=changed.public_id, expected_version=2)
    with pytest.raises(Refused) as refused:
        programs.publish(by=other, now=LATER, version_id=changed.public_id, expected_version=2)
    assert refused.value.status == 412
    assert ProgramVersion.objects.get(is_current=True).published_by == manager


def test_a_discarded_draft_is_gone_and_its_program_stays(manager: Actor) -> None:
    draft = started(manager)
    programs.discard_draft(by=manager, now=LATER, version_id=draft.public_id, expected_version=1)
    assert ProgramVersion.objects.get().is_current
    assert AuditEntry.objects.get(action="program.discard_draft").details["number"] == 2


def test_a_stale_page_discards_nothing(manager: Actor) -> None:
    draft = started(manager)
    with pytest.raises(Refused) as refused:
        programs.discard_draft(by=manager, now=LATER, version_id=draft.public_id, expected_version=9)
    assert refused.value.status == 412
    assert ProgramVersion.objects.filter(pk=draft.pk).exists()


def copied(by: Actor, key: str = "our-own", title: str = "Our own way") -> ProgramVersion:
    version = pathways.program()
    return programs.copy_program(by=by, now=LATER, version_id=version.public_id, key=key, title=title)


def test_a_copy_is_a_program_of_its_own_with_a_draft(manager: Actor) -> None:
    draft = copied(manager)
    assert (draft.program.key, draft.program.title, draft.number, draft.status) == (
        "our-own",
        "Our own way",
        1,
        "draft",
    )
    assert draft.document["program"]["key"] == "our-own"
    assert draft_of(draft).problems == ()
    published = programs.publish(by=manager, now=LATER, version_id=draft.public_id, expected_version=1)
    assert published.is_current
    assert ProgramVersion.objects.get(program__key=pathways.KRATOM).is_current


def test_a_copy_that_is_discarded_leaves_no_empty_program(manager: Actor) -> None:
    draft = copied(manager)
    programs.discard_draft(by=manager, now=LATER, version_id=draft.public_id, expected_version=1)
    assert [each.key for each in Program.objects.all()] == [pathways.KRATOM]


@pytest.mark.parametrize(
    ("key", "title", "field", "status"),
    [
        (pathways.KRATOM, "Ours", "key", 409),
        ("No Key", "Ours", "key", 422),
        ("a" * 61, "Ours", "key", 422),
        ("ours", "  ", "title", 422),
        ("ours", "x" * 121, "title", 422),
    ],
)
def test_a_copy_needs_a_key_and_a_title_of_its_own(
    manager: Actor, key: str, title: str, field: str, status: int
) -> None:
    with pytest.raises(Refused) as refused:
        copied(manager, key, title)
    assert (refused.value.status, list(refused.value.fields)) == (status, [field])
    assert Program.objects.count() == 1


def test_a_copy_is_not_called_as_a_program_that_is_there(manager: Actor) -> None:
    title = pathways.program().program.title
    with pytest.raises(Refused) as refused:
        copied(manager, title=f" {title.upper()} ")
    assert (refused.value.code, list(refused.value.fields)) == ("program_title_taken", ["title"])
    assert Program.objects.count() == 1


def imported(by: Actor, text: str, program: Program | None = None, expected: int | None = None) -> ProgramVersion:
    program_id = program.public_id if program else None
    return programs.import_draft(by=by, now=LATER, text=text, program_id=program_id, expected_version=expected)


def test_a_file_becomes_a_new_program_as_a_draft(manager: Actor) -> None:
    draft = imported(manager, spell(pathways.document()))
    assert (draft.program.key, draft.number, draft.status) == (pathways.KRATOM, 1, "draft")
    assert draft.digest == digest(pathways.document())


def test_json_is_another_spelling_of_the_same_file(manager: Actor) -> None:
    assert imported(manager, json.dumps(pathways.document())).digest == digest(pathways.document())


def test_a_file_replaces_the_draft_one_has_seen_and_no_other(manager: Actor) -> None:
    draft = started(manager)
    text = spell(editing.put(draft.document, "phases[0].title", "Arriving"))
    with pytest.raises(Refused) as blind:
        imported(manager, text, draft.program)
    assert blind.value.code == "program_draft_open"
    with pytest.raises(Refused) as stale:
        imported(manager, text, draft.program, expected=7)
    assert stale.value.status == 412
    kept = imported(manager, text, draft.program, expected=1)
    assert (kept.pk, kept.version, kept.document["phases"][0]["title"]) == (draft.pk, 2, "Arriving")


def test_a_file_of_another_program_is_refused(manager: Actor) -> None:
    version = pathways.program()
    text = spell(editing.put(version.document, "program.key", "another"))
    with pytest.raises(Refused) as refused:
        imported(manager, text, version.program)
    assert list(refused.value.fields) == ["program.key"]


def test_a_file_that_makes_no_sense_yet_is_a_draft_with_problems(manager: Actor) -> None:
    document = {**pathways.document(), "transitions": pathways.document()["transitions"][1:]}
    assert draft_of(imported(manager, spell(document))).problems


@pytest.mark.parametrize(
    ("place", "named", "code"),
    [
        ("phases[0].assessments[0].instrument", "phq11", "no_such_instrument"),
        ("phases[1].activities[0].modality", "juggling", "no_such_modality"),
        ("transitions[0].to", "the-beach", "no_such_phase"),
        ("follow_ups[0].ladder", "rope", "no_such_ladder"),
        ("follow_ups[0].template", "follow_up.song", "no_such_template"),
        ("phases[1].key", "assessment-and-stabilization", "key_twice"),
    ],
)
def test_a_file_with_a_name_that_leads_nowhere_or_stands_twice_is_refused_where_it_stands(
    manager: Actor, place: str, named: str, code: str
) -> None:
    text = spell(editing.put(pathways.document(), place, named))
    with pytest.raises(Refused) as refused:
        imported(manager, text)
    told = next(each for each in refused.value.details["problems"] if each["path"] == place)
    assert (refused.value.status, told["detail"].code) == (422, f"program.problem.{code}")
    assert named in text.splitlines()[told["line"] - 1]
    assert not Program.objects.exists()


def test_a_file_for_a_program_that_is_there_is_no_new_program(manager: Actor) -> None:
    pathways.program()
    with pytest.raises(Refused) as refused:
        imported(manager, spell(pathways.document()))
    assert refused.value.code == "program_key_taken"


@pytest.mark.parametrize(
    "text",
    [
        "phases: [",
        "key: 1\nkey: 2\n",
        "- a\n",
        "a: &a [x]\nb: [*a, *a]\n",
        "program: {key: x}\n",
        "schema: 1\nphases: 12\n",
    ],
)
def test_a_file_with_mistakes_of_form_stores_nothing(manager: Actor, text: str) -> None:
    with pytest.raises(Refused) as refused:
        imported(manager, text)
    assert (refused.value.code, refused.value.status) == ("program_problems", 422)
    assert refused.value.fields
    assert all(each["line"] >= 1 and each["column"] >= 1 for each in refused.value.details["problems"])
    assert not Program.objects.exists()


def test_a_clinician_confirms_the_clinical_defaults_by_name() -> None:
    version, clinician = pathways.program(), clinic.actor(roles=[Role.CLINICIAN])
    confirmed = programs.confirm_defaults(
        by=clinician, now=LATER, version_id=version.public_id, expected_version=version.version
    )
    assert (confirmed.confirmed_by, confirmed.confirmed_at) == (clinician, LATER)
    assert AuditEntry.objects.get(action="program.confirm_defaults").actor == clinician
    with pytest.raises(Refused) as refused:
        programs.confirm_defaults(
            by=clinician, now=LATER, version_id=version.public_id, expected_version=confirmed.version
        )
    assert refused.value.code == "program_confirmed"


def test_a_draft_changed_after_it_was_confirmed_waits_for_a_clinician_again(manager: Actor) -> None:
    draft, clinician = started(manager), clinic.actor(roles=[Role.CLINICIAN])
    confirmed = programs.confirm_defaults(by=clinician, now=LATER, version_id=draft.public_id, expected_version=1)
    same = saved(confirmed, manager, confirmed.document)
    assert same.confirmed_by == clinician
    changed = saved(same, manager, editing.put(same.document, "phases[0].typical_days", 21))
    assert (changed.confirmed_by, changed.confirmed_at) == (None, None)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.NURSE, Role.FRONT_DESK, Role.PRIVACY_OFFICER])
def test_who_may_not_write_programs_changes_no_draft(manager: Actor, role: Role) -> None:
    draft = started(manager)
    other = clinic.actor(roles=[role])
    given = {"by": other, "now": LATER, "version_id": draft.public_id}
    for attempt in (
        lambda: programs.save_draft(**given, document={}, expected_version=1),
        lambda: programs.discard_draft(**given, expected_version=1),
        lambda: programs.copy_program(**given, key="x", title="x"),
        lambda: programs.import_draft(by=other, now=LATER, text=spell(pathways.document())),
        lambda: programs.start_draft(by=other, now=LATER, program_id=draft.program.public_id),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.status == 403


@pytest.mark.parametrize("role", [Role.PROGRAM_MANAGER, Role.NURSE, Role.COUNSELOR, Role.SYSTEM_ADMINISTRATOR])
def test_only_clinicians_and_supervisors_confirm_clinical_defaults(role: Role) -> None:
    version = pathways.program()
    with pytest.raises(Refused) as refused:
        programs.confirm_defaults(
            by=clinic.actor(roles=[role]), now=LATER, version_id=version.public_id, expected_version=version.version
        )
    assert refused.value.status == 403


def test_at_a_start_a_program_somebody_is_editing_is_left_to_them() -> None:
    site = clinic.site()
    manager = clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])
    version = pathways.program()
    draft = programs.start_draft(by=manager, now=NOW, program_id=version.program.public_id)
    changed = pathways.document(follow_ups=pathways.document()["follow_ups"][1:])
    loaded = programs.load_all(by=clinic.job(), now=NOW, documents=[changed], publish=False, publish_first=True)
    draft.refresh_from_db()
    assert (loaded, draft.status, draft.created_by) == ([], "draft", manager)
