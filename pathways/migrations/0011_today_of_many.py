"""Indexes for what Today and its early warnings look up of one site, or of the last days."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('pathways', '0010_wrong_tries'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='enrollment',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['ended_at', 'patient'], name='enrollment_ended'),
        ),
        AddIndexConcurrently(
            model_name='followup',
            index=models.Index(condition=models.Q(('outcome', ''), _negated=True), fields=['site', 'closed_at'], name='follow_up_ended_at_site'),
        ),
        AddIndexConcurrently(
            model_name='followup',
            index=models.Index(condition=models.Q(('outcome', '')), fields=['patient', 'due_at'], name='follow_up_open_of_patient'),
        ),
        AddIndexConcurrently(
            model_name='levelofcareassessment',
            index=models.Index(condition=models.Q(('cosigned_at__isnull', True), ('decided_at__isnull', False), ('needs_second_signature', True)), fields=['site', 'decided_at'], name='level_to_sign'),
        ),
        AddIndexConcurrently(
            model_name='levelstay',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['ended_at'], name='level_stay_ended'),
        ),
        AddIndexConcurrently(
            model_name='reminder',
            index=models.Index(condition=models.Q(('needs_person', True), ('status', 'uncertain')), fields=['site', 'status_at'], name='reminder_unclear_at_site'),
        ),
        AddIndexConcurrently(
            model_name='returntouse',
            index=models.Index(fields=['effective_at'], name='return_to_use_lately'),
        ),
        AddIndexConcurrently(
            model_name='session',
            index=models.Index(condition=models.Q(('documented_at__isnull', True), ('status__in', ['booked', 'checked_in'])), fields=['site', 'starts_at'], name='session_to_document'),
        ),
    ]
