"""The pages of administration: what is typed stays, what is wrong is said where it is, what is done is seen."""

import re

import pytest
from django.core import mail
from django.test import Client

from clinic.models import ApiClient, AuditEntry, Site, StaffMember
from clinic.rules.roles import Role
from tests.factories import clinic as make
from tests.factories import pathways

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> StaffMember:
    person = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR], name="Olive Gatekeeper")
    make.sign_in(client, person)
    return person


def _person(site: Site, **changes: object) -> dict[str, object]:
    return {
        "full_name": "Juniper Vale",
        "email": "juniper@example.org",
        "title": "RN",
        "roles": ["nurse"],
        "sites": [str(site.public_id)],
    } | changes


def test_an_invitation_makes_the_person_and_sends_a_letter_with_a_link(client: Client, admin: StaffMember) -> None:
    answer = client.post("/staff/invite/", _person(make.site()))
    assert answer.status_code == 303
    member = StaffMember.objects.get(user__email="juniper@example.org")
    assert str(member.public_id) in answer["Location"]
    [letter] = mail.outbox
    assert letter.to == ["juniper@example.org"]
    link = re.search(r"http\S+", letter.body)
    assert link is not None
    form = Client().get(link[0].split("8000", 1)[-1], follow=True)
    assert form.status_code == 200
    assert "password1" in form.content.decode()
    assert "A letter with a link to set a password went to" in client.get(answer["Location"]).content.decode()


def test_a_refused_invitation_keeps_what_was_typed(client: Client, admin: StaffMember) -> None:
    make.staff(email="juniper@example.org")
    answer = client.post("/staff/invite/", _person(make.site()))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody with this e-mail address is already here." in page
    assert 'value="Juniper Vale"' in page
    assert re.search(r'value="nurse"[^>]* checked', page)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "This is needed."),
        ("a\x00b", "characters that cannot be stored"),
        ("x" * 121, "longer than 120 characters"),
    ],
)
def test_text_that_cannot_be_kept_gets_our_own_sentence(
    client: Client, admin: StaffMember, name: str, said: str
) -> None:
    answer = client.post("/staff/invite/", _person(make.site(), full_name=name))
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_staff_are_found_by_a_part_of_name_or_address(client: Client, admin: StaffMember) -> None:
    make.staff(name="Wren Alder", email="wren@example.org")
    assert "Wren Alder" in client.get("/staff/", {"q": "wren@"}).content.decode()
    assert "Wren Alder" not in client.get("/staff/", {"q": "nobody"}).content.decode()


def test_a_change_that_came_too_late_is_refused_with_412_and_keeps_what_was_typed(
    client: Client, admin: StaffMember
) -> None:
    person = make.staff()
    site = person.actor.sites.get()
    body = _person(site, version=person.version)
    assert client.post(f"/staff/{person.public_id}/", body).status_code == 303
    late = client.post(f"/staff/{person.public_id}/", body | {"title": "typed title"})
    assert late.status_code == 412
    assert 'value="typed title"' in late.content.decode()


def test_the_last_administrator_is_told_so_on_the_page(client: Client, admin: StaffMember) -> None:
    site = admin.actor.sites.get()
    answer = client.post(f"/staff/{admin.public_id}/", _person(site, version=admin.version))
    assert answer.status_code == 409
    assert "This is the last administrator." in answer.content.decode()


def test_ending_and_giving_access_again(client: Client, admin: StaffMember) -> None:
    person = make.staff(name="Wren Alder")
    client.post(f"/staff/{person.public_id}/deactivate/")
    assert "Wren Alder has no access any more." in client.get(f"/staff/{person.public_id}/").content.decode()
    client.post(f"/staff/{person.public_id}/reactivate/")
    assert mail.outbox[-1].to == [person.user.email]


def test_nobody_is_found_under_a_made_up_id(client: Client, admin: StaffMember) -> None:
    assert client.get("/staff/5f0c9d3a-6c1b-4b8e-9a43-0f2f5d6a7b80/").status_code == 404


def test_a_program_manager_sees_staff_but_changes_nobody(client: Client) -> None:
    make.sign_in(client, make.staff(roles=[Role.PROGRAM_MANAGER]))
    person = make.staff()
    page = client.get("/staff/")
    assert page.status_code == 200
    assert "Invite" not in page.content.decode()
    assert client.post(f"/staff/{person.public_id}/deactivate/").status_code == 403


