"""Positive drug screens by their day, for early warnings."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('patients', '0009_deaths_recorded'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='observation',
            index=models.Index(condition=models.Q(('category', 'drug_screen'), ('result', 'positive'), ('status', 'final')), fields=['effective_at', 'patient'], name='observation_positive'),
        ),
    ]
