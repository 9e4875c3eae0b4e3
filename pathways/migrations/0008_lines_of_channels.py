"""Each channel has a line of its own; what a person decides stands in none; any channel can be paused.

The index is made beside the old one and the old one dropped after: claims go on meanwhile (docs/risky-migrations.md).
"""

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('pathways', '0007_reminder_subjects'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='reminder',
            index=models.Index(condition=models.Q(('needs_person', False), ('status', 'planned')), fields=['channel', 'next_at', 'id'], name='reminder_in_line'),
        ),
        AddIndexConcurrently(
            model_name='reminder',
            index=models.Index(condition=models.Q(('needs_person', True)), fields=['due_at', 'id'], name='reminder_for_a_person'),
        ),
        RemoveIndexConcurrently(
            model_name='reminder',
            name='reminder_due',
        ),
        migrations.RemoveConstraint(
            model_name='deliverypause',
            name='delivery_pause_scope',
        ),
        AddConstraintNotValid(
            model_name='deliverypause',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', ''), ('scope', 'all'), ('site__isnull', True), ('template', '')), models.Q(('channel', ''), ('scope', 'site'), ('site__isnull', False), ('template', '')), models.Q(('scope', 'channel'), ('site__isnull', True), ('template', ''), models.Q(('channel', ''), _negated=True)), models.Q(('channel', ''), ('scope', 'template'), ('site__isnull', True), models.Q(('template', ''), _negated=True)), _connector='OR'), name='delivery_pause_scope'),
        ),
        ValidateConstraint(model_name='deliverypause', name='delivery_pause_scope'),
    ]