def test_a_site_is_opened_changed_and_closed(client: Client, admin: StaffMember) -> None:
    body = {
        "name": "Hillside",
        "code": "hill",
        "discreet_name": "the office",
        "phone": "202 555 0123",
        "time_zone": "America/Chicago",
        "contact_opens": "09:00",
        "contact_closes": "18:00",
    }
    bad = client.post("/sites/new/", body | {"time_zone": "Mars/Olympus"})
    assert bad.status_code == 422
    assert "Mars/Olympus is no time zone." in bad.content.decode()
    assert client.post("/sites/new/", body).status_code == 303
    site = Site.objects.get(code="hill")
    assert client.post(f"/sites/{site.public_id}/", body | {"name": "Hilltop", "version": "1"}).status_code == 303
    client.post(f"/sites/{site.public_id}/close/")
    site.refresh_from_db()
    assert (site.name, site.closed_at is None) == ("Hilltop", False)
    assert "Hilltop is closed." in client.get("/sites/").content.decode()


def test_a_site_with_people_under_way_is_not_closed_and_says_why(client: Client, admin: StaffMember) -> None:
    site = make.site("Lakeside")
    pathways.enrolled(site=site)
    client.post(f"/sites/{site.public_id}/close/")
    site.refresh_from_db()
    assert site.closed_at is None
    assert "Lakeside cannot be closed yet: 1 person is enrolled here" in client.get("/sites/").content.decode()


def test_the_shell_switches_between_ones_own_sites_only(client: Client) -> None:
    first, second, foreign = make.site("Riverbend"), make.site("Hillside"), make.site("Elsewhere")
    person = make.staff(sites=[first, second])
    make.sign_in(client, person)
    answer = client.post("/account/site/", {"site": str(second.public_id), "next": "/account/"})
    assert (answer.status_code, answer["Location"]) == (303, "/account/")
    person.refresh_from_db()
    assert person.current_site == second
    assert client.post("/account/site/", {"site": str(foreign.public_id)}).status_code == 404
    assert client.post("/account/site/", {"site": "\x00"}).status_code == 404


def test_the_secret_of_a_program_is_shown_once_and_opens_the_api(client: Client, admin: StaffMember) -> None:
    body = {"name": "Laboratory", "scopes": ["programs.read"], "sites": [str(make.site().public_id)]}
    made = client.post("/api-clients/new/", body)
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    row = ApiClient.objects.get()
    [secret] = [each for each in re.findall(r'class="secret">([^<]+)<', made.content.decode()) if len(each) == 48]
    row.secret = secret  # type: ignore[attr-defined]
    assert make.token(Client(), row)
    assert secret not in client.get(f"/api-clients/{row.public_id}/").content.decode()
    client.post(f"/api-clients/{row.public_id}/revoke/")
    assert "Revoked" in client.get("/api-clients/").content.decode()


def test_the_privacy_officer_finds_who_did_what_page_by_page(client: Client) -> None:
    admin = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR], name="Olive Gatekeeper")
    make.sign_in(client, admin)
    for _ in range(60):
        client.post(f"/staff/{make.staff().public_id}/letter/")
        client.post("/account/theme/", {"theme": "dark"})
    officer = Client()
    make.sign_in(officer, make.staff(roles=[Role.PRIVACY_OFFICER]))
    first = officer.get("/audit/", {"actor": str(admin.actor.public_id), "action": "account."}).content.decode()
    assert first.count("account.update") >= 50
    older = re.search(r'href="(\?[^"]*before=[^"]+)"', first)
    assert older is not None
    second = officer.get("/audit/" + older[1].replace("&amp;", "&"))
    assert second.status_code == 200
    assert second.content.decode().count("<code>account.update</code>") == 10
    assert officer.get("/audit/", {"before": "made-up"}).status_code == 404
    assert officer.get("/audit/", {"patient": "no id"}).status_code == 422


def test_a_refusal_stands_in_the_audit(client: Client, admin: StaffMember) -> None:
    client.post(f"/staff/{admin.public_id}/deactivate/")
    entry = AuditEntry.objects.get(action="staff.deactivate")
    assert (entry.outcome, entry.details["code"]) == ("refused", "not_yourself")


def test_a_person_changes_their_own_settings(client: Client) -> None:
    person = make.staff()
    make.sign_in(client, person)
    body = {"full_name": "Ada S.", "phone": "", "theme": "dark", "language": "es"}
    assert client.post("/account/", body).status_code == 303
    page = client.get("/account/").content.decode()
    assert 'data-bs-theme="dark"' in page
    assert 'lang="es"' in page
