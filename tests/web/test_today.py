"""Today: what is owed, in its order, worked without leaving the page."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.actions.heartbeats import beat
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, AuditEntry, Site, StaffMember
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions import findings
from pathways.models import CallResult, EvidenceReview, FollowUp
from pathways.web.lines import line_id
from patients.models import Assessment, SafetyFlag
from tests.factories import clinic as make
from tests.factories import course, pathways, patients
from tests.factories.replies import OTHER_PHONE, wrote

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def site() -> Site:
    return make.site(name="Riverbend")


@pytest.fixture
def nurse(site: Site) -> StaffMember:
    return make.staff(roles=[Role.NURSE], sites=[site], name="Ada Samplewright")


@pytest.fixture
def browser(client: Client, nurse: StaffMember) -> Client:
    return make.sign_in(client, nurse)


def _enroll(site: Site, days: int = 3) -> FollowUp:
    """Somebody who began some days ago; returns the nurse's first daily contact, which is late by now."""
    began = clock.now() - timedelta(days=days)
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    patient = patients.patient(site, by=by, now=began, contact_points=[patients.phone()])
    enrolled = pathways.enrolled(patient, by=by, site=site, now=began)
    return enrolled.follow_ups.get(rule_key="stabilization-daily-contact", occurrence=1)


def _flag(site: Site, by: Actor) -> SafetyFlag:
    patient = patients.patient(site, by=by, now=clock.now() - timedelta(days=1))
    answers = {**patients.phq9(0, 0, 0, 0, 0, 0, 0, 0, 2)}
    patients.assessment(patient, "phq9", answers, by=by, at=clock.now() - timedelta(minutes=9))
    return SafetyFlag.objects.get(patient=patient, alert_key="phq9_suicide")


def _htmx(target: str = "") -> dict[str, str]:
    return HTMX | ({"HX-Target": target} if target else {})


def test_an_empty_day_says_what_will_appear_here(browser: Client) -> None:
    page = browser.get("/").content.decode()
    assert "No safety flag is open." in page
    assert "Nothing is due today." in page
    assert "0 things are owed by you." in page


def test_safety_stands_first_and_a_late_call_below_it(browser: Client, site: Site) -> None:
    row = _enroll(site)
    flag = _flag(site, make.actor(roles=[Role.CLINICIAN], sites=[site]))
    page = browser.get("/").content.decode()
    assert page.index(f"l{flag.public_id.hex}") < page.index(f"l{row.public_id.hex}")
    assert "Thoughts of being better off dead or of self-harm" in page
    assert "9 min ago" in page
    assert row.patient.display_name in page


def test_words_of_danger_stand_above_a_flag_until_somebody_has_seen_to_them(browser: Client, site: Site) -> None:
    flag = _flag(site, make.actor(roles=[Role.CLINICIAN], sites=[site]))
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    patients.patient(site, by=by, now=clock.now() - timedelta(days=1), contact_points=[patients.phone(OTHER_PHONE)])
    row = wrote("STOP I want to die", address=OTHER_PHONE, now=clock.now() - timedelta(minutes=3))
    page = browser.get("/", {"kind": "call"}).content.decode()
    assert page.index(f"l{row.public_id.hex}") < page.index(f"l{flag.public_id.hex}")
    assert "Words of danger in it: call them now." in page
    answer = {"handling": "called", "version": row.version}
    assert browser.post(reverse("reply_handle", args=[row.public_id]), answer).status_code == 303
    assert row.public_id.hex not in browser.get("/").content.decode()


def test_the_page_costs_as_much_with_fifty_lines_as_with_five(browser: Client, site: Site) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get("/?scope=site&all=late").status_code == 200
        return len(queries)

    for _ in range(2):
        _enroll(site)
    browser.get("/")
    few = cost()
    for _ in range(14):
        _enroll(site)
    assert browser.get("/?scope=site").context["number"] >= 50
    assert cost() == few


def test_whose_list_is_told_apart(browser: Client, site: Site, nurse: StaffMember) -> None:
    _enroll(site)
    mine, everybody = browser.get("/"), browser.get("/?scope=site")
    assert mine.context["number"] < everybody.context["number"]
    assert mine.context["numbers"] == everybody.context["numbers"]


