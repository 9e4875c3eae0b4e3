"""The chain of the audit has no fork, whatever locks its writers know."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0006_rooms'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='auditseal',
            constraint=models.UniqueConstraint(fields=('previous_digest',), name='seal_follows_once'),
        ),
    ]
