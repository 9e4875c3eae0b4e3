"""Choices of filters kept under a name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import SavedView
from pathways.queries.saved_views import DEFAULT, views
from pathways.rules.saved_views import ViewPage, name_problem, read


@action(Permission.VIEW_KEEP, "saved_view.keep")
def keep_view(
    *,
    by: Actor,
    now: datetime,
    page: ViewPage,
    name: str,
    filters: Mapping[str, Any],
    shared: bool = False,
    default: bool = False,
) -> SavedView:
    """Keep a choice of filters. `shared`: with everybody at one's sites who may open the page · `default`: the page
    opens with it, and with no other of one's own.

    Raises Refused (422): a filter the page does not know, no filter at all, a name that is none or taken.
    """
    kept = _checked(page, filters)
    own = _own(by, page)
    problem = name_problem(name, any(each.name == name.strip() for each in own), len(own))
    if problem is not None:
        raise bad_input(name=problem)
    row = SavedView(owner=by, page=page, name=name.strip(), saved_at=now, saved_by=by)
    return _saved(row, kept, by, now, own, shared=shared, default=default)


@action(Permission.VIEW_KEEP, "saved_view.change")
def change_view(
    *,
    by: Actor,
    now: datetime,
    view_id: UUID,
    name: str | None = None,
    filters: Mapping[str, Any] | None = None,
    shared: bool | None = None,
    default: bool | None = None,
    expected_version: int | None = None,
) -> SavedView:
    """Another name, other filters, shared or not, opened with or not; what is left out stays as it is.

    Raises Refused: one that is not seen (404), somebody else's (403), changed meanwhile (412), and as `keep_view`.
    """
    row = _locked(by, view_id, expected_version)
    page = ViewPage(row.page)
    own = [each for each in _own(by, page) if each.pk != row.pk]
    if name is not None:
        problem = name_problem(name, any(each.name == name.strip() for each in own), len(own))
        if problem is not None:
            raise bad_input(name=problem)
        row.name = name.strip()
    was = dict(row.filters)
    kept = _checked(page, filters) if filters is not None else {k: v for k, v in was.items() if k != DEFAULT}
    row.version += 1
    return _saved(
        row, kept, by, now, own,
        shared=row.shared if shared is None else shared,
        default=bool(was.get(DEFAULT)) if default is None else default,
    )  # fmt: skip


@action(Permission.VIEW_KEEP, "saved_view.delete")
def delete_view(*, by: Actor, now: datetime, view_id: UUID, expected_version: int | None = None) -> str:
    """Forget a view of one's own; returns its name. Raises Refused as `change_view`."""
    row = _locked(by, view_id, expected_version)
    _audit("saved_view.delete", row, by, now)
    row.delete()
    return row.name


def _checked(page: ViewPage, filters: Mapping[str, Any]) -> dict[str, str]:
    wanted, problems = read(page, filters)
    if problems:
        raise bad_input(**{f"filters.{name}": said for name, said in problems.items()})
    if not wanted.given:
        raise bad_input(filters=sentence("saved_view.refused.empty"))
    return wanted.given


def _own(by: Actor, page: ViewPage) -> list[SavedView]:
    """One's own views of a page; a person keeps them one after the other."""
    Actor.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.pk)
    return list(SavedView.objects.filter(owner=by, page=page).order_by("pk").select_for_update(no_key=True))


def _locked(by: Actor, public_id: UUID, expected_version: int | None) -> SavedView:
    seen = views(by).filter(public_id=public_id).values_list("pk", flat=True).first()
    if seen is None:
        raise not_found()
    row = SavedView.objects.select_for_update(no_key=True, of=("self",)).get(pk=seen)
    if row.owner_id != by.pk:
        raise Refused("saved_view_not_own", sentence("saved_view.refused.not_own"), status=403)
    if expected_version is not None and row.version != expected_version:
        raise stale()
    return row


def _saved(
    row: SavedView, kept: Mapping[str, str], by: Actor, now: datetime, own: list[SavedView], *, shared: bool,
    default: bool,
) -> SavedView:  # fmt: skip
    if default:
        _open_with_no_other(own)
    row.filters = {**kept, **({DEFAULT: True} if default else {})}
    row.shared, row.saved_at, row.saved_by = shared, now, by
    row.save()
    _audit("saved_view.keep", row, by, now)
    return row


def _open_with_no_other(own: list[SavedView]) -> None:
    for each in own:
        if each.filters.pop(DEFAULT, None):
            each.version += 1
            each.save(update_fields=["filters", "version"])


def _audit(name: str, row: SavedView, by: Actor, now: datetime) -> None:
    details: dict[str, object] = {"page": row.page, "shared": row.shared}
    audit.record(action=name, by=by, now=now, subject=("saved_view", row.public_id), details=details)
