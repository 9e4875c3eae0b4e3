"""Times that are free for somebody's session, as they may be offered to them."""

from datetime import datetime, timedelta

from pathways.models import Attendance
from pathways.queries.sessions import Wanted, taken
from pathways.rules.sessions import SessionKind, Slot
from pathways.rules.sessions.offers import DAYS_AHEAD, Hours, offers

# These take place for one person, at a time agreed with them; a group has its hour.
WITH_A_TIME_OF_ITS_OWN = (SessionKind.INDIVIDUAL, SessionKind.FAMILY)


def offers_for(place: Attendance, now: datetime) -> tuple[Slot, ...]:
    """Free times for this session in the weeks to come: of whoever leads it, its room and the person. Three queries.

    `session__site`, `session__leader`, `session__room` and `patient` should be loaded. None for a group, or where
    nobody leads it.
    """
    session = place.session
    if session.kind not in WITH_A_TIME_OF_ITS_OWN or session.leader is None:
        return ()
    site, span = session.site, Slot(now, now + timedelta(days=DAYS_AHEAD + 1))
    wanted = Wanted(session.leader, session.room, {place.patient_id: ""})
    minutes = int((session.ends_at - session.starts_at).total_seconds()) // 60
    hours = Hours(site.contact_opens, site.contact_closes, site.time_zone)
    booked = [each.slot for each in taken(wanted, span, but=session)]
    return offers(now=now, minutes=minutes, hours=hours, taken=[*booked, Slot(session.starts_at, session.ends_at)])
