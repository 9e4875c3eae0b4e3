"""What was measured: panels recorded, values put right, flags raised, moves looked at again."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from patients.actions import flags, observations
from patients.actions.observations import Collection
from patients.models import Observation, SafetyFlag
from patients.queries import flags as flag_queries
from patients.queries import observations as queries
from patients.rules.observations import Entry, ObservationCategory, Specimen
from tests.factories import clinic
from tests.factories.patients import NOW, patient

pytestmark = pytest.mark.django_db

LIVER = (("alt", 400), ("ast", 120), ("alp", 120), ("bilirubin-total", 3))
URINE = (("urine-creatinine", 80), ("urine-specific-gravity", "1.010"), ("urine-ph", 6))


@pytest.fixture
def nurse():
    return clinic.actor(roles=[Role.NURSE], sites=[clinic.site()])


@pytest.fixture
def person(nurse):
    return patient(nurse.sites.get(), by=clinic.actor(roles=[Role.FRONT_DESK], sites=nurse.sites.all()))


def entries(*pairs):
    return [Entry(code, Decimal(str(value)) if not _is_word(value) else value) for code, value in pairs]


def _is_word(value):
    return isinstance(value, datetime) or (isinstance(value, str) and value.isalpha())


def record(person, by, *pairs, at=NOW, now=NOW, **more):
    given = entries(*pairs) if pairs and isinstance(pairs[0], tuple) else list(pairs)
    collection = Collection(**more) if more else None
    return observations.record_panel(
        patient=person, effective_at=at, entries=given, by=by, now=now, collection=collection
    )


def amend(row, by, value, **more):
    given = {"entry": Entry(row.code, Decimal(str(value))), "reason": "Typed wrongly.", "now": NOW}
    return observations.amend_observation(observation=row, by=by, **(given | more))


def retract(row, by, reason="Another person's."):
    return observations.retract_observation(observation=row, reason=reason, by=by, now=NOW)


def open_alerts(person):
    rows = SafetyFlag.objects.filter(patient=person, corrected_at__isnull=True)
    return sorted(rows.values_list("instrument", "alert_key"))


def refused(verb, *given, **named):
    with pytest.raises(Refused) as found:
        verb(*given, **named)
    return found.value


# -- recording --------------------------------------------------------------------------------------------------------


def test_what_was_recorded_together_is_one_panel_with_its_units(person, nurse):
    rows = record(person, nurse, ("heart-rate", 72), ("temperature", "36.8"))
    assert {row.panel for row in rows} == {rows[0].panel}
    assert [(row.code, row.quantity, row.unit, row.category) for row in rows] == [
        ("heart-rate", 72, "/min", "vital"),
        ("temperature", Decimal("36.8"), "°C", "vital"),
    ]
    assert all(row.recorded_by == nurse and row.status == "final" for row in rows)


def test_what_a_laboratory_found_keeps_how_it_was_found(person, nurse):
    entry = Entry(
        "mitragynine-screen", "positive", cut_off=Decimal(5), cut_off_unit="ng/mL", method="LC-MS/MS", note="Told us."
    )
    at = NOW - timedelta(days=6)
    row, pulse = record(
        person, nurse, entry, Entry("heart-rate", Decimal(70)),
        at=at, laboratory="North Lab", resulted_on=NOW.date(), witnessed=True,
    )  # fmt: skip
    assert (row.result, row.cut_off, row.cut_off_unit, row.method) == ("positive", 5, "ng/mL", "LC-MS/MS")
    assert (row.laboratory, row.specimen, row.resulted_on, row.witnessed) == ("North Lab", "urine", NOW.date(), True)
    assert (pulse.laboratory, pulse.specimen, pulse.resulted_on, pulse.witnessed) == ("", "", None, None)


def test_the_checks_of_a_specimen_are_kept_with_everything_found_in_it(person, nurse):
    rows = record(person, nurse, *URINE, ("mitragynine-screen", "negative"), ("alt", 20))
    assert {row.code: row.specimen_validity for row in rows if row.specimen == "urine"} == {
        "urine-creatinine": "valid",
        "urine-specific-gravity": "valid",
        "urine-ph": "valid",
        "mitragynine-screen": "valid",
    }
    assert [row.specimen_validity for row in rows if row.code == "alt"] == ["not_checked"]


def test_what_was_not_taken_from_urine_is_not_judged_by_urine(person, nurse):
    row = record(person, nurse, ("mitragynine-screen", "negative"), specimen=Specimen.ORAL_FLUID)[0]
    assert (row.specimen, row.specimen_validity) == ("oral_fluid", "not_checked")


def test_what_the_person_says_they_used_is_kept(person, nurse):
    last = NOW - timedelta(hours=9)
    rows = record(person, nurse, Entry("exposure-product", "liquid_extract"), Entry("exposure-last-use", last))
    assert (rows[0].choice, rows[1].moment) == ("liquid_extract", last)


def test_a_panel_with_one_bad_part_is_not_kept_at_all_and_says_which(person, nurse):
    told = refused(record, person, nurse, ("heart-rate", 72), ("temperature", 98), ("ferritin", 3))
    assert {name: said.code for name, said in told.fields.items()} == {"entries.2.code": "observation.refused.unknown"}
    told = refused(record, person, nurse, ("heart-rate", 72), ("temperature", 98))
    assert told.fields.keys() == {"entries.1.value"} and told.status == 422
    assert not Observation.objects.exists()


def test_nothing_is_no_panel(person, nurse):
    assert refused(record, person, nurse).fields.keys() == {"entries"}


def test_nothing_is_measured_in_the_future_or_before_birth(person, nurse):
    later, early = NOW + timedelta(seconds=1), datetime(1930, 1, 1, tzinfo=NOW.tzinfo)
    assert refused(record, person, nurse, ("alt", 20), at=later).fields.keys() == {"effective_at"}
    assert refused(record, person, nurse, ("alt", 20), at=early).fields.keys() == {"effective_at"}
    born = datetime(1930, 1, 1, tzinfo=NOW.tzinfo)
    assert refused(record, person, nurse, Entry("exposure-last-use", born)).fields.keys() == {"entries.0.value"}


def test_a_result_comes_after_its_specimen_and_not_from_the_future(person, nurse):
    for day in (NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=1)):
        assert refused(record, person, nurse, ("alt", 20), resulted_on=day).fields.keys() == {"resulted_on"}


def test_a_form_sent_twice_is_recorded_once(person, nurse):
    record(person, nurse, ("heart-rate", 72), ("temperature", "36.8"))
    assert refused(record, person, nurse, ("heart-rate", 72)).code == "observation_known"
    record(person, nurse, ("heart-rate", 74))
    record(person, nurse, ("heart-rate", 72), at=NOW - timedelta(minutes=5))
    assert Observation.objects.count() == 4


def test_only_who_cares_for_people_records_and_only_for_those_they_see(person, nurse):
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=nurse.sites.all())
    assert refused(record, person, desk, ("alt", 20)).status == 403
    stranger = clinic.actor(roles=[Role.NURSE], sites=[clinic.site()])
    assert refused(record, person, stranger, ("alt", 20)).status == 404
    assert AuditEntry.objects.filter(action="observation.record", outcome="refused").count() == 2


def test_the_record_of_it_names_the_tests_and_not_the_values(person, nurse):
    record(person, nurse, ("alt", 417))
    entry = AuditEntry.objects.get(action="observation.record", outcome="done")
    assert entry.details["codes"] == ["alt"] and "417" not in str(entry.details)


# -- flags ------------------------------------------------------------------------------------------------------------


def test_a_panel_raises_each_flag_once_on_the_value_it_rests_on(person, nurse):
    rows = record(person, nurse, *LIVER)
    assert open_alerts(person) == [("alt", "alt_high"), ("alt", "hys_law"), ("bilirubin-total", "bilirubin_high")]
    flag = SafetyFlag.objects.get(alert_key="hys_law")
    assert (flag.severity, flag.observation, flag.source_id) == ("urgent", rows[0], rows[0].public_id)


def test_a_dilute_specimen_is_noted_and_raises_no_flag(person, nurse):
    rows = record(person, nurse, ("urine-creatinine", 10), ("panel-opiates", "negative"))
    assert {row.specimen_validity for row in rows} == {"dilute"} and open_alerts(person) == []


def test_a_rise_is_counted_from_the_value_before(person, nurse):
    record(person, nurse, ("qtc", 385), at=NOW - timedelta(days=14))
    record(person, nurse, ("qtc", 390), at=NOW - timedelta(days=7))
    record(person, nurse, ("qtc", 450))
    assert open_alerts(person) == [("qtc", "qtc_rise")]


def test_a_flag_says_which_test_and_what_to_do(person, nurse):
    record(person, nurse, ("inr", "1.8"))
    cause = flag_queries.cause_of(SafetyFlag.objects.get())
    assert cause.name.code == "observation.test.inr" and cause.said.code == "alert.inr_high"


def test_a_person_closes_a_flag_of_a_value_like_any_other(person, nurse):
    record(person, nurse, ("oxygen-saturation", 88))
    closed = flags.close(
        flag=SafetyFlag.objects.get(), expected_version=1, action_taken="Oxygen given.", by=nurse, now=NOW
    )
    assert closed.closed_by == nurse


# -- putting right ----------------------------------------------------------------------------------------------------


def test_a_correction_takes_the_place_of_the_old_value_which_stays(person, nurse):
    row = record(person, nurse, ("alt", 417))[0]
    made = amend(row, nurse, 47)[0]
    row.refresh_from_db()
    assert (row.status, row.quantity, made.quantity, made.amends) == ("amended", 417, 47, row)
    assert made.panel == row.panel and made.amendment_reason == "Typed wrongly."
    assert list(queries.current(person)) == [made]


def test_a_flag_whose_value_was_a_slip_is_noted_as_corrected_and_stays_open(person, nurse):
    row = record(person, nurse, ("alt", 417))[0]
    again = amend(row, nurse, 47)[0]
    flag = SafetyFlag.objects.get()
    assert flag.corrected_by == nurse and flag.closed_at is None
    amend(again, nurse, 418)
    flag.refresh_from_db()
    assert flag.corrected_at is None, "one source has one flag of a kind, whatever was put right in between"
    assert SafetyFlag.objects.count() == 1


def test_a_flag_over_several_values_follows_the_one_that_was_put_right(person, nurse):
    rows = {row.code: row for row in record(person, nurse, *LIVER)}
    amend(rows["bilirubin-total"], nurse, "1.0")
    assert open_alerts(person) == [("alt", "alt_high")]


def test_a_specimen_judged_otherwise_amends_what_was_found_in_it(person, nurse):
    rows = {row.code: row for row in record(person, nurse, ("urine-creatinine", 1), ("mitragynine-screen", "negative"))}
    assert rows["mitragynine-screen"].specimen_validity == "substituted"
    made = amend(rows["urine-creatinine"], nurse, 100)
    assert [row.code for row in made] == ["urine-creatinine", "mitragynine-screen"]
    assert made[1].amends == rows["mitragynine-screen"] and made[1].result == "negative"
    assert {row.code: row.specimen_validity for row in queries.current(person)} == {
        "urine-creatinine": "valid",
        "mitragynine-screen": "valid",
    }
    assert open_alerts(person) == []


def test_what_was_entered_in_error_counts_for_nothing_and_its_flags_are_noted(person, nurse):
    row = record(person, nurse, ("potassium", "2.4"))[0]
    retract(row, nurse)
    row.refresh_from_db()
    assert row.status == "entered_in_error" and row.retraction_reason == "Another person's."
    assert not queries.current(person).exists() and open_alerts(person) == []
    assert SafetyFlag.objects.get().closed_at is None


def test_a_check_entered_in_error_leaves_its_specimen_unchecked(person, nurse):
    rows = {row.code: row for row in record(person, nurse, ("urine-ph", 12), ("mitragynine-screen", "negative"))}
    retract(rows["urine-ph"], nurse)
    left = queries.current(person).get()
    assert (left.code, left.specimen_validity) == ("mitragynine-screen", "not_checked")


def test_only_what_counts_now_can_be_put_right(person, nurse):
    row = record(person, nurse, ("alt", 20))[0]
    made = amend(row, nurse, 21)[0]
    assert refused(amend, row, nurse, 22).code == refused(retract, row, nurse).code == "observation_not_current"
    retract(made, nurse)
    assert refused(amend, made, nurse, 22).code == "observation_not_current"


def test_putting_right_needs_a_reason_and_the_same_test(person, nurse):
    row = record(person, nurse, ("alt", 20))[0]
    assert refused(retract, row, nurse, reason=" ").fields.keys() == {"reason"}
    assert refused(amend, row, nurse, 22, reason="").fields.keys() == {"reason"}
    other = Entry("ast", Decimal(22))
    assert refused(amend, row, nurse, 22, entry=other).fields.keys() == {"code"}
    assert refused(amend, row, nurse, -3).fields.keys() == {"value"}


def test_a_value_cannot_be_rewritten_or_deleted_in_the_database(person, nurse):
    row = record(person, nurse, ("alt", 20))[0]
    for change in (lambda: Observation.objects.filter(pk=row.pk).update(quantity=1), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic(), allow_direct_writes():
            change()


# -- lists ------------------------------------------------------------------------------------------------------------


def test_values_are_listed_newest_first_by_test_and_category(person, nurse):
    record(person, nurse, ("alt", 20), ("heart-rate", 70), at=NOW - timedelta(days=3))
    record(person, nurse, ("alt", 30))
    assert [row.quantity for row in queries.listed(nurse, person, code="alt")] == [30, 20]
    assert [row.code for row in queries.listed(nurse, person, category=ObservationCategory.VITAL)] == ["heart-rate"]
    stranger = clinic.actor(roles=[Role.NURSE], sites=[clinic.site()])
    assert not queries.listed(stranger, person).exists()


def test_a_value_of_a_stranger_looks_like_none(person, nurse):
    row = record(person, nurse, ("alt", 20))[0]
    stranger = clinic.actor(roles=[Role.NURSE], sites=[clinic.site()])
    assert refused(queries.get, stranger, row.public_id).status == 404


def test_the_days_of_results_are_counted_where_the_person_is(person, nurse):
    record(person, nurse, ("alt", 20), at=datetime(2026, 6, 15, 3, 0, tzinfo=NOW.tzinfo), resulted_on=date(2026, 6, 14))
    assert Observation.objects.get().resulted_on == date(2026, 6, 14)
