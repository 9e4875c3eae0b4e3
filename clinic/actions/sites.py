"""Opening, changing and closing the places where patients are seen."""

from dataclasses import asdict, dataclass
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, stale
from clinic.models import Actor, Site
from clinic.rules.discretion import name_problem
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.rules.sites import hours_problem, telephone, zone_problem


@dataclass(frozen=True, slots=True)
class Place:
    """What one says about a site; `discreet_name` is what messages call it."""

    name: str
    discreet_name: str
    time_zone: str
    phone: str
    contact_opens: time
    contact_closes: time
    region: str = "US"


@action(Permission.SITE_WRITE, "site.open")
def open_site(*, code: str, place: Place, by: Actor, now: datetime) -> Site:
    """A new site; its code stays. Raises Refused 422 with a sentence per field."""
    return found_site(code=code, place=place, by=by, now=now)


@action(None, "site.found")
def found_site(*, code: str, place: Place, by: Actor, now: datetime) -> Site:
    """What `open_site` and the opening of a clinic share; their callers have been permitted."""
    wrong = _code_problem(code) | _problems(place)
    if wrong:
        raise bad_input(**wrong)
    site = Site.objects.create(code=code, **_columns(place))
    audit.record(action="site.open", by=by, now=now, subject=("site", site.public_id), details={"code": code})
    return site


@action(Permission.SITE_WRITE, "site.change")
def change(*, site: Site, place: Place, by: Actor, now: datetime, expected_version: int | None = None) -> Site:
    """Another name, number, zone or other hours. Raises Refused 412 where somebody was quicker."""
    row = _locked(site, expected_version)
    if wrong := _problems(place):
        raise bad_input(**wrong)
    columns = _columns(place)
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    for name, value in columns.items():
        setattr(row, name, value)
    return _kept(row, by, now, "site.change", {"changed": changed})


@action(Permission.SITE_WRITE, "site.close")
def close(*, site: Site, by: Actor, now: datetime, expected_version: int | None = None) -> Site:
    """Nobody works here from now on; what was recorded stays. The last open site stays open."""
    open_sites = Site.objects.select_for_update(no_key=True).filter(closed_at__isnull=True).order_by("id")
    others = [each for each in open_sites if each.pk != site.pk]
    row = _locked(site, expected_version)
    if row.closed_at is not None:
        raise Refused("site_closed", sentence("sites.already_closed", name=row.name))
    if not others:
        raise Refused("last_site", sentence("sites.last_open"))
    row.closed_at, row.closed_by = now, by
    return _kept(row, by, now, "site.close", {})


@action(Permission.SITE_WRITE, "site.reopen")
def reopen(*, site: Site, by: Actor, now: datetime, expected_version: int | None = None) -> Site:
    """Those who worked here do so again."""
    row = _locked(site, expected_version)
    if row.closed_at is None:
        raise Refused("site_open", sentence("sites.already_open", name=row.name))
    row.closed_at = row.closed_by = None
    return _kept(row, by, now, "site.reopen", {})


def _locked(site: Site, expected_version: int | None) -> Site:
    row = Site.objects.select_for_update(no_key=True, of=("self",)).get(pk=site.pk)
    if expected_version is not None and row.version != expected_version:
        raise stale()
    return row


def _kept(row: Site, by: Actor, now: datetime, name: str, details: dict[str, object]) -> Site:
    row.version += 1
    row.save()
    audit.record(action=name, by=by, now=now, subject=("site", row.public_id), details=details)
    return row


def _columns(place: Place) -> dict[str, object]:
    return asdict(place) | {
        "name": " ".join(place.name.split()),
        "discreet_name": " ".join(place.discreet_name.split()),
        "phone": telephone(place.phone, place.region),
    }


def _problems(place: Place) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    for field in ("name", "discreet_name"):
        if not getattr(place, field).strip():
            wrong[field] = sentence("refused.required")
    if "discreet_name" not in wrong and (problem := name_problem(place.discreet_name.strip())):
        wrong["discreet_name"] = problem
    if problem := zone_problem(place.time_zone):
        wrong["time_zone"] = problem
    if problem := hours_problem(place.contact_opens, place.contact_closes):
        wrong["contact_closes"] = problem
    try:
        telephone(place.phone, place.region)
    except ValueError:
        wrong["phone"] = sentence("sites.bad_phone")
    return wrong


def _code_problem(code: str) -> dict[str, Sentence]:
    try:
        validate_slug(code)
    except ValidationError:
        return {"code": sentence("sites.bad_code")}
    if Site.objects.filter(code=code).exists():
        return {"code": sentence("constraint.site_code_once")}
    return {}
