"""An index that serves what Today asks of one site: messages for a person, whether unclear or with an old time."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('pathways', '0011_today_of_many'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='reminder',
            index=models.Index(condition=models.Q(('needs_person', True)), fields=['site', 'status'], name='reminder_for_a_person_at_site'),
        ),
        RemoveIndexConcurrently(
            model_name='reminder',
            name='reminder_unclear_at_site',
        ),
    ]
