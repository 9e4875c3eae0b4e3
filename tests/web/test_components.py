"""The parts of pages: icon and word together, errors linked to their fields, dates typed as three parts."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from clinic.rules.roles import Role
from clinic.web.widgets import DatePartsField


class Registration(forms.Form):
    full_name = forms.CharField(label="Full name", help_text="As on the insurance card")
    birth_date = DatePartsField(label="Date of birth")
    language = forms.ChoiceField(label="Language", choices=[("en", "English")], widget=forms.RadioSelect)


def drawn(source: str, **context: object) -> str:
    return Template("{% load components %}" + source).render(Context(context))


def test_a_severity_is_an_icon_and_a_word() -> None:
    badge = drawn('{% severity "urgent" "Urgent" %}')
    assert 'class="sev sev-urgent"' in badge
    assert "<svg" in badge
    assert badge.endswith("Urgent</span>")


def test_an_unknown_severity_or_icon_is_a_fault() -> None:
    with pytest.raises(KeyError):
        drawn('{% severity "late" "Late" %}')
    with pytest.raises(KeyError):
        drawn('{% icon "no-such-icon" %}')


def test_words_are_escaped_in_a_badge() -> None:
    assert "<b>" not in drawn('{% severity "info" word %}', word="<b>")


def test_hint_and_error_are_linked_to_their_input() -> None:
    form = Registration({})
    page = drawn("{% field form.full_name %}", form=form)
    assert 'aria-describedby="id_full_name-hint id_full_name-error"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_full_name-hint"' in page
    assert 'id="id_full_name-error"' in page


def test_the_error_summary_links_to_every_field_with_an_error() -> None:
    page = drawn("{% errors form %}", form=Registration({}))
    assert 'href="#id_full_name"' in page
    assert 'href="#id_birth_date_day"' in page
    assert "data-focus" in page


def test_no_summary_where_nothing_is_wrong() -> None:
    assert drawn("{% errors form %}", form=Registration()) == ""
    assert drawn("{% errors nothing %}") == ""


def test_a_group_is_a_fieldset_with_its_own_name() -> None:
    page = drawn("{% field form.birth_date %}{% field form.language %}", form=Registration())
    assert page.count("<fieldset") == 2
    assert page.count("<legend") == 2
    assert "style=" not in page


@pytest.mark.parametrize(("month", "number"), [("3", 3), ("03", 3), ("Mar", 3), ("march", 3), ("ene", 1)])
def test_a_month_may_be_a_number_or_its_name(month: str, number: int) -> None:
    form = Registration({"birth_date_day": "9", "birth_date_month": month, "birth_date_year": "1992"})
    form.is_valid()
    assert form.cleaned_data["birth_date"] == date(1992, number, 9)


def test_an_iso_date_in_one_field_is_taken_too() -> None:
    form = Registration({"birth_date": "1992-03-09"})
    form.is_valid()
    assert form.cleaned_data["birth_date"] == date(1992, 3, 9)


@pytest.mark.parametrize(
    ("day", "month", "year", "said"),
    [
        ("31", "2", "1992", "This day does not exist."),
        ("9", "", "1992", "Type the month too."),
        ("9", "3", "92", "Type the year with four digits."),
        ("9", "13", "1992", "Type the month as a number from 1 to 12, or its name."),
        ("x", "3", "1992", "This day does not exist."),
        ("0", "3", "0000", "This day does not exist."),
    ],
)
def test_a_date_that_cannot_be_says_what_is_wrong(day: str, month: str, year: str, said: str) -> None:
    form = Registration({"birth_date_day": day, "birth_date_month": month, "birth_date_year": year})
    assert form.errors["birth_date"] == [said]


def test_what_was_typed_is_kept_beside_its_error() -> None:
    form = Registration({"birth_date_day": "31", "birth_date_month": "feb", "birth_date_year": "1992"})
    page = drawn("{% field form.birth_date %}", form=form)
    assert 'value="31"' in page
    assert 'value="feb"' in page


def test_a_moment_is_told_in_the_zone_of_the_site() -> None:
    class Site:
        zone = ZoneInfo("America/New_York")

    moment = datetime(2026, 6, 19, 2, 30, tzinfo=UTC)
    assert drawn('{% when moment "datetime" %}', moment=moment, site=Site()) == "Thu 18 Jun 22:30"
    assert drawn('{% when moment "day" %}', moment=date(2026, 6, 18)) == "Thu 18 Jun"
    with translation.override("es"):
        assert drawn('{% when moment "day" %}', moment=date(2026, 6, 18)) == "jue 18 jun"


def test_members_of_enumerations_are_told_in_words() -> None:
    assert drawn("{{ role|label_of }}", role=Role.FRONT_DESK) == "Front desk"


@pytest.mark.parametrize("name", ["PHQ-9", "C-SSRS", "SW-00039"])
def test_a_name_with_a_hyphen_stays_on_one_line(name: str) -> None:
    shown = Template("{% load components %}{{ words|unbroken }}").render(Context({"words": f"<b> {name}, done-to"}))
    assert shown == f'&lt;b&gt; <span class="nowrap">{name}</span>, done-to'
