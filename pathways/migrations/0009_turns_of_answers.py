"""A reply is answered once by itself, and once more by a person who asks them to call.

The new index is made beside the old constraint, and the old one goes after: answers are written meanwhile
(docs/risky-migrations.md).
"""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

MAKE = """
CREATE UNIQUE INDEX CONCURRENTLY reminder_answers_in_turn ON pathways_reminder (reply_id, rung)
WHERE reply_id IS NOT NULL
"""
DROP = "DROP INDEX CONCURRENTLY IF EXISTS reminder_answers_in_turn"


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('pathways', '0008_lines_of_channels'),
    ]

    operations = [
        migrations.AlterField(
            model_name='reminder',
            name='rung',
            field=models.PositiveSmallIntegerField(default=0, help_text="Of a follow-up's ladder; whose turn, to a reply."),
        ),
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
        migrations.RunSQL(
            MAKE,
            DROP,
            state_operations=[
                migrations.AddConstraint(
                    model_name='reminder',
                    constraint=models.UniqueConstraint(condition=models.Q(('reply__isnull', False)), fields=('reply', 'rung'), name='reminder_answers_in_turn'),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='reminder',
            name='reminder_answers_once',
        ),
        AddConstraintNotValid(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('reply__isnull', True), ('rung__in', [0, 1]), _connector='OR'), name='reminder_answer_turn'),
        ),
        ValidateConstraint(model_name='reminder', name='reminder_answer_turn'),
    ]