def test_whoever_was_shown_is_in_the_record(browser: Client, site: Site) -> None:
    row = _enroll(site)
    browser.get("/")
    entry = AuditEntry.objects.filter(action="read.today").get()
    assert entry.patient_ids == [row.patient.public_id]


def test_a_list_that_has_not_changed_is_not_sent_again(browser: Client, site: Site) -> None:
    _enroll(site)
    digest = browser.get("/").context["digest"]
    same = browser.get(f"/?seen={digest}", headers=_htmx("today"))
    assert same["HX-Reswap"] == "none"
    assert "hx-swap-oob" in same.content.decode()
    assert AuditEntry.objects.filter(action="read.today").count() == 1
    _enroll(site)
    changed = browser.get(f"/?seen={digest}", headers=_htmx("today"))
    assert "HX-Reswap" not in changed
    assert changed.content.decode().strip().startswith('<div id="today"')


def test_a_note_that_is_too_long_is_told_beside_the_note_and_kept(browser: Client, site: Site) -> None:
    row = _enroll(site)
    address = reverse("call", args=[row.public_id])
    note = "x" * 301
    answer = browser.post(f"{address}?version={row.version}", {"outcome": "reached", "note": note}, headers=_htmx())
    told = answer.content.decode()
    assert answer.status_code == 422
    assert (
        told.index(">Note (optional)<") < told.index("300") < told.index(f'value="{note}"') < told.index(">Try again<")
    )
    assert 'maxlength="300"' in told
    assert f'<p class="bad" id="{line_id(row)}-note-error"' in told


def test_the_result_of_a_call_unfolds_in_its_line_and_is_saved_there(browser: Client, site: Site) -> None:
    row = _enroll(site)
    address = reverse("call", args=[row.public_id])
    unfolded = browser.get(address, headers=_htmx()).content.decode()
    assert "What happened?" in unfolded
    assert "Call +14155550132" in unfolded
    saved = browser.post(f"{address}?version={row.version}", {"outcome": "reached", "note": "fine"}, headers=_htmx())
    assert "Saved." in saved.content.decode()
    row.refresh_from_db()
    assert (row.outcome, row.outcome_note) == ("reached", "fine")


def test_hours_that_have_come_apart_from_the_sites_name_no_time_to_call(browser: Client, site: Site) -> None:
    row = _enroll(site)
    with allow_direct_writes():
        row.patient.contact_points.update(opens=time(20), closes=time(22))
    unfolded = browser.get(reverse("call", args=[row.public_id]), headers=_htmx()).content.decode()
    assert "+14155550132. The hours they asked for and the contact hours of the site never meet" in unfolded
    assert "from 20:00" not in unfolded


def test_undo_brings_the_line_back(browser: Client, site: Site) -> None:
    row = _enroll(site)
    browser.post(reverse("call", args=[row.public_id]), {"outcome": "reached"}, headers=_htmx())
    call = CallResult.objects.get(follow_up=row)
    answer = browser.post(reverse("call_undo", args=[call.public_id]), headers=_htmx()).content.decode()
    assert f'id="l{row.public_id.hex}"' in answer
    row.refresh_from_db()
    assert row.outcome == ""


def test_a_call_without_a_result_keeps_what_was_typed(browser: Client, site: Site) -> None:
    row = _enroll(site)
    answer = browser.post(reverse("call", args=[row.public_id]), {"note": "rang out"}, headers=_htmx())
    assert answer.status_code == 422
    assert "Choose what happened." in answer.content.decode()
    assert 'value="rang out"' in answer.content.decode()


def test_a_call_recorded_by_another_meanwhile_is_refused_with_what_was_typed(browser: Client, site: Site) -> None:
    row = _enroll(site)
    browser.post(reverse("call", args=[row.public_id]), {"outcome": "no_answer"})
    stale = f"{reverse('call', args=[row.public_id])}?version={row.version}"
    answer = browser.post(stale, {"outcome": "reached", "note": "spoke"})
    assert answer.status_code == 412
    assert 'value="spoke"' in answer.content.decode()
    row.refresh_from_db()
    assert row.outcome == ""


