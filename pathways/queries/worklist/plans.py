"""Plans to be looked at again together, and plans ready for the person's own signature."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from clinic.queries.among import among
from clinic.queries.prepared import Given, prepared
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.models import PhaseStay, Plan, PlanReview, PlanSignature
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.queries.worklist.returns import counselors
from pathways.rules.moves import RUNNING
from pathways.rules.plans import PlanKind, PlanSigner, ReviewDue, Reviewed, ReviewFacts, review_due
from pathways.rules.worklist import Item, LineKind, LineType

SIGNATURE_WINDOW = 7
"""Days a plan may wait for its signature (local default)."""
COLUMNS = (
    "pk", "public_id", "patient_id", "patient__public_id", "enrollment__counselor_id", "changed_at", "opened_at",
    "review_on", "stay", "last", "to_sign",
)  # fmt: skip


def _open(site: int | Given) -> QuerySet[Plan]:
    """Open plans of the people under way at the site; `to_sign`: signed by staff as they stand, not by the person."""
    rows = Plan.objects.filter(closed_at__isnull=True, enrollment__site=site, enrollment__status__in=RUNNING)
    stay = _stays().values(stay=JSONObject(at="started_at", phase="phase__key", title="phase__title"))
    last = PlanReview.objects.filter(plan=OuterRef("pk")).order_by("-reviewed_at", "-pk")
    newest = last.values(last=JSONObject(at="reviewed_at", phase="phase__key"))[:1]
    signed = PlanSignature.objects.filter(plan=OuterRef("pk"), effective_at__gte=OuterRef("changed_at"))
    # The person first: most plans have both names, and then the other is not looked for.
    to_sign = ~Exists(signed.filter(signer=PlanSigner.PATIENT)) & Exists(signed.filter(signer=PlanSigner.STAFF))
    return rows.annotate(stay=Subquery(stay), last=Subquery(newest), to_sign=to_sign).order_by("opened_at", "pk")


def _stays() -> QuerySet[PhaseStay]:
    """The phase the person of a plan is in."""
    return PhaseStay.objects.filter(enrollment=OuterRef("enrollment"), ended_at__isnull=True).order_by()


def gather(asked: Asked) -> Iterator[Entry]:
    """Plans whose day has come or whose person has changed the phase since, and plans to be signed. One query."""
    if not asked.may(Permission.PLAN_READ):
        return
    for row in _owed(asked.site.pk, asked.today):
        due = _due(asked, row)
        if due is not None and due.is_due:
            at = datetime.combine(due.on, time(9), asked.site.zone)
            yield _entry(asked, row, LineType.PLAN_REVIEW, LineKind.REVIEW, at)
        if row[-1]:
            yield _entry(asked, row, LineType.PLAN_SIGNATURE, LineKind.SIGN, row[5], SIGNATURE_WINDOW)


@prepared
def _owed(site: int, today: date) -> QuerySet[Any, Any]:
    rows = _open(site).filter(Q(review_on__lte=today) | _phase_changed() | Q(to_sign=True))
    return rows.values_list(*COLUMNS)[:MOST_LINES]


def _entry(asked: Asked, row: Sequence[Any], kind: LineType, work: LineKind, at: datetime, days: int = 0) -> Entry:
    pk, public_id, patient, person, counselor, *_plan = row
    item = Item(kind, work, public_id, person, at, asked.site.time_zone, days)
    return Entry(item, counselors(counselor), patient, pk)


def _phase_changed() -> Q:
    """Whether the phase has changed since the plan was opened, as far as no review in it has been held since."""
    since = PlanReview.objects.filter(plan=OuterRef(OuterRef("pk")), reviewed_at__gte=OuterRef("started_at"))
    elsewhere = since.exclude(phase=OuterRef("phase"))
    entered = _stays().filter(~Exists(since) | Exists(elsewhere), started_at__gt=OuterRef("opened_at"))
    return Q(Exists(entered))


def _due(asked: Asked, row: Sequence[Any]) -> ReviewDue | None:
    opened, review_on, stay, last = row[6:10]
    entered = datetime.fromisoformat(stay["at"]) if stay else None
    facts = ReviewFacts(
        opened_at=opened,
        last=Reviewed(datetime.fromisoformat(last["at"]), last["phase"]) if last else None,
        review_on=review_on,
        phase=stay["phase"] if stay else None,
        phase_title=stay["title"] if stay else "",
        entered_at=entered,
        entered_on=entered.astimezone(asked.site.zone).date() if entered else None,
    )
    return review_due(facts, asked.today)


def dress_reviews(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """Two queries."""
    ids = [each.record for each in entries]
    found = {row[0]: _due(asked, row) for row in _as_they_stand(asked.site.pk, ids)}
    dressed = {}
    for plan in _rows(ids):
        due = found.get(plan.pk)
        why = due.reason if due else sentence("today.plan_review")
        dressed[plan.public_id] = Dressed(plan, plan.patient, _title("review", plan), why)
    return dressed


@prepared
def _as_they_stand(site: int, ids: list[int]) -> QuerySet[Any, Any]:
    return _open(site).filter(pk__in=among(ids)).values_list(*COLUMNS)


@prepared
def _rows(ids: list[int]) -> QuerySet[Plan]:
    return Plan.objects.filter(pk__in=among(ids)).select_related("patient")


def dress_signatures(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = _rows([each.record for each in entries])
    why = sentence("today.plan_sign")
    return {row.public_id: Dressed(row, row.patient, _title("sign", row), why) for row in rows}


def _title(what: str, row: Plan) -> Sentence:
    return sentence(f"today.plan.{what}", plan=PlanKind(row.kind))


PLANS = Source(gather, {LineType.PLAN_REVIEW: dress_reviews, LineType.PLAN_SIGNATURE: dress_signatures})
