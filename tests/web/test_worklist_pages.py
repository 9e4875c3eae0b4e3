"""Whose list, narrowed to what, kept under which name, given to whom, and covered by whom: the pages around Today."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions import follow_ups
from pathways.models import Absence, FollowUp, SavedView
from tests.factories import clinic as make
from tests.factories import pathways, patients

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HTMX = {"HX-Request": "true", "HX-Target": "today"}


@pytest.fixture
def site() -> Site:
    return make.site(name="Riverbend")


@pytest.fixture
def ada(site: Site) -> StaffMember:
    return make.staff(roles=[Role.NURSE], sites=[site], name="Ada Samplewright")


@pytest.fixture
def morgan(site: Site) -> StaffMember:
    return make.staff(roles=[Role.PEER_SUPPORTER], sites=[site], name="Morgan Plaice")


@pytest.fixture
def browser(client: Client, ada: StaffMember) -> Client:
    return make.sign_in(client, ada)


def enroll(site: Site, days: int = 3) -> FollowUp:
    """Somebody who began some days ago; returns their first daily contact, which is late by now."""
    began = clock.now() - days * DAY
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    person = patients.patient(site, by=by, now=began, contact_points=[patients.phone()])
    enrolled = pathways.enrolled(person, by=by, site=site, now=began)
    return enrolled.follow_ups.get(rule_key="stabilization-daily-contact", occurrence=1)


def given_to(row: FollowUp, owner: Actor) -> FollowUp:
    return follow_ups.assign(by=owner, now=clock.now(), follow_up_id=row.public_id, owner_id=owner.public_id)


def page(browser: Client, address: str = "/") -> str:
    return browser.get(address).content.decode()


def element(row: FollowUp) -> str:
    return f'id="l{row.public_id.hex}"'


def test_a_filter_leaves_what_fits_and_says_what_it_is(browser: Client, site: Site) -> None:
    row = enroll(site)
    fits = page(browser, "/?scope=site&kind=message")
    assert element(row) in fits and "Kind of work: Message" in fits
    assert element(row) not in page(browser, "/?scope=site&kind=visit")
    assert element(row) in page(
        browser, f"/?scope=site&program=kratom-outpatient&phase={row.enrollment.current_phase.key}"
    )
    assert element(row) not in page(browser, "/?scope=site&phase=aftercare")
    assert element(row) not in page(browser, "/?scope=site&risk=return_to_use")


def test_one_persons_list_is_asked_for_by_their_public_id(browser: Client, site: Site, morgan: StaffMember) -> None:
    supervisor = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    row, other = enroll(site), enroll(site)
    follow_ups.assign(by=supervisor, now=clock.now(), follow_up_id=row.public_id, owner_id=morgan.actor.public_id)
    told = page(browser, f"/?owner={morgan.actor.public_id}")
    assert element(row) in told and element(other) not in told
    assert element(other) in page(browser, "/?owner=nobody")


def test_what_the_page_does_not_know_narrows_nothing(browser: Client, site: Site) -> None:
    row = enroll(site)
    assert element(row) in page(browser, "/?scope=site&kind=song&owner=Ada&phase=../x")


def test_a_view_is_kept_opened_by_its_id_and_made_the_default(browser: Client, site: Site) -> None:
    row = enroll(site)
    given = {"page": "today", "name": "Visits here", "scope": "site", "kind": "visit", "default": "on"}
    answer = browser.post(reverse("views"), given)
    view = SavedView.objects.get()
    assert answer["Location"] == f"/?view={view.public_id}"
    assert element(row) not in page(browser, f"/?view={view.public_id}")
    opened = page(browser)
    assert "Kind of work: Visit" in opened and element(row) not in opened
    assert element(row) in page(browser, "/?scope=site")
    assert browser.get("/?view=all").context["told"] == []


def test_a_view_gets_another_name_and_is_deleted(browser: Client) -> None:
    browser.post(reverse("views"), {"page": "today", "name": "Calls", "kind": "call"})
    view = SavedView.objects.get()
    address = reverse("view", args=[view.public_id])
    assert 'value="Calls"' in page(browser, address)
    assert browser.post(address, {"name": "", "version": view.version}).status_code == 422
    assert browser.post(address, {"name": "My calls", "shared": "on", "version": view.version}).status_code == 303
    view.refresh_from_db()
    assert (view.name, view.shared) == ("My calls", True)
    assert browser.post(reverse("view_delete", args=[view.public_id])).status_code == 303
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "Calls", "C" * 61])
def test_a_name_that_will_not_do_is_asked_for_again_with_what_was_chosen(browser: Client, name: str) -> None:
    browser.post(reverse("views"), {"page": "today", "name": "Calls", "kind": "call"})
    answer = browser.post(reverse("views"), {"page": "today", "name": name, "kind": "visit", "shared": "on"})
    asked = answer.content.decode()
    assert answer.status_code == 422
    assert '<input type="hidden" name="kind" value="visit">' in asked and 'href="/?kind=visit"' in asked
    assert answer.context["form"]["name"].value() == name and answer.context["form"].errors.keys() == {"name"}
    assert SavedView.objects.count() == 1


def test_a_view_without_a_filter_is_not_kept(browser: Client) -> None:
    assert browser.post(reverse("views"), {"page": "today", "name": "Nothing"}).status_code == 303
    assert browser.post(reverse("views"), {"page": "chart", "name": "x", "kind": "call"}).status_code == 404
    assert not SavedView.objects.exists()


def test_somebody_elses_shared_view_is_opened_and_not_changed(browser: Client, morgan: StaffMember, site: Site) -> None:
    theirs = make.sign_in(Client(), morgan)
    theirs.post(reverse("views"), {"page": "today", "name": "For all", "kind": "call", "shared": "on"})
    view = SavedView.objects.get()
    assert "For all" in page(browser, f"/?view={view.public_id}")
    assert browser.get(reverse("view", args=[view.public_id])).status_code == 403


def test_several_lines_are_ticked_and_given_away_at_once(browser: Client, site: Site, morgan: StaffMember) -> None:
    rows = [enroll(site), enroll(site)]
    told = page(browser, "/?scope=site&pick=1")
    ticks = [f"{row.public_id}:{row.version}" for row in rows]
    assert all(f'value="{tick}"' in told for tick in ticks)
    assert "tick" not in page(browser, "/?scope=site")
    given = {"line": ticks, "owner": str(morgan.actor.public_id), "next": "/?scope=site"}
    answer = browser.post(reverse("follow_ups_assign"), given, follow=True)
    assert answer.redirect_chain[0] == ("/?scope=site", 303)
    assert "2 lines given to Morgan Plaice." in answer.content.decode()
    assert {FollowUp.objects.get(pk=row.pk).owner for row in rows} == {morgan.actor}


def test_giving_nothing_or_what_changed_meanwhile_says_so(browser: Client, site: Site, morgan: StaffMember) -> None:
    row, address = enroll(site), reverse("follow_ups_assign")
    assert "Choose at least one line." in browser.post(address, {"owner": ""}, follow=True).content.decode()
    stale = {"line": f"{row.public_id}:{row.version}", "owner": str(morgan.actor.public_id)}
    browser.post(address, stale)
    told = browser.post(address, stale, follow=True).content.decode()
    assert "1 was left as it is" in told


@pytest.mark.parametrize("owner", [{"owner": "zzz"}, {}])
def test_an_owner_that_is_nobody_we_know_takes_nothing_away(
    browser: Client, site: Site, morgan: StaffMember, owner: dict[str, str]
) -> None:
    row, address = enroll(site), reverse("follow_ups_assign")
    browser.post(address, {"line": f"{row.public_id}:{row.version}", "owner": str(morgan.actor.public_id)})
    told = browser.post(address, {"line": f"{row.public_id}:", **owner}, follow=True).content.decode()
    assert say(sentence("follow_up.refused.owner")) in told
    assert FollowUp.objects.get(pk=row.pk).owner == morgan.actor
    browser.post(address, {"line": f"{row.public_id}:", "owner": ""})
    assert FollowUp.objects.get(pk=row.pk).owner is None


def test_another_owner_and_another_day_are_chosen_in_the_line(browser: Client, site: Site) -> None:
    row = enroll(site)
    for name, field in (("follow_up_assign", "owner"), ("follow_up_reschedule", "on"), ("follow_up_close", "outcome")):
        unfolded = browser.get(reverse(name, args=[row.public_id]), headers={"HX-Request": "true"}).content.decode()
        assert element(row) in unfolded and f'name="{field}' in unfolded and "data-fold" in unfolded
    closed = browser.get(reverse("today_line", args=["follow_up", row.public_id]), headers={"HX-Request": "true"})
    assert "data-fold" not in closed.content.decode()


def test_a_contact_may_be_left_for_the_next_one_only_where_there_is_one(browser: Client, site: Site) -> None:
    row = enroll(site)
    of_kind = row.enrollment.follow_ups.filter(rule_key="stabilization-daily-contact").order_by("due_at")
    first, last = of_kind[0], of_kind.last()
    assert last is not None

    def offered(one: FollowUp) -> bool:
        return 'value="rescheduled"' in browser.get(reverse("follow_up_close", args=[one.public_id])).content.decode()

    assert (offered(first), offered(last)) == (True, False)
    given = {"outcome": "rescheduled", "version": first.version}
    assert browser.post(reverse("follow_up_close", args=[first.public_id]), given).status_code == 303
    assert FollowUp.objects.get(pk=first.pk).outcome == "rescheduled"


def test_a_line_that_is_not_there_is_not_found(browser: Client, site: Site) -> None:
    foreign = enroll(make.site())
    for kind, row in (("follow_up", foreign), ("song", foreign), ("session", foreign)):
        assert browser.get(reverse("today_line", args=[kind, row.public_id])).status_code == 404


def test_while_somebody_is_at_work_only_the_counts_are_sent(browser: Client, site: Site) -> None:
    row = enroll(site)
    digest = browser.get("/?scope=site").context["digest"]
    quiet = browser.get(f"/?scope=site&seen={digest}&busy=1", headers=HTMX)
    assert quiet["HX-Reswap"] == "none" and "today-new" not in quiet.content.decode()
    enroll(site)
    changed = browser.get(f"/?scope=site&seen={digest}&busy=1", headers=HTMX)
    told = changed.content.decode()
    assert changed["HX-Reswap"] == "none"
    assert "today-tally" in told and "Something on the list has changed" in told
    assert element(row) not in told


def test_the_refreshing_list_keeps_its_filter(browser: Client, site: Site) -> None:
    enroll(site)
    told = page(browser, "/?scope=site&kind=call")
    assert "scope=site&amp;kind=call&amp;seen=" in told


def test_the_cover_sees_for_whom_a_line_is(browser: Client, site: Site, ada: StaffMember, morgan: StaffMember) -> None:
    row = enroll(site)
    supervisor = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    follow_ups.assign(by=supervisor, now=clock.now(), follow_up_id=row.public_id, owner_id=morgan.actor.public_id)
    today = clock.now().astimezone(site.zone).date().isoformat()
    given = {
        "actor": str(morgan.actor.public_id), "cover": str(ada.actor.public_id), "starts_on": today, "ends_on": today,
    }  # fmt: skip
    assert element(row) not in page(browser)
    assert browser.post(reverse("absences"), given).status_code == 303
    told = page(browser)
    assert element(row) in told and "you, for Morgan Plaice" in told
    assert "Morgan Plaice" in page(browser, reverse("absences"))


def test_an_absence_that_cannot_be_keeps_what_was_typed_and_says_why(
    browser: Client, ada: StaffMember, morgan: StaffMember
) -> None:
    given = {
        "actor": str(ada.actor.public_id), "cover": str(morgan.actor.public_id),
        "starts_on": "2020-01-02", "ends_on": "2020-01-03", "note": "Sea",
    }  # fmt: skip
    answer = browser.post(reverse("absences"), given)
    told = answer.content.decode()
    assert answer.status_code == 422
    assert "These days are over." in told and 'value="Sea"' in told
    assert not Absence.objects.exists()


def test_who_is_away_has_to_be_said_by_who_records_it_for_others(browser: Client, morgan: StaffMember) -> None:
    told = page(browser, reverse("absences"))
    assert 'for="id_actor">Who is away</label>' in told
    answer = browser.post(reverse("absences"), {"actor": "", "cover": str(morgan.actor.public_id)})
    assert (answer.status_code, "actor" in answer.context["form"].errors) == (422, True)


def test_an_absence_is_cancelled_on_its_page(
    browser: Client, ada: StaffMember, morgan: StaffMember, site: Site
) -> None:
    today = clock.now().astimezone(site.zone).date().isoformat()
    given = {
        "actor": str(ada.actor.public_id), "cover": str(morgan.actor.public_id), "starts_on": today, "ends_on": today,
    }  # fmt: skip
    browser.post(reverse("absences"), given)
    row = Absence.objects.get()
    theirs = make.sign_in(Client(), morgan)
    assert theirs.post(reverse("absence_cancel", args=[row.public_id])).status_code == 403
    browser.post(reverse("absence_cancel", args=[row.public_id]), {"version": row.version})
    row.refresh_from_db()
    assert row.cancelled_at is not None


def test_who_gives_no_work_away_records_only_their_own_absence(morgan: StaffMember) -> None:
    theirs = make.sign_in(Client(), morgan)
    assert 'name="actor"' not in page(theirs, reverse("absences"))


def test_a_result_says_when_it_is_tried_again_and_what_silence_does(browser: Client, site: Site) -> None:
    row = enroll(site)
    saved = browser.post(
        reverse("call", args=[row.public_id]), {"outcome": "no_answer"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "Saved. Next try" in saved and "Step " in saved and "Undo" in saved


def test_a_long_group_is_read_page_by_page(browser: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathways.web.groups.SHOWN_OF_ONE", 5)
    for _ in range(3):
        enroll(site)

    def late(number: int) -> dict[str, Any]:
        groups = browser.get(f"/?scope=site&all=late&page={number}").context["groups"]
        return next(each for each in groups if each["key"] == "late")

    pages = [late(1)]
    while pages[-1]["after"]:
        pages.append(late(pages[-1]["after"]))
    seen = [line["id"] for each in pages for line in each["lines"]]
    assert len(pages) > 1 and len(seen) == len(set(seen)) == pages[0]["count"]
    assert pages[1]["before"] == 1
    assert late(99)["lines"][0]["id"] == pages[-1]["lines"][0]["id"]


def test_a_few_lines_of_each_group_are_shown_until_all_are_asked_for(browser: Client, site: Site) -> None:
    for _ in range(4):
        enroll(site)
    shown = next(each for each in browser.get("/?scope=site").context["groups"] if each["key"] == "late")
    assert len(shown["lines"]) < shown["count"] and "show all" in page(browser, "/?scope=site")
    whole = next(each for each in browser.get("/?scope=site&all=late").context["groups"] if each["key"] == "late")
    assert len(whole["lines"]) == whole["count"] == shown["count"]
