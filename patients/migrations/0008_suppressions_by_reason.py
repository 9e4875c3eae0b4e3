from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0007_suppression_evidence'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='suppression',
            name='suppression_once',
        ),
        migrations.AddConstraint(
            model_name='suppression',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('channel', 'address', 'patient', 'reason'), name='suppression_once', nulls_distinct=False),
        ),
    ]