def test_a_call_works_without_script_too(browser: Client, site: Site) -> None:
    row = _enroll(site)
    page = browser.get(reverse("call", args=[row.public_id]))
    assert "<html" in page.content.decode()
    done = browser.post(reverse("call", args=[row.public_id]), {"outcome": "reached"}, follow=True)
    assert "Undo" in done.content.decode()
    assert done.redirect_chain[0] == (reverse("follow_up", args=[row.public_id]), 303)


def test_the_next_try_is_a_wall_time_of_the_person(browser: Client, site: Site) -> None:
    row = _enroll(site)
    local = (clock.now() + timedelta(days=2)).astimezone(row.patient.zone).replace(hour=12, minute=0)
    typed = {"outcome": "no_answer", "again": f"{local:%Y-%m-%dT%H:%M}"}
    browser.post(reverse("call", args=[row.public_id]), typed)
    row.refresh_from_db()
    assert row.act_at == local.replace(second=0, microsecond=0).astimezone(UTC)


def test_a_flag_is_taken_and_then_reviewed_in_its_line(browser: Client, site: Site, nurse: StaffMember) -> None:
    flag = _flag(site, make.actor(roles=[Role.CLINICIAN], sites=[site]))
    taken = browser.post(f"{reverse('today_flag_take', args=[flag.public_id])}?version={flag.version}", headers=_htmx())
    assert "Record review" in taken.content.decode()
    flag.refresh_from_db()
    assert flag.taken_by == nurse.actor
    address = reverse("today_flag_review", args=[flag.public_id])
    assert "What was done" in browser.get(address, headers=_htmx()).content.decode()
    empty = browser.post(address, {"action_taken": ""}, headers=_htmx())
    assert empty.status_code == 422
    closed = browser.post(address, {"action_taken": "Spoke with her; safety plan made."}, headers=_htmx())
    assert "Saved." in closed.content.decode()
    flag.refresh_from_db()
    assert flag.closed_by == nurse.actor


def test_a_flag_taken_by_another_meanwhile_is_not_taken_unseen(browser: Client, site: Site) -> None:
    flag = _flag(site, make.actor(roles=[Role.CLINICIAN], sites=[site]))
    address = f"{reverse('today_flag_take', args=[flag.public_id])}?version={flag.version}"
    browser.post(address)
    assert browser.post(address).status_code == 412


def test_the_front_desk_learns_that_there_is_a_flag_and_not_what_it_says(client: Client, site: Site) -> None:
    _flag(site, make.actor(roles=[Role.CLINICIAN], sites=[site]))
    page = make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site])).get("/").content.decode()
    assert "A safety flag is open" in page
    assert "self-harm" not in page


def test_a_move_whose_evidence_was_withdrawn_is_looked_at_again_in_its_line(client: Client, site: Site) -> None:
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    enrolled = pathways.enrolled(patients.patient(site, by=by), by=by, site=site)
    course.to_therapy(enrolled, by)
    phq9 = Assessment.objects.get(patient=enrolled.patient, instrument="phq9")
    findings.retract_assessment(assessment=phq9, reason="Another person's form.", by=by, now=course.LATER)
    review = EvidenceReview.objects.get()
    browser = make.sign_in(client, make.staff(roles=[Role.CLINICIAN], sites=[site]))
    assert "A move rests on a withdrawn record" in browser.get("/").content.decode()
    address = reverse("today_evidence_review", args=[review.public_id])
    assert "What follows from it" in browser.get(address, headers=_htmx()).content.decode()
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"finding": " "}, headers=_htmx()).status_code == 422
    saved = browser.post(address, {"finding": "The second PHQ-9 says the same."}, headers=_htmx())
    assert "Saved." in saved.content.decode()
    assert "withdrawn record" not in browser.get("/").content.decode()
    assert browser.post(address, {"finding": "Once more."}).status_code == 409


def test_those_without_patients_are_led_to_their_own_page(client: Client) -> None:
    administrator = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])
    assert make.sign_in(client, administrator).get("/")["Location"] == reverse("staff")


