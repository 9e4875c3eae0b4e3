"""Every message names its person and its site; every contact that is owed already is in the sum of the nights to come.

Filled in batches outside one transaction, so that a clinic at work is not stopped (docs/risky-migrations.md).
"""

import django.db.models.deletion
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models, transaction

BATCH = 5_000
NAME_PEOPLE = """
    UPDATE pathways_reminder AS reminder SET patient_id = contact.patient_id, site_id = contact.site_id
    FROM pathways_followup AS contact
    WHERE contact.id = reminder.follow_up_id AND reminder.id IN (
        SELECT id FROM pathways_reminder WHERE patient_id IS NULL ORDER BY id LIMIT %s
    )
"""
COUNT_CONTACTS = """
    INSERT INTO pathways_owedcontact (follow_up_id, follow_up_public_id, enrollment_id, site_id)
    SELECT id, public_id, enrollment_id, site_id FROM pathways_followup AS contact
    WHERE NOT EXISTS (SELECT 1 FROM pathways_owedcontact WHERE follow_up_id = contact.id)
    ORDER BY id LIMIT %s
    ON CONFLICT DO NOTHING
"""
BE_STRICT = """
    ALTER TABLE pathways_reminder ADD CONSTRAINT reminder_has_{column} CHECK ({column} IS NOT NULL) NOT VALID;
    ALTER TABLE pathways_reminder VALIDATE CONSTRAINT reminder_has_{column};
    ALTER TABLE pathways_reminder ALTER COLUMN {column} SET NOT NULL;
    ALTER TABLE pathways_reminder DROP CONSTRAINT reminder_has_{column};
"""
BE_LAX = "ALTER TABLE pathways_reminder ALTER COLUMN {column} DROP NOT NULL"


def fill(apps, schema_editor):
    """Batch after batch, each committed by itself."""
    for statement in (NAME_PEOPLE, COUNT_CONTACTS):
        done = BATCH
        while done:
            with transaction.atomic(), schema_editor.connection.cursor() as cursor:
                cursor.execute(statement, [BATCH])
                done = cursor.rowcount


def strict(column, field):
    """NOT NULL by way of a check that is validated without stopping anybody."""
    lines = [each.strip() for each in BE_STRICT.format(column=column).strip().splitlines()]
    return migrations.RunSQL(
        lines,
        BE_LAX.format(column=column),
        state_operations=[
            migrations.AlterField(model_name="reminder", name=column.removesuffix("_id"), field=field),
        ],
    )


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('pathways', '0006_nobody_lost'),
        ('patients', '0006_grace_hours'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        strict(
            "patient_id",
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='patients.patient'),
        ),
        strict(
            "site_id",
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site'),
        ),
        AddIndexConcurrently(
            model_name='reminder',
            index=models.Index(fields=['patient', 'channel', '-status_at'], name='reminder_written'),
        ),
        RemoveIndexConcurrently(
            model_name='reminder',
            name='reminder_frequency',
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('attendance__isnull', False)), fields=('attendance', 'subject_version', 'offset_minutes', 'contact_point'), name='reminder_of_a_session_once'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('reply__isnull', False)), fields=('reply',), name='reminder_answers_once'),
        ),
        AddConstraintNotValid(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('attendance__isnull', True), ('follow_up__isnull', False), ('reply__isnull', True)), models.Q(('attendance__isnull', False), ('follow_up__isnull', True), ('reply__isnull', True)), models.Q(('attendance__isnull', True), ('follow_up__isnull', True), ('reply__isnull', False)), _connector='OR'), name='reminder_one_subject'),
        ),
        ValidateConstraint(model_name='reminder', name='reminder_one_subject'),
    ]
