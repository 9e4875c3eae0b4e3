"""Drafts, recording, amending, retracting, flags, intakes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from patients import instruments
from patients.actions import assessments, drafts, flags, intakes
from patients.models import Assessment, AssessmentDraft, SafetyFlag
from patients.queries import assessments as findings
from patients.queries import flags as open_flags
from patients.queries import intakes as intake_queries
from patients.rules.intake import BATTERY, SectionState
from tests.factories import clinic
from tests.factories.patients import NOW, cows, patient, phq9

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return clinic.actor(roles=[Role.NURSE], sites=[clinic.site()])


@pytest.fixture
def person(nurse):
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=nurse.sites.all())
    return patient(nurse.sites.get(), by=desk)


def save(person, by, instrument, answers, version=None, now=NOW, **more):
    return drafts.save_draft(
        patient=person, instrument=instrument, answers=answers, expected_version=version, by=by, now=now, **more
    )


def record(person, by, instrument, answers, at=NOW, **more):
    return assessments.record(
        patient=person, instrument=instrument, answers=answers, effective_at=at, by=by, now=NOW, **more
    )


def alerts_of(person):
    return sorted(SafetyFlag.objects.filter(patient=person).values_list("alert_key", flat=True))


def test_a_draft_raises_the_suicide_flag_although_the_form_is_incomplete(person, nurse):
    saved = save(person, nurse, "phq9", {"phq9_9": 1})
    assert saved.scoring.status == "incomplete" and saved.scoring.total is None
    assert [flag.alert_key for flag in saved.raised] == ["phq9_suicide"]
    assert saved.raised[0].severity == "urgent" and saved.raised[0].source_id == saved.draft.public_id


def test_a_score_raises_nothing_before_the_form_is_recorded(person, nurse):
    saved = save(person, nurse, "phq9", phq9(3, 3, 3, 3, 3, 3, 3, 3, 0, 1))
    assert "phq9_severe" in saved.scoring.alerts and alerts_of(person) == []
    assessments.record_draft(draft=saved.draft, expected_version=1, by=nurse, now=NOW)
    assert alerts_of(person) == ["phq9_positive", "phq9_severe"]


def test_an_answer_taken_back_is_noted_on_the_flag_and_closes_nothing(person, nurse):
    save(person, nurse, "phq9", {"phq9_9": 2})
    save(person, nurse, "phq9", {"phq9_9": 0}, version=1)
    flag = SafetyFlag.objects.get()
    assert flag.corrected_by == nurse and flag.closed_at is None
    save(person, nurse, "phq9", {"phq9_9": 1}, version=2)
    flag.refresh_from_db()
    assert flag.corrected_at is None


def test_two_saves_of_the_same_draft_do_not_overwrite_each_other(person, nurse):
    save(person, nurse, "phq9", {"phq9_1": 1})
    save(person, nurse, "phq9", {"phq9_1": 2}, version=1)
    with pytest.raises(Refused) as refused:
        save(person, nurse, "phq9", {"phq9_1": 3}, version=1)
    assert refused.value.status == 412
    with pytest.raises(Refused):
        save(person, nurse, "phq9", {"phq9_1": 3})
    assert AssessmentDraft.objects.get().answers == {"phq9_1": 2}


def test_one_sitting_is_one_audit_entry(person, nurse):
    for version in (None, 1, 2):
        save(person, nurse, "gad7", {"gad7_1": 1}, version=version, now=NOW + timedelta(minutes=version or 0))
    entries = AuditEntry.objects.filter(action="assessment.save_draft")
    assert entries.count() == 1
    save(person, nurse, "gad7", {"gad7_1": 2}, version=3, now=NOW + timedelta(hours=2))
    assert entries.count() == 2


def test_a_page_drops_answers_to_questions_no_longer_asked_and_a_program_is_refused_them(person, nurse):
    answers = {"auditc_1": 0, "auditc_2": 3}
    assert save(person, nurse, "auditc", answers, from_page=True).draft.answers == {"auditc_1": 0}
    with pytest.raises(Refused) as refused:
        save(person, nurse, "auditc", answers, version=1)
    assert (refused.value.status, list(refused.value.fields)) == (422, ["auditc_2"])


def test_a_page_keeps_a_wrong_value_to_show_it_again(person, nurse):
    saved = save(person, nurse, "kratom_use_profile", {"kup_days_30": "often"}, from_page=True)
    assert saved.draft.answers == {"kup_days_30": "often"}
    assert saved.scoring.status == "invalid"
    with pytest.raises(Refused) as refused:
        assessments.record_draft(draft=saved.draft, expected_version=1, by=nurse, now=NOW)
    assert "kup_days_30" in refused.value.fields


@pytest.mark.parametrize("value", ["x" * 5000, "\x00", "\ud800", {"deep": [[]]}, [1], True, 10**30])
def test_a_page_never_keeps_what_no_form_could_hold(person, nurse, value):
    assert save(person, nurse, "phq9", {"phq9_1": value, "nonsense": 1}, from_page=True).draft.answers == {}


def test_a_recorded_form_freezes_answers_points_score_band_and_definition(person, nurse):
    made = record(person, nurse, "phq9", phq9(2, 2, 2, 2, 2, 2, 1, 1, 1, 1))
    shipped = instruments.definition("phq9")
    assert (made.total, made.band, made.scoring_status) == (15, "moderately severe", "complete")
    assert (made.definition_version, made.definition_digest) == (1, shipped.digest)
    assert made.points["phq9_9"] == 1 and "phq9_10" not in made.points
    assert made.alerts == ["phq9_positive", "phq9_suicide"] == alerts_of(person)
    with pytest.raises(DatabaseError), allow_direct_writes(), transaction.atomic():
        Assessment.objects.filter(pk=made.pk).update(total=1)


def test_a_form_lacking_answers_is_kept_without_a_score(person, nurse):
    made = record(person, nurse, "phq9", {"phq9_9": 1})
    assert (made.scoring_status, made.total, made.band) == ("incomplete", None, None)
    assert alerts_of(person) == ["phq9_suicide"]


def test_advice_is_kept_on_the_assessment_and_is_no_flag(person, nurse):
    made = record(person, nurse, "cows", cows(1) | {"cows_11": 3, "cows_5": 1})
    assert "cows_induction_prompt" in made.alerts
    assert "cows_induction_prompt" not in alerts_of(person)


def test_the_cut_of_the_alcohol_screen_follows_the_sex_on_record_not_the_caller(nurse):
    woman = patient(nurse.sites.get(), sex_for_clinical_use="female")
    made = record(woman, nurse, "auditc", {"auditc_1": 1, "auditc_2": 1, "auditc_3": 1}, context={"sex": "male"})
    assert made.band == "positive" and made.context["sex"] == "female"


def test_the_preface_is_stored_as_shown_only_where_there_is_one(person, nurse):
    dast = {f"dast10_{n}": "no" for n in range(1, 11)}
    answers = {key: instruments.definition("dast10").item(key).options[0].code for key in dast}
    assert record(person, nurse, "dast10", answers, context={"preface_shown": True}).preface_shown
    assert not record(person, nurse, "phq9", phq9(*[0] * 9), context={"preface_shown": True}).preface_shown


@pytest.mark.parametrize(
    ("instrument", "answers", "fields"),
    [
        ("phq9", {"phq9_1": 4}, {"phq9_1"}),
        ("phq9", {"phq9_99": 1}, {"phq9_99"}),
        ("phq9", {}, {"answers"}),
        ("cows", {"cows_11": 1}, {"cows_11"}),
        ("auditc", {"auditc_1": 0, "auditc_2": 1}, {"auditc_2"}),
        ("phq9", {"phq9_1": "\x00"}, {"phq9_1"}),
    ],
)
def test_answers_that_cannot_be_taken_are_named_and_nothing_is_stored(person, nurse, instrument, answers, fields):
    with pytest.raises(Refused) as refused:
        record(person, nurse, instrument, answers)
    assert (refused.value.status, set(refused.value.fields)) == (422, fields)
    assert not Assessment.objects.exists() and not SafetyFlag.objects.exists()


def test_an_unknown_instrument_is_not_found(person, nurse):
    with pytest.raises(Refused) as refused:
        record(person, nurse, "rorschach", {"a": 1})
    assert (refused.value.code, refused.value.status) == ("unknown_instrument", 404)


@pytest.mark.parametrize("at", [NOW + timedelta(minutes=1), datetime(1930, 1, 1, tzinfo=UTC)])
def test_a_finding_lies_neither_in_the_future_nor_before_birth(person, nurse, at):
    with pytest.raises(Refused) as refused:
        record(person, nurse, "phq9", phq9(0), at=at)
    assert list(refused.value.fields) == ["effective_at"]


def test_a_finding_of_last_week_is_recorded_today(person, nurse):
    made = record(person, nurse, "phq9", phq9(*[0] * 9), at=NOW - timedelta(days=7))
    assert made.recorded_at == NOW and made.effective_at < NOW


def test_a_questionnaire_too_soon_is_a_warning_and_no_refusal(person, nurse):
    record(person, nurse, "phq9", phq9(*[0] * 9), at=NOW - timedelta(days=13))
    assert findings.too_soon(person, "phq9", NOW).code == "assessment.too_soon"
    assert findings.too_soon(person, "phq9", NOW + timedelta(days=2)) is None
    assert findings.too_soon(person, "cows", NOW) is None
    record(person, nurse, "phq9", phq9(*[0] * 9))


def test_an_assessment_keeps_the_public_id_and_the_flags_of_its_draft(person, nurse):
    saved = save(person, nurse, "phq9", phq9(*[0] * 8, 1, 0))
    made = assessments.record_draft(draft=saved.draft, expected_version=1, by=nurse, now=NOW)
    assert made.public_id == saved.draft.public_id
    assert SafetyFlag.objects.get().assessment == made
    assert not AssessmentDraft.objects.exists()


def test_a_draft_saved_meanwhile_is_not_recorded(person, nurse):
    saved = save(person, nurse, "phq9", phq9(1))
    save(person, nurse, "phq9", phq9(2), version=1)
    with pytest.raises(Refused) as refused:
        assessments.record_draft(draft=saved.draft, expected_version=1, by=nurse, now=NOW)
    assert refused.value.status == 412


def test_a_discarded_draft_leaves_its_flag_open_and_noted(person, nurse):
    saved = save(person, nurse, "phq9", {"phq9_9": 3})
    drafts.discard_draft(draft=saved.draft, expected_version=1, by=nurse, now=NOW)
    flag = SafetyFlag.objects.get()
    assert flag.corrected_at and not flag.closed_at and not AssessmentDraft.objects.exists()


def test_an_amendment_is_a_new_row_and_notes_what_no_longer_holds(person, nurse):
    old = record(person, nurse, "phq9", phq9(0, 0, 0, 0, 0, 0, 0, 0, 1, 0))
    new = assessments.amend(
        assessment=old, answers=phq9(0, 0, 0, 0, 0, 0, 0, 0, 0), reason="misheard", by=nurse, now=NOW
    )
    old.refresh_from_db()
    assert (old.status, new.status, new.amends, new.total) == ("amended", "final", old, 0)
    flag = SafetyFlag.objects.get()
    assert flag.corrected_at and flag.closed_at is None
    assert findings.newest([person.pk])[person.pk]["phq9"] == new


def test_an_alert_an_amendment_brings_is_raised_once(person, nurse):
    old = record(person, nurse, "phq9", phq9(*[0] * 9))
    new = assessments.amend(assessment=old, answers=phq9(*[0] * 8, 1, 0), reason="missed", by=nurse, now=NOW)
    assessments.amend(assessment=new, answers=phq9(*[0] * 8, 2, 0), reason="missed again", by=nurse, now=NOW)
    assert SafetyFlag.objects.get().source_id == old.public_id


def test_only_the_current_assessment_is_amended_or_retracted_and_only_with_a_reason(person, nurse):
    old = record(person, nurse, "phq9", phq9(*[0] * 9))
    with pytest.raises(Refused) as refused:
        assessments.retract(assessment=old, reason=" ", by=nurse, now=NOW)
    assert list(refused.value.fields) == ["reason"]
    assessments.amend(assessment=old, answers=phq9(*[0] * 8, 1, 0), reason="misheard", by=nurse, now=NOW)
    for verb in (assessments.amend, assessments.retract):
        more = {"answers": phq9(*[0] * 9)} if verb is assessments.amend else {}
        with pytest.raises(Refused) as refused:
            verb(assessment=old, reason="again", by=nurse, now=NOW, **more)
        assert refused.value.code == "assessment_not_current"


def test_what_was_entered_in_error_counts_for_nothing_and_is_kept(person, nurse):
    made = record(person, nurse, "phq9", phq9(*[0] * 8, 1, 0))
    assessments.retract(assessment=made, reason="another person's form", by=nurse, now=NOW)
    assert findings.newest([person.pk]) == {}
    assert list(findings.listed(nurse, person)) == [made]
    assert SafetyFlag.objects.get().corrected_by == nurse


def test_a_flag_is_taken_and_closed_by_a_named_person_with_what_was_done(person, nurse):
    flag = save(person, nurse, "phq9", {"phq9_9": 1}).raised[0]
    taken = flags.take(flag=flag, expected_version=1, by=nurse, now=NOW)
    with pytest.raises(Refused) as refused:
        flags.close(flag=flag, expected_version=taken.version, action_taken="", by=nurse, now=NOW)
    assert list(refused.value.fields) == ["action_taken"]
    flags.close(flag=flag, expected_version=taken.version, action_taken="C-SSRS done, plan made", by=nurse, now=NOW)
    with pytest.raises(Refused) as refused:
        flags.take(flag=flag, expected_version=taken.version + 1, by=nurse, now=NOW)
    assert refused.value.code == "flag_closed"
    assert open_flags.open_of([person.pk]) == {}


def test_a_program_takes_a_flag_and_never_closes_it(person, nurse):
    flag = save(person, nurse, "phq9", {"phq9_9": 1}).raised[0]
    program = clinic.api_client(scopes=["assessments.write"], sites=nurse.sites.all()).actor
    taken = flags.take(flag=flag, expected_version=1, by=program, now=NOW)
    with pytest.raises(Refused) as refused:
        flags.close(flag=flag, expected_version=taken.version, action_taken="done", by=program, now=NOW)
    assert refused.value.status == 403


def test_a_flag_changed_meanwhile_is_stale(person, nurse):
    flag = save(person, nurse, "phq9", {"phq9_9": 1}).raised[0]
    flags.take(flag=flag, expected_version=1, by=nurse, now=NOW)
    with pytest.raises(Refused) as refused:
        flags.take(flag=flag, expected_version=1, by=nurse, now=NOW)
    assert refused.value.status == 412


def test_findings_of_a_foreign_person_are_not_found(person, nurse):
    made = record(person, nurse, "phq9", phq9(*[0] * 8, 1, 0))
    stranger = clinic.actor(roles=[Role.NURSE])
    for verb in (
        lambda: findings.get(stranger, made.public_id),
        lambda: record(person, stranger, "phq9", phq9(0)),
        lambda: save(person, stranger, "phq9", phq9(0)),
        lambda: assessments.retract(assessment=made, reason="x", by=stranger, now=NOW),
        lambda: flags.take(flag=SafetyFlag.objects.get(), expected_version=1, by=stranger, now=NOW),
        lambda: intakes.open_intake(patient=person, by=stranger, now=NOW),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.status == 404
    assert list(findings.listed(stranger)) == [] and list(open_flags.listed(stranger)) == []


def test_the_front_desk_records_no_assessment(person, nurse):
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=nurse.sites.all())
    with pytest.raises(Refused) as refused:
        record(person, desk, "phq9", phq9(0))
    assert refused.value.status == 403


def first_answers(key):
    """The first option of everything asked: a complete form without an alarm."""
    shipped = instruments.definition(key)
    answers = {}
    from patients.rules.scoring import visible_items

    for item in shipped.items:
        if item.key in visible_items(shipped, answers):
            answers[item.key] = item.minimum if item.is_number else item.options[0].code
    return answers


def fill(intake, person, by, keys=BATTERY):
    for key in keys:
        save(person, by, key, first_answers(key), intake=intake)


def states(intake, by):
    views = intake_queries.progress(intake_queries.get(by, intake.public_id))
    return {view.section.key: view.section for view in views}


def test_an_intake_is_left_and_come_back_to(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    assert intakes.open_intake(patient=person, by=nurse, now=NOW) == intake
    assert list(states(intake, nurse)) == list(BATTERY)
    save(person, nurse, "phq9", phq9(0, 1), intake=intake)
    section = states(intake, nurse)["phq9"]
    assert (section.state, section.answered, section.missing) == (SectionState.PARTIAL, 2, 7)


def test_the_suicide_screen_comes_next_when_an_answer_asks_for_it(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    save(person, nurse, "phq9", {"phq9_9": 1}, intake=intake)
    order = list(states(intake, nurse))
    assert order.index("cssrs_screen") == order.index("phq9") + 1
    assert states(intake, nurse)["cssrs_screen"].brought_forward


def test_signing_turns_every_draft_into_an_assessment(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    fill(intake, person, nurse)
    signed = intakes.sign(intake=intake, expected_version=1, by=nurse, now=NOW)
    assert {each.instrument for each in signed.assessments} == set(BATTERY)
    assert all(each.scoring_status == "complete" and each.intake == signed.intake for each in signed.assessments)
    assert not AssessmentDraft.objects.exists() and signed.intake.signed_by == nurse
    with pytest.raises(Refused) as refused:
        intakes.sign(intake=intake, expected_version=2, by=nurse, now=NOW)
    assert refused.value.code == "intake_signed"


def test_a_form_taken_again_before_signing_becomes_a_further_assessment(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    fill(intake, person, nurse)
    first = AssessmentDraft.objects.get(instrument="phq9")
    assessments.record_draft(draft=first, expected_version=first.version, by=nurse, now=NOW)
    again = save(person, nurse, "phq9", phq9(0, 0, 0, 0, 0, 0, 0, 0, 3, 0), intake=intake)
    intakes.sign(intake=intake, expected_version=1, by=nurse, now=NOW + timedelta(hours=1))
    kept = Assessment.objects.filter(instrument="phq9", intake=intake).order_by("pk")
    assert [each.public_id for each in kept] == [first.public_id, again.draft.public_id]
    assert kept[1].answers["phq9_9"] == 3 and kept[1].alerts == ["phq9_suicide"]
    assert not AssessmentDraft.objects.filter(patient=person).exists()


def test_a_form_begun_again_without_an_answer_is_thrown_away_at_signing(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    fill(intake, person, nurse)
    first = AssessmentDraft.objects.get(instrument="phq9")
    assessments.record_draft(draft=first, expected_version=first.version, by=nurse, now=NOW)
    save(person, nurse, "phq9", {}, intake=intake)
    intakes.sign(intake=intake, expected_version=1, by=nurse, now=NOW)
    assert Assessment.objects.filter(instrument="phq9").count() == 1
    assert not AssessmentDraft.objects.filter(patient=person).exists()


def test_an_answer_that_cannot_be_taken_in_a_form_begun_again_stops_the_signature(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    fill(intake, person, nurse)
    first = AssessmentDraft.objects.get(instrument="phq9")
    assessments.record_draft(draft=first, expected_version=first.version, by=nurse, now=NOW)
    save(person, nurse, "phq9", {"phq9_1": 9}, intake=intake, from_page=True)
    with pytest.raises(Refused) as refused:
        intakes.sign(intake=intake, expected_version=1, by=nurse, now=NOW)
    assert "phq9_1" in refused.value.fields
    assert AssessmentDraft.objects.filter(instrument="phq9").exists()


def test_signing_names_the_required_sections_that_are_missing_and_stores_nothing(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    fill(intake, person, nurse, ["cows", "kratom_use_profile", "dsm5_sud", "gad7"])
    save(person, nurse, "phq9", phq9(0, 0), intake=intake)
    with pytest.raises(Refused) as refused:
        intakes.sign(intake=intake, expected_version=1, by=nurse, now=NOW)
    assert refused.value.code == "intake_incomplete"
    assert {each["instrument"] for each in refused.value.details["sections"]} == {"phq9", "cssrs_screen"}
    assert not Assessment.objects.exists()
    signed = intakes.sign(
        intake=intake, expected_version=1, by=nurse, now=NOW, not_asked_reason="Too unwell to go on today"
    )
    assert {each.instrument for each in signed.assessments} == {
        "cows", "kratom_use_profile", "dsm5_sud", "gad7", "phq9"}  # fmt: skip


def test_one_answer_that_cannot_be_taken_stops_the_whole_signature(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    fill(intake, person, nurse)
    save(person, nurse, "kratom_use_profile", {"kup_days_30": 31}, version=1, intake=intake, from_page=True)
    with pytest.raises(Refused) as refused:
        intakes.sign(intake=intake, expected_version=1, by=nurse, now=NOW, not_asked_reason="x")
    assert refused.value.status == 422 and not Assessment.objects.exists()


def test_nothing_answered_is_nothing_to_sign(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    with pytest.raises(Refused) as refused:
        intakes.sign(intake=intake, expected_version=1, by=nurse, now=NOW, not_asked_reason="left")
    assert refused.value.code == "intake_empty"


def test_a_program_does_not_sign(person, nurse):
    intake = intakes.open_intake(patient=person, by=nurse, now=NOW)
    program = clinic.api_client(scopes=["assessments.write"], sites=nurse.sites.all()).actor
    with pytest.raises(Refused) as refused:
        intakes.sign(intake=intake, expected_version=1, by=program, now=NOW)
    assert refused.value.code == "person_only"


@pytest.mark.parametrize("number", [1, 6])
def test_newest_readings_and_flags_cost_the_same_for_many_people(nurse, number, django_assert_num_queries):
    people = [patient(nurse.sites.get()) for _ in range(number)]
    for person in people:
        record(person, nurse, "phq9", phq9(*[0] * 8, 1, 0), at=NOW - timedelta(days=30))
        record(person, nurse, "phq9", phq9(*[0] * 9))
        record(person, nurse, "gad7", {f"gad7_{n}": 0 for n in range(1, 8)})
    keys = [person.pk for person in people]
    with django_assert_num_queries(2):
        newest, raised = findings.newest(keys), open_flags.open_of(keys)
    assert all(newest[pk]["phq9"].total == 0 and set(newest[pk]) == {"phq9", "gad7"} for pk in keys)
    assert all(len(raised[pk]) == 1 for pk in keys)
