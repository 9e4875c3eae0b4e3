"""The words of messages: in force, changed (by a person's session alone), given up, checked, tried on oneself."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.problems import language_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.models import Site
from clinic.wording import say
from pathways.actions import template_trials as trials
from pathways.actions import templates as verbs
from pathways.models import MessageTemplate, TemplateTrial
from pathways.queries import templates as queries
from pathways.queries.sender_names import links_work
from pathways.queries.templates import Ladder, Slot
from pathways.queries.trials import trial as own_trial
from pathways.rules.messages import SMS, lint, longest_length
from pathways.rules.templates import Level


class LevelFilters(Filters):
    """Whose words: of a site, or (left out) of the clinic."""

    site = fields.PublicId(required=False)


class WordsBody(Body):
    """What the message shall say. E-mail needs a subject, a text message has none."""

    text = fields.Text()
    subject = fields.Text(max_length=200, required=False, allow_blank=True)
    note = fields.Text(max_length=200, required=False, allow_blank=True)


class TemplateRow(Row):
    """What one kind of message says on one channel in one language, and whose words these are."""

    key = fields.Code()
    channel = fields.Code()
    language = fields.Code()
    level = fields.Choice(Level)
    subject = fields.Text(allow_null=True)
    text = fields.Text()
    digest = fields.Code()
    number = fields.Whole(allow_null=True, help_text="Of the version; none for what is shipped.")
    written_at = fields.Moment(allow_null=True)
    written_by = fields.Text(allow_null=True)


class TemplatesRow(Row):
    templates = TemplateRow(many=True)


class TemplateVersionRow(Row):
    """One version of a level's words, kept as it was."""

    id = fields.PublicId()
    number = fields.Whole()
    subject = fields.Text(allow_null=True)
    text = fields.Text()
    digest = fields.Code()
    note = fields.Text()
    written_at = fields.Moment()
    written_by = fields.Text()
    retired_at = fields.Moment(allow_null=True)
    retired_by = fields.Text(allow_null=True)


class WordingProblemRow(Row):
    part = fields.Code()
    code = fields.Code()
    detail = fields.Text()


class LengthRow(Row):
    """How long a text message is with every field at its longest."""

    used = fields.Whole()
    limit = fields.Whole()
    in_alphabet = fields.YesNo()


class CheckedRow(Row):
    """What is wrong with words; nothing where the list is empty."""

    problems = WordingProblemRow(many=True)
    length = LengthRow(allow_null=True)


class TrialRow(Row):
    """A message somebody sent to themselves."""

    id = fields.PublicId()
    channel = fields.Code()
    address = fields.Text()
    subject = fields.Text(allow_null=True)
    text = fields.Text()
    status = fields.Code()
    detail_code = fields.Text()
    asked_at = fields.Moment()
    status_at = fields.Moment()


class TemplatesDoor(Door):
    """What every message says."""

    @operation("list_templates", answers=TemplatesRow, filters=LevelFilters)
    def get(self, request: Request) -> Response:
        """List the words in force at a site, or for the clinic."""
        site = queries.site_at(self.actor, self.filters(LevelFilters).get("site"))
        return self.ok({"templates": [template_row(of, found) for of, found in queries.ladders(site).items()]})


class OneTemplate(Door):
    """What the doors of one message's words share."""

    def place(self, key: str, channel: str, language: str) -> tuple[Slot, Site | None]:
        """The message, and whose words of it are meant. Raises Refused not_found."""
        of = queries.slot(key, channel, language)
        return of, queries.site_at(self.actor, self.filters(LevelFilters).get("site"))

    def shown(self, of: Slot, site: Site | None, status: int = 200) -> Response:
        """The words in force, with the tag of the level's own."""
        return self.ok(
            template_row(of, queries.ladder(of, site)), status=status, etag=f'"{queries.slot_version(of, site)}"'
        )

    def verb(self, of: Slot, site: Site | None) -> dict[str, Any]:
        """What every verb about this message's words is told."""
        return {
            "by": self.actor, "now": self.now, "key": of.key, "channel": of.channel, "language": of.language,
            "site_id": site.public_id if site else None,
        }  # fmt: skip


