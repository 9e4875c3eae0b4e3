"""A time is told with its zone where the clock there shows something else than the clock here."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from clinic.rules.zones import are_apart, zone_word

SUMMER, WINTER = datetime(2026, 6, 19, 14, tzinfo=UTC), datetime(2026, 12, 19, 14, tzinfo=UTC)
NEW_YORK, CHICAGO, DETROIT = (ZoneInfo(f"America/{name}") for name in ("New_York", "Chicago", "Detroit"))


def test_two_zones_are_apart_where_their_clocks_differ_whatever_they_are_called() -> None:
    assert are_apart(CHICAGO, NEW_YORK, SUMMER)
    assert not are_apart(DETROIT, NEW_YORK, SUMMER)
    assert not are_apart(NEW_YORK, NEW_YORK, SUMMER)


def test_two_zones_are_apart_for_half_a_year_where_one_keeps_no_summer_time() -> None:
    phoenix, denver = ZoneInfo("America/Phoenix"), ZoneInfo("America/Denver")
    assert [are_apart(phoenix, denver, at) for at in (SUMMER, WINTER)] == [True, False]


def test_a_zone_is_called_as_people_call_it_on_that_day() -> None:
    assert [zone_word(CHICAGO, at) for at in (SUMMER, WINTER)] == ["CDT", "CST"]
    assert zone_word(ZoneInfo("America/Sao_Paulo"), SUMMER) == "UTC-03"
    assert zone_word(UTC, SUMMER) == "UTC"
