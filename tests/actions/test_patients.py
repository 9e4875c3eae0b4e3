"""Registering, correcting, finding people; duplicates; who sees whom."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from patients.actions import contacts, duplicates, patients
from patients.actions.details import Details
from patients.models import Patient, PossibleDuplicate, SearchToken
from patients.queries import patients as people
from tests.factories import clinic
from tests.factories.patients import NOW, email, patient, phone

pytestmark = pytest.mark.django_db


def details(one: Patient, **changes: object) -> Details:
    kept = {name: getattr(one, name) for name in Details.__dataclass_fields__}
    return Details(**{**kept, **changes})


@pytest.fixture
def site():
    return clinic.site("Riverbend", region="US")


@pytest.fixture
def desk(site):
    return clinic.actor(roles=[Role.FRONT_DESK], sites=[site])


def register(desk, site, **fields):
    given = {"given_name": "Tobias", "family_name": "Quillfeather", "birth_date": date(1984, 6, 7)}
    return patients.register(by=desk, now=NOW, site=site, **(given | fields))


def test_a_person_is_registered_with_a_record_number_ways_to_reach_them_and_consent(site, desk):
    made = register(desk, site, contact_points=[phone("(415) 555-2671"), email("tobias@example.org", consent=False)])
    assert made.record_number.startswith("SW-") and len(made.record_number) == 8
    first, second = made.contact_points.order_by("rank")
    assert (first.address, first.verified_by) == ("+14155552671", desk)
    assert [each.given for each in made.contact_consents.all()] == [True]
    assert second.consents.count() == 0
    assert made.time_zone == site.time_zone
    entry = AuditEntry.objects.get(action="patient.register")
    assert entry.patient_ids == [made.public_id] and "Tobias" not in str(entry.details)


def test_record_numbers_go_up(site, desk):
    numbers = [int(patient(site, by=desk).record_number[3:]) for _ in range(3)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_every_bad_field_is_named_and_nobody_is_registered(site, desk):
    with pytest.raises(Refused) as refused:
        register(desk, site, given_name=" ", family_name="x\x00", birth_date=date(2026, 6, 18), language="xx",
                 time_zone="Mars/Olympus", sex_for_clinical_use="?")  # fmt: skip
    assert refused.value.status == 422
    assert set(refused.value.fields) == {
        "given_name", "family_name", "birth_date", "language", "time_zone", "sex_for_clinical_use"}  # fmt: skip
    assert not Patient.objects.exists()


def test_a_telephone_number_that_is_none_is_named_with_its_place(site, desk):
    with pytest.raises(Refused) as refused:
        register(desk, site, contact_points=[email(), phone("12")])
    assert list(refused.value.fields) == ["contact_points.1.address"]
    assert not Patient.objects.exists()


def test_a_likely_duplicate_is_shown_and_nothing_is_saved_until_confirmed(site, desk):
    known = register(desk, site)
    with pytest.raises(Refused) as refused:
        register(desk, site, given_name="tobías")
    assert (refused.value.code, refused.value.status) == ("possible_duplicate", 409)
    assert [match["patient"] for match in refused.value.details["matches"]] == [str(known.public_id)]
    assert Patient.objects.count() == 1
    second = register(desk, site, given_name="tobías", confirm_not_duplicate=True)
    assert PossibleDuplicate.objects.get().patient == second


def test_day_and_month_swapped_is_still_a_possible_duplicate(site, desk):
    register(desk, site)
    with pytest.raises(Refused) as refused:
        register(desk, site, birth_date=date(1984, 7, 6))
    assert refused.value.code == "possible_duplicate"


def test_a_duplicate_at_a_site_one_cannot_see_is_never_shown_and_opens_a_task(site, desk):
    elsewhere = clinic.site()
    other = patient(elsewhere, given_name="Tobias", family_name="Quillfeather", birth_date=date(1984, 6, 7))
    made = register(desk, site)
    task = PossibleDuplicate.objects.get()
    assert (task.patient, task.other) == (made, other)
    assert not people.open_duplicates(desk).exists()
    both = clinic.actor(roles=[Role.SUPERVISOR], sites=[site, elsewhere])
    assert list(people.open_duplicates(both)) == [task]
    entry = AuditEntry.objects.filter(action="patient.register").latest("id")
    assert entry.patient_ids == [made.public_id]


def test_the_word_on_a_duplicate_links_the_newer_record_and_can_be_taken_back(site):
    both = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    older = patient(site, by=both, given_name="Ana", family_name="Lopez", birth_date=date(1990, 1, 2))
    newer = patient(site, by=both, given_name="Ana", family_name="Lopez", birth_date=date(1990, 1, 2))
    task = PossibleDuplicate.objects.get()
    duplicates.decide_duplicate(duplicate=task, decision="same", by=both, now=NOW)
    newer.refresh_from_db()
    assert newer.merged_into == older
    duplicates.decide_duplicate(duplicate=task, decision="different", by=both, now=NOW)
    newer.refresh_from_db()
    assert newer.merged_into is None and newer.merged_at is None


def test_the_front_desk_does_not_decide_on_duplicates(site, desk):
    older = register(desk, site)
    register(desk, site, confirm_not_duplicate=True)
    with pytest.raises(Refused) as refused:
        duplicates.decide_duplicate(duplicate=PossibleDuplicate.objects.get(), decision="same", by=desk, now=NOW)
    assert refused.value.status == 403
    older.refresh_from_db()
    assert older.merged_into is None


def test_nobody_registers_at_a_site_they_do_not_work_at(desk):
    with pytest.raises(Refused) as refused:
        register(desk, clinic.site())
    assert refused.value.status == 404


def test_a_correction_keeps_the_record_and_makes_the_new_name_findable(site, desk):
    made = register(desk, site)
    fixed = patients.correct(
        patient=made, expected_version=made.version, details=details(made, family_name="Quillwright"), by=desk, now=NOW
    )
    assert fixed.version == made.version + 1
    assert people.find(desk, "quillwright") == [made]
    assert people.find(desk, "quillfeather") == []
    assert AuditEntry.objects.get(action="patient.correct").details == {"fields": ["family_name"]}


def test_a_correction_of_a_record_somebody_else_changed_is_stale(site, desk):
    made = register(desk, site)
    patients.correct(patient=made, expected_version=1, details=details(made, gender="woman"), by=desk, now=NOW)
    with pytest.raises(Refused) as refused:
        patients.correct(patient=made, expected_version=1, details=details(made, gender="man"), by=desk, now=NOW)
    assert refused.value.status == 412


def test_a_foreign_person_is_not_found_by_any_verb(desk):
    foreign = patient()
    for verb in (
        lambda: people.get(desk, foreign.public_id),
        lambda: people.detail(desk, foreign.public_id),
        lambda: patients.correct(patient=foreign, expected_version=1, details=details(foreign), by=desk, now=NOW),
        lambda: contacts.add(patient=foreign, point=phone(), by=desk, now=NOW),
        lambda: patients.add_site(patient=foreign, site=desk.sites.get(), by=desk, now=NOW),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.status == 404


def test_a_second_site_sees_the_person_from_then_on(site, desk):
    made, elsewhere = register(desk, site), clinic.site()
    other = clinic.actor(roles=[Role.NURSE], sites=[elsewhere])
    assert not Patient.objects.visible_to(other).exists()
    stay = patients.add_site(patient=made, site=elsewhere, by=desk, now=NOW)
    assert patients.add_site(patient=made, site=elsewhere, by=desk, now=NOW + timedelta(days=1)) == stay
    assert people.get(other, made.public_id) == made


@pytest.mark.parametrize(
    "line",
    [
        "quill", "QUILLFEATHER", "tob qui", "quillfeather, tobias", "Toby", "1984-06-07", "6/7/1984", "7/6/1984",
        "7.6.1984", "7 June 1984", "June 7, 1984", "7 de junio de 1984", "quill 1984", "tobias 07.06.1984",
        "4155552671", "(415) 555-2671", "+1 415 555 2671", "2671", "415-555",
    ],
)  # fmt: skip
def test_a_person_is_found_by(line, site, desk):
    made = register(desk, site, preferred_name="Toby", contact_points=[phone("+14155552671")])
    patient(site, by=desk)
    assert people.find(desk, line) == [made]


def test_a_person_is_found_by_their_record_number_however_it_is_typed(site, desk):
    made = register(desk, site)
    bare = made.record_number[3:].lstrip("0")
    for line in (made.record_number, made.record_number.lower(), f"sw {bare}", f"SW{made.record_number[3:]}"):
        assert people.find(desk, line) == [made]


@pytest.mark.parametrize("line", ["", " ", "q", "7", "\x00quill", "q" * 500, "feather", "2671 nobody", "31/31/1984x"])
def test_a_line_that_says_too_little_or_something_else_finds_nobody(line, site, desk):
    register(desk, site, contact_points=[phone("+14155552671")])
    assert people.find(desk, line) == []


def test_finding_stops_at_the_sites_one_works_at(site, desk):
    register(desk, site)
    assert people.find(clinic.actor(roles=[Role.SUPERVISOR]), "quill") == []


def test_a_retired_number_finds_nobody_any_more(site, desk):
    made = register(desk, site, contact_points=[phone("+14155552671")])
    point = made.contact_points.get()
    contacts.retire(contact_point=point, expected_version=point.version, by=desk, now=NOW)
    assert people.find(desk, "4155552671") == []
    assert not SearchToken.objects.filter(kind="phone").exists()


@pytest.mark.parametrize("number", [3, 20])
def test_a_page_of_people_costs_the_same_however_many_they_are(number, site, desk, django_assert_num_queries):
    for _ in range(number):
        patient(site, by=desk, contact_points=[])
    with django_assert_num_queries(1):
        assert len(people.listed(desk)[:50]) == number


def test_the_detail_of_a_person_costs_the_same_however_much_is_known(site, desk, django_assert_num_queries):
    made = register(desk, site, contact_points=[phone(), email(), email("two@example.org")])
    with django_assert_num_queries(3):
        seen = people.detail(desk, made.public_id)
        assert len(seen.current_points) == 3 and len(seen.current_stays) == 1
    assert replace(details(seen)) == details(made)