class TemplateDoor(OneTemplate):
    """The words of one message at a site, or for the clinic."""

    @operation("read_template", answers=TemplateRow, filters=LevelFilters)
    def get(self, request: Request, key: str, channel: str, language: str) -> Response:
        """Read what is in force; the ETag is that of the level's own words."""
        return self.shown(*self.place(key, channel, language))

    @operation("write_template", takes=WordsBody, answers=TemplateRow, filters=LevelFilters, edits=True)
    def put(self, request: Request, key: str, channel: str, language: str) -> Response:
        """Put other words into force from the next message on."""
        of, site = self.place(key, channel, language)
        version = self.expected_version()
        verbs.write_template(**self.verb(of, site), words=words_of(self.body(WordsBody)), expected_version=version)
        return self.shown(of, site)

    @operation("retire_template", answers=TemplateRow, filters=LevelFilters, edits=True)
    def delete(self, request: Request, key: str, channel: str, language: str) -> Response:
        """Give the level's words up: those of the level below are in force."""
        of, site = self.place(key, channel, language)
        verbs.retire_template(**self.verb(of, site), expected_version=self.expected_version())
        return self.shown(of, site)


class TemplateVersionsDoor(OneTemplate):
    """Every version a level's words have had."""

    @operation("list_template_versions", answers=TemplateVersionRow, pages=True, filters=LevelFilters)
    def get(self, request: Request, key: str, channel: str, language: str) -> Response:
        """List them, the newest first."""
        of, site = self.place(key, channel, language)
        return self.page(queries.versions(of, site), ("-number", "-id"), version_row, LevelFilters)


class TemplateCheckDoor(OneTemplate):
    """The judgement on words, without keeping them."""

    changes = False

    @operation("check_template", takes=WordsBody, answers=CheckedRow, filters=LevelFilters)
    def post(self, request: Request, key: str, channel: str, language: str) -> Response:
        """Say what would stand against these words, and how long they get."""
        of, _ = self.place(key, channel, language)
        words, spoken = words_of(self.body(WordsBody)), language_of(request._request)
        typed = verbs.template_from(of, words.text, words.subject)
        told = [{"part": each.part, "code": each.sentence.code, "detail": say(each.sentence, spoken)}
                for each in lint(typed)]  # fmt: skip
        length = longest_length(typed.text) if of.channel == SMS else None
        counted = length and {"used": length.used, "limit": length.limit, "in_alphabet": length.in_alphabet}
        return self.ok({"problems": told, "length": counted})


class TemplateTrialsDoor(OneTemplate):
    """A message to oneself."""

    @operation("try_template", takes=WordsBody, answers=TrialRow, filters=LevelFilters, status=201)
    def post(self, request: Request, key: str, channel: str, language: str) -> Response:
        """Send these words to the address of whoever asks, about somebody invented."""
        of, site = self.place(key, channel, language)
        row = trials.try_template(**self.verb(of, site), words=words_of(self.body(WordsBody)))
        return self.ok(trial_row(row), status=201, location=f"/api/v1/template-trials/{row.public_id}/")


class TemplateTrialDoor(Door):
    """What became of a message to oneself."""

    @operation("read_template_trial", answers=TrialRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read one of one's own."""
        return self.ok(trial_row(own_trial(self.actor, public_id)))


def words_of(given: dict[str, Any]) -> verbs.Words:
    """A body as words."""
    return verbs.Words(given["text"], given.get("subject", ""), given.get("note", ""))


def template_row(of: Slot, found: Ladder) -> dict[str, Any]:
    """What is in force, as JSON."""
    chosen = found.in_force(link=links_work())
    row = found.rows.get(chosen.level)
    return {
        "key": of.key,
        "channel": of.channel,
        "language": of.language,
        "level": chosen.level,
        "subject": chosen.template.subject,
        "text": chosen.template.text,
        "digest": chosen.template.digest,
        "number": row.number if row else None,
        "written_at": row.written_at if row else None,
        "written_by": row.written_by.name if row else None,
    }


def version_row(row: MessageTemplate) -> dict[str, Any]:
    """One version as JSON."""
    return {
        "id": row.public_id,
        "number": row.number,
        "subject": row.subject or None,
        "text": row.text,
        "digest": row.digest,
        "note": row.note,
        "written_at": row.written_at,
        "written_by": row.written_by.name,
        "retired_at": row.retired_at,
        "retired_by": row.retired_by.name if row.retired_by else None,
    }


def trial_row(row: TemplateTrial) -> dict[str, Any]:
    """A trial as JSON."""
    names = ("channel", "address", "text", "status", "detail_code", "asked_at", "status_at")
    return {name: getattr(row, name) for name in names} | {"id": row.public_id, "subject": row.subject or None}
