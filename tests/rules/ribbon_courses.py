"""Invented courses of care in every state a ribbon can be in, drawn by the tests of the ribbon."""

from datetime import date

from pathways.rules.ribbon import Course, Gate, Hold, Level, Mark, Phase, Stay

TODAY = date(2026, 6, 18)
PHASES = (
    Phase("Assessment & Stabilization", "Stabilization", "about 4 weeks"),
    Phase("Behavioral Therapy & Relapse Prevention", "Therapy", "typically 16 weeks"),
    Phase("Aftercare & Maintenance", "Aftercare", "about 12 months"),
)


def day(text: str) -> date:
    """A day of 2026 from "2 Feb", or of another year from "2 Feb 2024"."""
    number, month, *year = text.split()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return date(int(year[0]) if year else 2026, months.index(month) + 1, int(number))


def outpatient(start: str, end: str | None = None) -> Level:
    return Level(day(start), day(end) if end else None, 1, "OP", "Outpatient")


def intensive(start: str, end: str | None = None) -> Level:
    return Level(day(start), day(end) if end else None, 2, "IOP", "Intensive outpatient")


COURSES: dict[str, Course] = {
    "third day of care": Course(
        start=day("16 Jun"),
        today=TODAY,
        phases=PHASES,
        stays=(Stay(0, day("16 Jun")),),
        marks=(Mark(day("16 Jun"), "Admitted", "first visit, outpatient"),),
        levels=(outpatient("16 Jun"),),
        gate=Gate(1, 1, 5, "3 assessments still to do"),
        due=day("14 Jul"),
    ),
    "twenty weeks, one step back": Course(
        start=day("2 Feb"),
        today=TODAY,
        phases=PHASES,
        stays=(
            Stay(0, day("2 Feb"), day("26 Feb")),
            Stay(1, day("26 Feb"), day("22 Apr")),
            Stay(0, day("22 Apr"), day("6 May"), back=True),
            Stay(1, day("6 May")),
        ),
        marks=(
            Mark(day("2 Feb"), "Admitted", "outpatient, self-referred"),
            Mark(day("26 Feb"), "Moved to Therapy", "COWS below 5 twice, 24 h apart"),
            Mark(day("22 Apr"), "Step back", "agreed: withdrawal signs"),
            Mark(day("6 May"), "Therapy again", "settled in 14 days"),
        ),
        events=(Mark(day("20 Apr"), "Return to use", "told us herself, same day"),),
        levels=(outpatient("2 Feb", "22 Apr"), intensive("22 Apr", "20 May"), outpatient("20 May")),
        gate=Gate(2, 2, 4, "drug screen lapses Friday"),
        due=day("16 Jul"),
    ),
    "two years": Course(
        start=day("10 Jun 2024"),
        today=TODAY,
        phases=PHASES,
        stays=(
            Stay(0, day("10 Jun 2024"), day("8 Jul 2024")),
            Stay(1, day("8 Jul 2024"), day("28 Oct 2024")),
            Stay(0, day("28 Oct 2024"), day("11 Nov 2024"), back=True),
            Stay(1, day("11 Nov 2024"), day("3 Mar 2025")),
            Stay(2, day("3 Mar 2025")),
        ),
        marks=(
            Mark(day("10 Jun 2024"), "Admitted", "intensive outpatient"),
            Mark(day("8 Jul 2024"), "Moved to Therapy", "stable"),
            Mark(day("28 Oct 2024"), "Step back", "agreed"),
            Mark(day("11 Nov 2024"), "Therapy again", "settled"),
            Mark(day("3 Mar 2025"), "Moved to Aftercare", "all 4 gates met"),
            Mark(day("12 Jan"), "On hold", "moved house, back in 2 weeks"),
        ),
        events=(
            Mark(day("26 Oct 2024"), "Return to use", "call from her brother"),
            Mark(day("9 Aug 2025"), "Return to use", "one day, told her peer"),
        ),
        holds=(Hold(day("12 Jan"), day("26 Jan")),),
        levels=(intensive("10 Jun 2024", "19 Aug 2024"), outpatient("19 Aug 2024")),
        gate=Gate(None, 2, 3),
        due=day("30 Sep"),
    ),
    "longer than typical": Course(
        start=day("16 Feb"),
        today=TODAY,
        phases=PHASES,
        stays=(Stay(0, day("16 Feb"), day("9 Mar")), Stay(1, day("9 Mar"))),
        marks=(Mark(day("16 Feb"), "Admitted", "outpatient"), Mark(day("9 Mar"), "Moved to Therapy", "stable")),
        levels=(outpatient("16 Feb"),),
        gate=Gate(2, 3, 4, "PHQ-9 missing"),
        due=day("25 May"),
    ),
    "stepped back now": Course(
        start=day("2 Mar"),
        today=TODAY,
        phases=PHASES,
        stays=(
            Stay(0, day("2 Mar"), day("27 Mar")),
            Stay(1, day("27 Mar"), day("11 Jun")),
            Stay(0, day("11 Jun"), back=True),
        ),
        marks=(
            Mark(day("2 Mar"), "Admitted", "outpatient"),
            Mark(day("27 Mar"), "Moved to Therapy", "stable"),
            Mark(day("11 Jun"), "Step back", "agreed"),
        ),
        events=(Mark(day("8 Jun"), "Return to use", "said so at check-in"),),
        levels=(outpatient("2 Mar", "11 Jun"), intensive("11 Jun")),
        gate=Gate(1, 3, 5, "COWS below 5 twice"),
        due=day("9 Jul"),
    ),
    "completed": Course(
        start=day("3 Mar 2025"),
        today=TODAY,
        phases=PHASES,
        stays=(
            Stay(0, day("3 Mar 2025"), day("31 Mar 2025")),
            Stay(1, day("31 Mar 2025"), day("4 Aug 2025")),
            Stay(2, day("4 Aug 2025"), day("11 May")),
        ),
        marks=(
            Mark(day("3 Mar 2025"), "Admitted", "outpatient"),
            Mark(day("31 Mar 2025"), "Moved to Therapy", "stable"),
            Mark(day("4 Aug 2025"), "Moved to Aftercare", "4 of 4 met"),
            Mark(day("11 May"), "Completed", "check-ups go on to May 2028"),
        ),
        levels=(outpatient("3 Mar 2025", "11 May"),),
        closed=day("11 May"),
    ),
    "on hold now, after another hold": Course(
        start=day("2 Feb"),
        today=TODAY,
        phases=PHASES,
        stays=(Stay(0, day("2 Feb"), day("26 Feb")), Stay(1, day("26 Feb"))),
        marks=(
            Mark(day("2 Feb"), "Admitted"),
            Mark(day("26 Feb"), "Moved to Therapy"),
            Mark(day("1 Jun"), "On hold", "away for work"),
        ),
        holds=(Hold(day("1 Apr"), day("14 Apr")), Hold(day("1 Jun"))),
        levels=(outpatient("2 Feb"),),
        gate=Gate(2, 1, 4),
        due=day("16 Jul"),
    ),
    "step back again and again": Course(
        start=day("5 Jan"),
        today=TODAY,
        phases=PHASES,
        stays=(
            Stay(0, day("5 Jan"), day("30 Jan")),
            Stay(1, day("30 Jan"), day("3 Mar")),
            Stay(0, day("3 Mar"), day("6 Mar"), back=True),
            Stay(1, day("6 Mar"), day("13 Mar")),
            Stay(0, day("13 Mar"), day("20 Mar"), back=True),
            Stay(1, day("20 Mar"), day("15 May")),
            Stay(2, day("15 May"), day("1 Jun")),
            Stay(1, day("1 Jun"), day("8 Jun"), back=True),
            Stay(0, day("8 Jun"), back=True),
        ),
        marks=(Mark(day("5 Jan"), "Admitted"), Mark(day("8 Jun"), "Step back", "asked for more support")),
        events=(Mark(day("1 Mar"), "Return to use"), Mark(day("12 Mar"), "Return to use")),
        gate=Gate(1, 0, 5),
        due=day("22 Jun"),
    ),
    "step back as the first stay, then a move the same day": Course(
        start=day("1 Jun"),
        today=TODAY,
        phases=PHASES,
        stays=(
            Stay(0, day("1 Jun"), day("1 Jun"), back=True),
            Stay(1, day("1 Jun"), day("18 Jun")),
            Stay(2, day("18 Jun")),
        ),
        marks=(Mark(day("1 Jun"), "Came back"), Mark(day("18 Jun"), "Moved to Aftercare")),
        gate=Gate(None, 0, 3),
        due=day("19 Jun"),
    ),
    "nine years, back in care since 2024": Course(
        start=day("4 Apr 2017"),
        today=TODAY,
        phases=PHASES,
        stays=(
            Stay(0, day("4 Apr 2017"), day("2 May 2017")),
            Stay(1, day("2 May 2017"), day("1 Oct 2018")),
            Stay(0, day("15 Jan 2024"), day("12 Feb 2024")),
            Stay(1, day("12 Feb 2024"), day("3 Sep 2024")),
            Stay(2, day("3 Sep 2024")),
        ),
        marks=(
            Mark(day("4 Apr 2017"), "Admitted"),
            Mark(day("15 Jan 2024"), "Came back", "asked for a place himself"),
            Mark(day("3 Sep 2024"), "Moved to Aftercare", "all met"),
        ),
        levels=(outpatient("15 Jan 2024"),),
        gate=Gate(None, 2, 3),
        due=day("1 Dec"),
        readmitted=(day("15 Jan 2024"),),
    ),
}
