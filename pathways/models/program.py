"""A program and its versions: one canonical document each, immutable once published (decisions.md 6)."""

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed, Versioned
from clinic.models.pairs import paired


class Program(Keyed):
    """[PlanDefinition] The course of care a clinic offers, whatever its version."""

    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    substance = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["key"], name="program_key_once")]

    def __str__(self) -> str:
        return self.title


class VersionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class ProgramVersion(Keyed, Versioned):
    """draft → published → retired. `document` is the whole program; `digest` its sha256 in canonical form.

    `based_on`: the version a draft was copied from. `confirmed`: a clinician read the clinical defaults and took them
    on.
    """

    program = models.ForeignKey(Program, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=9, choices=VersionStatus.choices, default=VersionStatus.DRAFT)
    is_current = models.BooleanField(default=False)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="program_version_number_once"),
            models.UniqueConstraint(
                fields=["program"], condition=models.Q(is_current=True), name="program_one_current_version"
            ),
            models.UniqueConstraint(fields=["program"], condition=models.Q(status="draft"), name="program_one_draft"),
            models.CheckConstraint(
                condition=models.Q(is_current=False) | models.Q(status="published"), name="program_current_is_published"
            ),
            paired("published", name="program_version_published_at_by"),
            paired("confirmed", name="program_version_confirmed_at_by"),
            paired("retired", name="program_version_retired_at_by"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_version_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="draft"),
                func="""
                    IF TG_OP = 'DELETE' OR NEW.status = 'draft'
                       OR (OLD.document, OLD.digest, OLD.number, OLD.program_id, OLD.public_id)
                          IS DISTINCT FROM (NEW.document, NEW.digest, NEW.number, NEW.program_id, NEW.public_id) THEN
                        RAISE EXCEPTION 'a published program version cannot be changed'
                            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'published_version_kept';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class Phase(Keyed):
    """A phase of a version, as a row for what points at it; its content is in the version's document."""

    program_version = models.ForeignKey(ProgramVersion, models.PROTECT, related_name="phases")
    key = models.SlugField(max_length=60)
    ordinal = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    short_title = models.CharField(max_length=40)

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["program_version", "key"], name="phase_key_once"),
            models.UniqueConstraint(fields=["program_version", "ordinal"], name="phase_ordinal_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_phase_complete",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF EXISTS (SELECT 1 FROM pathways_programversion v
                               WHERE v.id = NEW.program_version_id AND v.status <> 'draft') THEN
                        RAISE EXCEPTION 'a published program version takes no further phase'
                            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'published_version_kept';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="published_phase_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT 1 FROM pathways_programversion v
                               WHERE v.id = OLD.program_version_id AND v.status <> 'draft') THEN
                        RAISE EXCEPTION 'a phase of a published program version cannot be changed'
                            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'published_version_kept';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title
