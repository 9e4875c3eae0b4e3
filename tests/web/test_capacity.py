"""The pages of places: what is counted, the line with its actions in place, the census, another level of care."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Actor, AuditEntry, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import waits
from pathways.actions.capacity import set_capacity
from pathways.models import Capacity, Enrollment, LevelTransfer, PlaceOffer, WaitlistEntry
from pathways.rules.levels import Level
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + 3 * DAY


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.clock.now", lambda: LATER)


@pytest.fixture
def member(site: Site) -> StaffMember:
    return clinic.staff(roles=[Role.SUPERVISOR], sites=[site])


@pytest.fixture
def by(member: StaffMember) -> Actor:
    return member.actor


@pytest.fixture(autouse=True)
def the_program() -> None:
    pathways.program(now=NOW - DAY)


def places(site: Site, number: int, by: Actor, **given: Any) -> Capacity:
    told = {"by": by, "now": NOW, "site_id": site.public_id, "program_key": pathways.KRATOM, "number": number}
    return set_capacity(**told | given)


def waiting(site: Site, by: Actor, **given: Any) -> WaitlistEntry:
    told = {"by": by, "now": NOW, "patient_id": patients.patient(site).public_id, "program_key": pathways.KRATOM}
    return waits.put_on_waitlist(**told | given)


def offered(row: WaitlistEntry, by: Actor) -> PlaceOffer:
    return waits.offer_place(by=by, now=LATER, wait_id=row.public_id, expires_at=LATER + DAY)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def at(name: str, row: Any) -> str:
    return reverse(name, args=[row.public_id])


def day(on: date, name: str) -> dict[str, int]:
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def test_why_they_wait_is_told_in_words_to_who_reads_assessments(browser: Client, site: Site, by: Actor) -> None:
    waiting(site, by, note="Works nights")
    assert "Works nights" in words(browser.get("/places/"))


def test_the_page_counts_places_and_tells_who_waits_in_order(browser: Client, site: Site, by: Actor) -> None:
    places(site, 2, by)
    pathways.enrolled(site=site, by=by)
    first = waiting(site, by, note="Asked by phone")
    urgent = waiting(site, by, priority=waits.WaitPriority.URGENT)
    answer = browser.get("/places/")
    said = words(answer)
    assert "2 people wait" in said and "Asked by phone" in said and "3 days" in said
    names = [each.enrollment.patient.display_name for each in (urgent, first)]
    assert said.index(names[0]) < said.index(names[1])
    seen = AuditEntry.objects.get(action="read.places").patient_ids
    assert set(seen) == {urgent.enrollment.patient.public_id, first.enrollment.patient.public_id}


def test_a_number_is_set_in_place(browser: Client, site: Site) -> None:
    assert b'class="sw-form cform"' in browser.get("/places/?set=new").content
    typed = {"program": pathways.KRATOM, "level": "L3", "kind": "bed", "number": "4", **day(LATER.date(), "starts_on")}
    assert browser.post("/places/capacity?set=new", typed).status_code == 303
    row = Capacity.objects.get()
    assert (row.number, row.level, row.kind) == (4, "L3", "bed")
    assert 'value="4"' in browser.get(f"/places/?set={row.public_id}").content.decode()
    wrong = browser.post(f"/places/capacity?set={row.public_id}", typed | day(date(2026, 1, 1), "starts_on"))
    assert wrong.status_code == 422 and "began on" in words(wrong)


def test_a_place_is_offered_and_held(browser: Client, site: Site, by: Actor) -> None:
    row = waiting(site, by)
    assert b'class="sw-form cform"' in browser.get(f"/places/?offer={row.public_id}").content
    typed = {"version": "1", "until_time": "12:00", **day(LATER.date() + DAY, "until_on")}
    assert browser.post(at("wait_offer", row), typed).status_code == 303
    assert "held until" in words(browser.get("/places/"))
    assert browser.post(at("wait_offer", row), typed).status_code == 412


def test_where_nothing_is_free_the_form_asks_why(browser: Client, site: Site, by: Actor) -> None:
    places(site, 0, by)
    row = waiting(site, by)
    typed = {"version": "1", "until_time": "12:00", **day(LATER.date() + DAY, "until_on")}
    full = browser.post(at("wait_offer", row), typed)
    assert full.status_code == 409 and "Nothing is free" in words(full)
    assert browser.post(at("wait_offer", row), typed | {"despite_full": "Pregnant"}).status_code == 303


def test_a_place_taken_admits_the_person(browser: Client, site: Site, by: Actor) -> None:
    row = waiting(site, by)
    answer = browser.post(at("offer_accept", offered(row, by)))
    assert answer.status_code == 303
    assert Enrollment.objects.get().status == "active"


def test_a_gate_that_is_not_met_leads_to_the_page_of_the_admission(browser: Client, site: Site, by: Actor) -> None:
    document = pathways.document()
    asked = {
        "key": "agreed",
        "kind": "attestation",
        "attestation": "agreed",
        "statement": "Agreed with the family",
        "roles": ["supervisor"],
        "source": "local default",
    }
    document["phases"][0]["entry"] = {"title": "Gate in", "criteria": [asked]}
    for rule in document["transitions"]:
        if rule["kind"] == "admit":
            rule["gate"] = ["entry"]
    pathways.program(changed={name: document[name] for name in ("phases", "transitions")}, now=NOW)
    row = waiting(site, by)
    answer = browser.post(at("offer_accept", offered(row, by)))
    assert answer.status_code == 409
    assert f"/enrollments/{row.enrollment.public_id}/move/?way=admit" in answer.content.decode()
    assert PlaceOffer.objects.get().answer == ""


def test_a_place_is_declined_or_taken_back_and_told_in_the_line(browser: Client, site: Site, by: Actor) -> None:
    row = waiting(site, by)
    first = offered(row, by)
    assert b'class="sw-form cform"' in browser.get(f"/places/?decline={first.public_id}").content
    assert browser.post(at("offer_decline", first), {"reason": "cost", "note": ""}).status_code == 303
    second = offered(WaitlistEntry.objects.get(), by)
    assert browser.post(at("offer_take_back", second)).status_code == 303
    said = words(browser.get("/places/"))
    assert "declined, 19 Jun: Cost" in said and "taken back, 19 Jun" in said


def test_urgency_is_changed_and_a_wait_ended_in_place(browser: Client, site: Site, by: Actor) -> None:
    row = waiting(site, by)
    for name in ("change", "withdraw"):
        assert b'class="sw-form cform"' in browser.get(f"/places/?{name}={row.public_id}").content
    typed = {"priority": "soon", "reason": "transport", "note": "", "version": "1"}
    assert browser.post(at("wait_change", row), typed).status_code == 303
    ended = browser.post(at("wait_withdraw", row), {"reason": "did_not_start", "note": "", "version": "2"})
    assert ended.status_code == 303
    assert Enrollment.objects.get().status == "left"


def test_somebody_is_put_in_line_from_their_chart(browser: Client, site: Site) -> None:
    person = patients.patient(site)
    address = at("wait_put", person)
    assert address in browser.get(at("chart", person)).content.decode()
    typed = {"program": pathways.KRATOM, "site": str(site.public_id), "level": "L2", "kind": "place",
             "priority": "urgent", "reason": "coverage", "note": ""}  # fmt: skip
    assert browser.get(address).status_code == 200
    assert browser.post(address, typed).status_code == 303
    row = WaitlistEntry.objects.get()
    assert (row.priority, row.level, row.reason) == ("urgent", "L2", "coverage")
    assert browser.post(address, typed).status_code == 409


def test_the_census_shows_a_month_as_a_table_and_a_line(browser: Client, site: Site, by: Actor) -> None:
    places(site, 4, by)
    pathways.enrolled(site=site, by=by)
    answer = browser.get("/places/census/")
    said = words(answer)
    assert b'class="cline"' in answer.content and "Fri 19 Jun" in said and "25.0 %" in said
    assert browser.get(f"/places/census/?program={pathways.KRATOM}&month=2026-05").status_code == 200
    assert "has not begun" in words(browser.get("/places/census/?month=2027-01"))
    assert browser.get("/places/census/?month=June").status_code == 422


def test_the_level_is_changed_and_told_on_the_timeline(browser: Client, site: Site, by: Actor) -> None:
    row = pathways.enrolled(site=site, by=by)
    address = at("level_transfer", row)
    assert "no level yet" in words(browser.get(address))
    typed = {"to_level": "L2", "reason": "step_up", "note": "More hours"}
    assert browser.post(address, typed).status_code == 303
    assert LevelTransfer.objects.get().to_level == "L2"
    timeline = words(browser.get(f"{at('chart', row.patient)}?tab=timeline"))
    assert "Level of care: " in timeline and "Step up, agreed" in timeline
    assert address in browser.get(f"{at('chart', row.patient)}?tab=level").content.decode()
    assert browser.post(address, typed).status_code == 422


def test_the_front_desk_reads_the_line_and_finds_nothing_to_do(client: Client, site: Site, by: Actor) -> None:
    row = waiting(site, by, note="CANARY drank again")
    desk = clinic.sign_in(client, clinic.staff(roles=[Role.FRONT_DESK], sites=[site]))
    page = desk.get(f"/places/?offer={row.public_id}").content.decode()
    assert row.enrollment.patient.display_name in page
    assert "cform" not in page and "No longer waits" not in page and "CANARY" not in page
    assert desk.post(at("wait_offer", row), {}).status_code == 403
    assert desk.get("/places/census/").status_code == 200


def test_a_foreign_wait_is_not_found(client: Client, site: Site, by: Actor) -> None:
    row = waiting(site, by)
    stranger = clinic.sign_in(client, clinic.staff(roles=[Role.SUPERVISOR]))
    assert row.enrollment.patient.display_name not in stranger.get("/places/").content.decode()
    assert stranger.get(f"/places/?offer={row.public_id}").status_code == 404
    assert stranger.post(at("wait_change", row), {}).status_code == 404
    assert stranger.get(at("level_transfer", pathways.enrolled(site=site, by=by))).status_code == 404


def test_many_who_wait_ask_the_database_as_much_as_one(browser: Client, site: Site, by: Actor) -> None:
    places(site, 50, by)
    places(site, 5, by, level=Level.L3)

    def asked() -> int:
        browser.get("/places/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/places/").status_code == 200
        return len(queries)

    offered(waiting(site, by), by)
    one = asked()
    for number in range(4):
        row = waiting(site, by, level=Level.L3 if number % 2 else None)
        offered(row, by)
    assert asked() == one


def test_who_enrolls_somebody_reads_what_is_free_before_choosing(browser: Client, site: Site, by: Actor) -> None:
    places(site, 2, by)
    address = reverse("enroll", args=[patients.patient(site, by=by).public_id])
    assert "2 of 2 places free" in browser.get(address).content.decode()
    places(site, 0, by)
    assert "Nothing is free: 0 places, 0 taken, 0 held by offers." in browser.get(address).content.decode()


def test_the_census_opens_with_the_program_most_people_are_in(browser: Client, site: Site, by: Actor) -> None:
    pathways.program(changed={"program": pathways.document()["program"] | {"key": "aaa", "title": "A first by name"}})
    pathways.enrolled(site=site, by=by, now=NOW)
    page = browser.get(reverse("census")).content.decode()
    assert f'<option value="{pathways.KRATOM}" selected>' in page


def test_a_page_below_an_entry_of_the_navigation_marks_it(browser: Client) -> None:
    page = browser.get(reverse("census")).content.decode()
    assert 'data-go="places" aria-current="true"' in page and 'aria-current="page"' not in page
    assert 'data-go="places" aria-current="page"' in browser.get(reverse("places")).content.decode()