def test_a_foreign_follow_up_looks_like_none(browser: Client) -> None:
    row = _enroll(make.site())
    for name in ("follow_up", "call", "follow_up_reschedule", "follow_up_close", "follow_up_assign", "follow_up_done"):
        assert browser.get(reverse(name, args=[row.public_id])).status_code == 404


def test_another_day_is_a_page_that_keeps_what_was_typed(browser: Client, site: Site) -> None:
    row = _enroll(site)
    address = reverse("follow_up_reschedule", args=[row.public_id])
    assert browser.get(address).status_code == 200
    past = browser.post(address, {"on": "2020-01-02", "at": "10:00", "version": row.version})
    assert past.status_code == 422
    assert 'value="2020"' in past.content.decode()
    later = (clock.now() + timedelta(days=5)).date()
    moved = browser.post(address, {"on": later.isoformat(), "at": "11:30", "version": row.version})
    assert moved.status_code == 303
    row.refresh_from_db()
    assert (row.due_on, f"{row.due_time:%H:%M}", row.by_hand) == (later, "11:30", True)


def test_it_is_given_to_somebody_of_the_site(browser: Client, site: Site) -> None:
    row, other = _enroll(site), make.actor(roles=[Role.PEER_SUPPORTER], sites=[site])
    address = reverse("follow_up_assign", args=[row.public_id])
    assert other.name in browser.get(address).content.decode()
    assert browser.post(address, {"owner": str(other.public_id), "version": row.version}).status_code == 303
    row.refresh_from_db()
    assert row.owner == other


def test_an_end_that_needs_a_reason_says_so(browser: Client, site: Site) -> None:
    row = _enroll(site)
    address = reverse("follow_up_close", args=[row.public_id])
    refused = browser.post(address, {"outcome": "unreachable", "version": row.version})
    assert refused.status_code == 422
    given = {"outcome": "unreachable", "note": "Number out of service.", "version": row.version}
    assert browser.post(address, given).status_code == 303
    assert browser.get(reverse("follow_up", args=[row.public_id])).status_code == 200


def test_a_clock_that_stands_still_is_said(browser: Client) -> None:
    assert "stands still" in browser.get("/").content.decode()
    beat(part="beat", by=make.job(), now=clock.real_now())
    assert "stands still" not in browser.get("/").content.decode()
    beat(part="beat", by=make.job(), now=clock.real_now() - timedelta(seconds=61))
    assert "stands still" in browser.get("/").content.decode()


def test_the_day_is_that_of_the_site(browser: Client, site: Site) -> None:
    local = datetime.now(UTC).astimezone(site.zone)
    assert f"{local.day} " in browser.get("/").content.decode()


def test_no_filter_and_no_view_takes_safety_off_the_page(browser: Client, site: Site) -> None:
    row, flag = _enroll(site), _flag(site, make.actor(roles=[Role.CLINICIAN], sites=[site]))
    browser.post(
        reverse("views"), {"page": "today", "name": "Visits", "scope": "site", "kind": "visit", "default": "on"}
    )
    answer = browser.get("/")
    page = answer.content.decode()
    assert answer.context["wanted"].kind == "visit"
    assert f"l{flag.public_id.hex}" in page and f"l{row.public_id.hex}" not in page
    assert "stays at the top, whatever is chosen" in page
    assert "Nothing here fits the filter." in page
    assert answer.context["number"] == 0


def test_a_result_for_a_contact_that_ended_meanwhile_is_one_sentence_and_keeps_what_was_typed(
    browser: Client, site: Site
) -> None:
    row = _enroll(site)
    address = f"{reverse('call', args=[row.public_id])}?version={row.version}"
    browser.post(address, {"outcome": "reached", "note": "in the other tab"}, headers=_htmx())
    stale = browser.post(address, {"outcome": "no_answer", "note": "in this one"}, headers=_htmx())
    assert (stale.status_code, stale["HX-Retarget"], stale["HX-Reswap"]) == (412, "#notices", "innerHTML")
    assert say(sentence("refused.stale")) in stale.content.decode()
    assert "<html" not in stale.content.decode()
    row.refresh_from_db()
    assert row.outcome_note == "in the other tab"
