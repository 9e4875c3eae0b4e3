"""The few words inside a ribbon. Names and reasons come with the facts, in the reader's language."""

from dataclasses import dataclass
from datetime import date

WEEKS_FROM, YEARS_FROM = 70, 365  # days from which a length reads better in weeks, in years
DAYS_IN_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Words:
    """Patterns of one language. Every `{…}` is filled by the ribbon."""

    months: tuple[str, ...]
    day: str = "{n} d"
    week: str = "{n} wk"
    year: str = "{n} y"
    today: str = "Today, day {n}"
    since: str = "since {year}"
    again: str = "{phase} again"
    stay: str = "{start} to {end}: {phase}, {length}"
    stay_back: str = "{start} to {end}: back in {phase}, {length}"
    until_today: str = "today"
    hold: str = "On hold {start} to {end}"
    gate_to: str = "Next gate, to {phase}: {met} of {of} met"
    gate_finish: str = "Next gate, completion: {met} of {of} met"
    gate: str = "gate"
    finish: str = "finish"
    ended: str = "Ended {on}"

    def on(self, day: date, year: bool = False) -> str:
        """A day as the axis and the labels write it: "2 Feb", with the year where asked."""
        return f"{day.day} {self.months[day.month - 1]}" + (f" {day.year}" if year else "")

    def month(self, day: date) -> str:
        """A month on the axis; January carries the year."""
        name = self.months[day.month - 1]
        return f"{name} {day.year}" if day.month == 1 else name

    def length(self, days: int) -> str:
        """A length of time in the unit that reads best."""
        if days < WEEKS_FROM:
            return self.day.format(n=days)
        if days < YEARS_FROM:
            return self.week.format(n=round(days / 7))
        return self.year.format(n=f"{days / DAYS_IN_YEAR:.1f}")


ENGLISH = Words(months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"))
SPANISH = Words(
    months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
    week="{n} sem",
    year="{n} a",
    today="Hoy, día {n}",
    since="desde {year}",
    again="{phase} otra vez",
    stay="Del {start} al {end}: {phase}, {length}",
    stay_back="Del {start} al {end}: de vuelta en {phase}, {length}",
    until_today="día de hoy",
    hold="En pausa del {start} al {end}",
    gate_to="Siguiente paso, a {phase}: {met} de {of} cumplidos",
    gate_finish="Siguiente paso, finalización: {met} de {of} cumplidos",
    gate="paso",
    finish="final",
    ended="Terminó el {on}",
)


def words_in(language: str | None) -> Words:
    """The words of a language code such as "es" or "es-mx"; English where it is not kept."""
    return SPANISH if (language or "").lower().startswith("es") else ENGLISH
